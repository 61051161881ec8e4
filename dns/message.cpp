#include "dns/message.hpp"

#include <arpa/nameser.h>
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "base/text.hpp"

namespace dns {
namespace {

using Octets = std::span<const std::uint8_t>;
using Seconds = std::chrono::seconds;

// Records of the answer section looked at: those wanted, the chain, and as many signatures and strangers again.
constexpr std::size_t max_section_records = 2 * (Answer::max_records + max_cname_chain);
constexpr std::uint32_t max_ttl = 0x7fffffff;  // above it the TTL is 0 (RFC 2181 §8)
constexpr std::size_t soa_numbers = 20;        // octets of SERIAL … MINIMUM (RFC 1035 §3.3.13)

/// A name in wire form, uncompressed, in dns::Question spelling; nothing where that would be ambiguous.
std::optional<std::string> spell(Octets wire) {
  std::string name;
  while (wire[0] != 0) {
    const Octets label = wire.subspan(1, wire[0]);
    if (std::find(label.begin(), label.end(), '.') != label.end()) return std::nullopt;
    if (!name.empty()) name += '.';
    for (const std::uint8_t octet : label) name += base::to_lower(static_cast<char>(octet));
    wire = wire.subspan(1 + label.size());
  }
  return name;
}

struct Record {
  std::optional<std::string> owner;  // nothing: cannot be spelled
  unsigned type = 0;
  unsigned record_class = 0;
  Seconds ttl{0};
  Octets data;  // borrowed from the message
};

Seconds bounded_ttl(std::uint32_t ttl) { return Seconds{ttl > max_ttl ? 0 : ttl}; }

/// One response and what is wrong with it: the first fault sticks, and what is read after it is empty, so
/// that only the end needs to ask.
class Message {
 public:
  explicit Message(Octets octets) : octets_(octets) {
    is_malformed_ = octets.size() > max_octets || ns_initparse(octets.data(), static_cast<int>(octets.size()), &handle_) != 0;
  }

  [[nodiscard]] bool is_malformed() const { return is_malformed_; }
  void set_malformed() { is_malformed_ = true; }

  [[nodiscard]] unsigned flag(ns_flag which) const {
    return is_malformed_ ? 0 : static_cast<unsigned>(ns_msg_getflag(handle_, which));
  }
  [[nodiscard]] std::size_t count(ns_sect section) const { return is_malformed_ ? 0 : ns_msg_count(handle_, section); }
  [[nodiscard]] Record record(ns_sect section, std::size_t index);
  /// The name that is the whole of `data`, a part of this message.
  [[nodiscard]] std::optional<std::string> name_in(Octets data);

 private:
  static constexpr std::size_t max_octets = 65535;  // RFC 1035 §4.2.2

  Octets octets_;
  ns_msg handle_{};
  bool is_malformed_ = false;
};

Record Message::record(ns_sect section, std::size_t index) {
  ns_rr raw;
  std::array<std::uint8_t, NS_MAXCDNAME> wire{};
  // The library gives the owner as escaped text, which goes back to octets first.
  if (is_malformed_ || ns_parserr(&handle_, section, static_cast<int>(index), &raw) != 0 ||
      ns_name_pton(ns_rr_name(raw), wire.data(), wire.size()) < 0) {
    is_malformed_ = true;
    return {};
  }
  const Octets data = section == ns_s_qd ? Octets{} : Octets(ns_rr_rdata(raw), static_cast<std::size_t>(ns_rr_rdlen(raw)));
  return {spell(wire), ns_rr_type(raw), ns_rr_class(raw), bounded_ttl(static_cast<std::uint32_t>(ns_rr_ttl(raw))), data};
}

std::optional<std::string> Message::name_in(Octets data) {
  std::array<std::uint8_t, NS_MAXCDNAME> wire{};
  const std::uint8_t* end = octets_.data() + octets_.size();
  if (data.empty() ||
      ns_name_unpack(octets_.data(), end, data.data(), wire.data(), wire.size()) != static_cast<int>(data.size())) {
    is_malformed_ = true;
    return std::nullopt;
  }
  return spell(wire);
}

std::optional<std::string> join_strings(Octets data) {
  if (data.empty()) return std::nullopt;
  std::string text;
  while (!data.empty()) {
    const std::size_t size = data[0];
    if (data.size() < 1 + size) return std::nullopt;
    const Octets string = data.subspan(1, size);
    text.append(string.begin(), string.end());
    data = data.subspan(1 + size);
  }
  return text;
}

void add_address(Answer& answer, Message& message, Type type, Octets data) {
  if (data.size() != (type == Type::a ? 4U : 16U)) return message.set_malformed();
  answer.addresses.push_back(type == Type::a ? base::IpAddress::v4(data.first<4>()) : base::IpAddress::v6(data.first<16>()));
}

void add_text(Answer& answer, Message& message, Octets data) {
  auto text = join_strings(data);
  if (!text) return message.set_malformed();
  answer.texts.push_back(std::move(*text));
}

void add_exchange(Answer& answer, Message& message, Octets data) {
  if (data.size() < 3) return message.set_malformed();
  auto exchange = message.name_in(data.subspan(2));
  if (!exchange) return;
  answer.exchanges.push_back({static_cast<std::uint16_t>(data[0] << 8U | data[1]), std::move(*exchange)});
}

void add_name(Answer& answer, Message& message, Octets data) {
  auto name = message.name_in(data);
  if (name && !name->empty()) answer.names.push_back(std::move(*name));
}

void add_record(Answer& answer, Message& message, Type type, Octets data) {
  switch (type) {
    case Type::a:
    case Type::aaaa:
      return add_address(answer, message, type, data);
    case Type::txt:
      return add_text(answer, message, data);
    case Type::mx:
      return add_exchange(answer, message, data);
    case Type::ns:
    case Type::cname:
    case Type::ptr:
      return add_name(answer, message, data);
  }
}

/// The answer section: what was asked for, by owner, and the CNAMEs that lead there.
struct AnswerSection {
  struct Alias {
    std::optional<std::string> target;
    Seconds ttl{0};
  };
  std::map<std::string, std::vector<Record>> records;
  std::map<std::string, Alias> aliases;
};

void add_alias(AnswerSection& section, Message& message, const Record& record) {
  AnswerSection::Alias alias{message.name_in(record.data), record.ttl};
  const auto [known, is_new] = section.aliases.emplace(*record.owner, alias);
  if (!is_new && known->second.target != alias.target) message.set_malformed();
}

AnswerSection read_answer_section(Message& message, Type type) {
  AnswerSection section;
  if (message.count(ns_s_an) > max_section_records) message.set_malformed();
  for (std::size_t i = 0; i < message.count(ns_s_an); ++i) {
    const Record record = message.record(ns_s_an, i);
    if (!record.owner || record.record_class != ns_c_in) continue;
    if (record.type == static_cast<unsigned>(type))
      section.records[*record.owner].push_back(record);
    else if (record.type == ns_t_cname)
      add_alias(section, message, record);
  }
  return section;
}

/// RFC 2308 §5: the smaller of the SOA record's own TTL and its MINIMUM; 0 where there is none.
Seconds negative_ttl(Message& message) {
  for (std::size_t i = 0; i < std::min(message.count(ns_s_ns), max_section_records); ++i) {
    const Record record = message.record(ns_s_ns, i);
    if (record.type != ns_t_soa) continue;
    if (record.data.size() < soa_numbers) {
      message.set_malformed();
      break;
    }
    return std::min(record.ttl, bounded_ttl(static_cast<std::uint32_t>(ns_get32(record.data.last<4>().data()))));
  }
  return Seconds{0};
}

/// From the name asked for along the CNAMEs to the last one; `ttl` becomes the smallest passed.
std::string follow_aliases(const AnswerSection& section, Message& message, const std::string& start, Seconds& ttl) {
  std::string name = start;
  for (std::size_t length = 0;; ++length) {
    const auto alias = section.aliases.find(name);
    if (alias == section.aliases.end()) return name;
    if (length == max_cname_chain || !alias->second.target) {
      message.set_malformed();
      return name;
    }
    ttl = std::min(ttl, alias->second.ttl);
    name = *alias->second.target;
  }
}

/// The records of the type at the end of the chain as an answer; nothing is left of them: malformed.
AnswerPtr make_answer(Message& message, const std::vector<Record>& records, Type type, Seconds ttl) {
  if (records.size() > Answer::max_records) message.set_malformed();
  auto answer = std::make_shared<Answer>();
  for (const Record& record : records) {
    if (message.is_malformed()) break;
    add_record(*answer, message, type, record.data);
    ttl = std::min(ttl, record.ttl);
  }
  if (answer->addresses.empty() && answer->texts.empty() && answer->exchanges.empty() && answer->names.empty())
    message.set_malformed();
  answer->status = Status::ok;
  answer->ttl = ttl;
  return answer;
}

AnswerPtr read_records(Message& message, const Question& question) {
  const AnswerSection section = read_answer_section(message, question.type);
  Seconds ttl{max_ttl};
  const auto records = section.records.find(follow_aliases(section, message, question.name, ttl));
  const bool is_name_error = message.flag(ns_f_rcode) == ns_r_nxdomain;
  if (!is_name_error && records != section.records.end()) return make_answer(message, records->second, question.type, ttl);
  return make_empty_answer(is_name_error ? Status::no_such_name : Status::no_data, std::min(ttl, negative_ttl(message)));
}

bool repeats_question(Message& message, const Question& question) {
  if (message.count(ns_s_qd) != 1) return false;
  const Record record = message.record(ns_s_qd, 0);
  return record.owner == question.name && record.record_class == ns_c_in && record.type == static_cast<unsigned>(question.type);
}

}  // namespace

AnswerPtr decode_answer(std::span<const std::uint8_t> octets, const Question& question) {
  Message message(octets);
  const unsigned code = message.flag(ns_f_rcode);
  const bool is_error = code != ns_r_noerror && code != ns_r_nxdomain;
  // A server that cannot read a question need not repeat it.
  const bool is_ours = repeats_question(message, question) || (is_error && message.count(ns_s_qd) == 0);
  const bool is_response = message.flag(ns_f_qr) == 1 && message.flag(ns_f_opcode) == ns_o_query;
  if (!is_ours || !is_response) return make_empty_answer(Status::malformed);
  if (is_error) return make_empty_answer(Status::server_failure);
  if (message.flag(ns_f_tc) != 0) return make_empty_answer(Status::malformed);
  AnswerPtr answer = read_records(message, question);
  return message.is_malformed() ? make_empty_answer(Status::malformed) : answer;
}

}  // namespace dns
