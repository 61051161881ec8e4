// DNS answers: any octets give a bounded answer of the type asked for; and well-formed messages made of chosen records
// give exactly what a slow model of RFC 1034 §3.6.2 finds in them, in any order of records.
#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "dns/message.hpp"
#include "tests/fuzz/property.hpp"
#include "tests/support/dns_wire.hpp"

namespace {

using dns::Answer;
using dns::Question;
using dns::Status;
using dns::Type;
using fuzz::require;

constexpr std::array types{Type::a, Type::aaaa, Type::txt, Type::mx, Type::ptr, Type::ns, Type::cname};
constexpr std::chrono::seconds max_ttl{0x7fffffff};

std::string name_of(unsigned which) { return std::string(1, static_cast<char>('a' + which)) + ".example"; }

/// As dns::Question spells one, or the null MX.
void check_name(const std::string& name, bool may_be_root) {
  require((name.empty() && may_be_root) || dns::is_sendable_name(name), "a name in an answer could be asked for");
  require(name == base::to_lower(name), "a name in an answer is in lower case");
}

void check_bounds(const Answer& answer, Type type) {
  const std::array counts{answer.addresses.size(), answer.texts.size(), answer.exchanges.size(), answer.names.size()};
  require((answer.status == Status::ok) == std::any_of(counts.begin(), counts.end(), [](std::size_t n) { return n != 0; }),
          "there are records when the status is ok, and only then");
  require(std::all_of(counts.begin(), counts.end(), [](std::size_t n) { return n <= Answer::max_records; }),
          "there are at most max_records records");
  require(answer.ttl >= std::chrono::seconds{0} && answer.ttl <= max_ttl, "a TTL is never negative");
  require(answer.addresses.empty() || type == Type::a || type == Type::aaaa, "addresses are answers to A and AAAA only");
  for (const auto& address : answer.addresses)
    require(type == Type::aaaa || address.is_v4(), "an A record holds an IPv4 address");
  require(answer.texts.empty() || type == Type::txt, "texts are answers to TXT only");
  require(answer.exchanges.empty() || type == Type::mx, "exchanges are answers to MX only");
  for (const auto& exchange : answer.exchanges) check_name(exchange.exchange, true);
  require(answer.names.empty() || type == Type::ptr || type == Type::ns || type == Type::cname,
          "names are answers to PTR, NS and CNAME only");
  for (const auto& name : answer.names) check_name(name, false);
}

// ---- octets as they come ----------------------------------------------------------------------------------------

void check_raw(std::string_view octets, const Question& question) {
  check_bounds(*dns::decode_answer(test::as_octets(octets), question), question.type);
  // Behind a proper header and question, so that the records are reached: the input begins with the counts.
  std::string message = test::encode_response(question, {});
  std::copy_n(octets.begin(), std::min<std::size_t>(octets.size(), 6), message.begin() + 6);
  message += octets.substr(std::min<std::size_t>(octets.size(), 6));
  check_bounds(*dns::decode_answer(test::as_octets(message), question), question.type);
}

// ---- records of choice ------------------------------------------------------------------------------------------

struct Chosen {
  std::string owner;
  Type type = Type::a;
  unsigned value = 0;  // 0 to 15
  std::uint32_t ttl = 0;
};

Chosen choose(fuzz::Input& input) {
  Chosen record;
  record.owner = name_of(input.below(12));
  record.type = types.at(input.below(types.size()));
  record.value = input.below(12);
  record.ttl = input.octet() * 3600;
  return record;
}

test::DnsRecord encode(const Chosen& record, bool is_upper) {
  std::string owner = record.owner;
  if (is_upper) owner.front() = static_cast<char>(owner.front() - 'a' + 'A');
  switch (record.type) {
    case Type::a:
      return test::address_record(owner, "192.0.2." + std::to_string(record.value), record.ttl);
    case Type::aaaa:
      return test::address_record(owner, "2001:db8::" + std::to_string(record.value), record.ttl);
    case Type::txt:
      return test::txt_record(owner, {"text ", std::to_string(record.value)}, record.ttl);
    case Type::mx:
      return test::mx_record(owner, record.value, name_of(record.value), record.ttl);
    default:
      return test::name_record(owner, record.type, name_of(record.value), record.ttl);
  }
}

/// The records as one answer would list them.
std::vector<std::string> values_of(const Answer& answer) {
  std::vector<std::string> out = answer.texts;
  for (const auto& address : answer.addresses) out.push_back(address.text());
  for (const auto& exchange : answer.exchanges) out.push_back(std::to_string(exchange.preference) + " " + exchange.exchange);
  out.insert(out.end(), answer.names.begin(), answer.names.end());
  return out;
}

std::string value_of(const Chosen& record) {
  switch (record.type) {
    case Type::a:
      return "192.0.2." + std::to_string(record.value);
    case Type::aaaa:
      return base::IpAddress::parse("2001:db8::" + std::to_string(record.value)).value().text();
    case Type::txt:
      return "text " + std::to_string(record.value);
    case Type::mx:
      return std::to_string(record.value) + " " + name_of(record.value);
    default:
      return name_of(record.value);
  }
}

/// What the records say about the question.
struct Model {
  Status status = Status::no_data;
  std::vector<std::string> values{};
  std::chrono::seconds ttl{max_ttl};
};

/// Everything an owner's CNAMEs point at.
std::set<std::string> targets_of(const std::string& owner, const std::vector<Chosen>& records, Model& model) {
  std::set<std::string> targets;
  for (const Chosen& record : records) {
    if (record.type != Type::cname || record.owner != owner) continue;
    if (targets.empty()) model.ttl = std::min(model.ttl, std::chrono::seconds{record.ttl});  // the first one's counts
    targets.insert(name_of(record.value));
  }
  return targets;
}

Model expect(const Question& question, const std::vector<Chosen>& records, bool is_name_error) {
  Model model;
  std::string name = question.name;
  if (question.type != Type::cname) {
    for (const Chosen& record : records)
      if (Model unused; targets_of(record.owner, records, unused).size() > 1) return {Status::malformed};
    for (std::size_t steps = 0;; ++steps) {
      const auto targets = targets_of(name, records, model);
      if (targets.empty()) break;
      if (steps == dns::max_cname_chain) return {Status::malformed};
      name = *targets.begin();
    }
  }
  if (is_name_error) return {Status::no_such_name};
  for (const Chosen& record : records) {
    if (record.type != question.type || record.owner != name) continue;
    model.status = Status::ok;
    model.values.push_back(value_of(record));
    model.ttl = std::min(model.ttl, std::chrono::seconds{record.ttl});
  }
  return model;
}

void check_chosen(fuzz::Input input, const Question& question) {
  const bool is_name_error = input.below(8) == 7;
  const bool is_upper = input.flag();
  std::vector<Chosen> records;
  while (!input.is_empty() && records.size() < 60) records.push_back(choose(input));
  test::DnsMessage message;
  message.code = is_name_error ? 3 : 0;
  for (const Chosen& record : records) message.answers.push_back(encode(record, is_upper));
  const auto answer = dns::decode_answer(test::as_octets(test::encode_response(question, message)), question);
  check_bounds(*answer, question.type);
  const Model model = expect(question, records, is_name_error);
  require(answer->status == model.status, "the status is what the records say");
  if (model.status != Status::ok) return;
  require(values_of(*answer) == model.values, "the records are those at the end of the question's chain, and no others");
  require(answer->ttl == model.ttl, "the TTL is the smallest of the chain and its records");
  std::reverse(message.answers.begin(), message.answers.end());
  auto backwards = values_of(*dns::decode_answer(test::as_octets(test::encode_response(question, message)), question));
  std::reverse(backwards.begin(), backwards.end());
  require(backwards == model.values, "the order of the records means nothing for which are found");
}

void check(std::string_view octets) {
  fuzz::Input input(octets);
  const Question question{name_of(0), types.at(input.below(types.size()))};
  check_chosen(input, question);
  check_raw(input.rest(), question);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  check(fuzz::as_text(octets, size));
  return 0;
}
