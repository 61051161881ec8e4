// SPF records made to be dear, for both identities at once.

#include <fmt/format.h>
#include <algorithm>

#include "spf/record.hpp"
#include "tests/cost/case.hpp"

namespace test {
namespace {

dns::AnswerPtr addresses(std::size_t count) {
  auto answer = std::make_shared<dns::Answer>();
  answer->status = dns::Status::ok;
  answer->addresses.assign(count, base::IpAddress::parse("198.51.100.1").value());
  return answer;
}

dns::AnswerPtr exchanges(const std::string& domain, unsigned count) {
  auto answer = std::make_shared<dns::Answer>();
  answer->status = dns::Status::ok;
  for (unsigned i = 0; i < count; ++i)
    answer->exchanges.push_back({static_cast<std::uint16_t>(i), fmt::format("{}.{}", i, domain)});
  return answer;
}

dns::AnswerPtr pointers() {
  auto answer = std::make_shared<dns::Answer>();
  answer->status = dns::Status::ok;
  for (std::size_t i = 0; i < dns::Answer::max_records; ++i) answer->names.push_back(fmt::format("p{}.sender.example", i));
  return answer;
}

/// One hostile domain: `record` answers for every name, with its own place in the tree at %s.
struct Shape {
  std::function<std::string(const std::string&)> record;
  std::size_t addresses = dns::Answer::max_records;
  unsigned exchanges = 10;
};

CostCase spf_case(std::string name, const Shape& shape) {
  CostCase one = plain_case(std::move(name));
  one.fields.emplace_back("From", "a@d.example");
  one.zone = [shape](const dns::Question& question) {
    switch (question.type) {
      case dns::Type::txt:
        return question.name.starts_with("_") ? nothing() : texts({shape.record(question.name)});
      case dns::Type::mx:
        return exchanges(question.name, shape.exchanges);
      case dns::Type::ptr:
        return pointers();
      default:
        return addresses(shape.addresses);
    }
  };
  one.envelope.connection.helo = "mail.sender.example";
  return one;
}

/// v=spf1 with a term for each number.
std::string numbered(unsigned count, const std::string& term, const std::string& domain) {
  std::string out = "v=spf1";
  for (unsigned i = 0; i < count; ++i) out += fmt::format(" {}:t{}.{}", term, i, domain);
  return out;
}

/// As many terms as a record may have, or octets.
std::string padded(const std::string& record, const std::string& term) {
  return record + repeat(std::min((spf::Record::max_octets - record.size()) / (term.size() + 1), spf::Record::max_terms - 10),
                         " " + term);
}

/// A tree of includes: more below each than may be looked at.
std::string tree(const std::string& domain) { return domain.size() > 120 ? "v=spf1 ?all" : numbered(10, "include", domain); }

std::string fat_tree(const std::string& domain, const std::string& term) {
  return domain.size() > 40 ? padded("v=spf1", term) : padded(numbered(10, "include", domain), term);
}

/// Terms that are asked one after the other and evaluated again with every answer, with as many macros as are
/// allowed, over values as long as they can be.
CostCase macro_case(std::string name, const std::string& macro) {
  Shape shape;
  shape.record = [macro](const std::string& domain) {
    std::string out = "v=spf1";
    for (unsigned i = 0; i < 5; ++i) out += fmt::format(" a:{}t{}.example", repeat(spf::Record::max_macros / 5, macro), i);
    for (unsigned i = 0; i < 5; ++i) out += fmt::format(" mx:m{}.{}", i, domain);
    return out + " -all";
  };
  CostCase one = spf_case(std::move(name), shape);
  one.envelope.reverse_path = message::parse_reverse_path("<\"" + repeat(490, ".-") + "\"@sender.example>");
  one.envelope.connection.helo = "mail." + repeat(30, "a-b-c.") + "example";
  return one;
}

CostCase explained() {
  Shape shape;
  shape.record = [](const std::string& domain) {
    if (domain.starts_with("why")) return repeat(64, "%{L}%{S}%{p}");
    return "v=spf1 " + repeat(4, "mx:%{p}.example ") + repeat(5, "ptr:%{p} ") + "-all exp=why.%{p}.%{d}";
  };
  CostCase one = spf_case("spf: explanations of macros, with %{p} everywhere", shape);
  one.options.decision.spf_reject = {spf::Result::fail};
  one.envelope.reverse_path = message::parse_reverse_path("<\"" + std::string(900, '!') + "\"@sender.example>");
  return one;
}

}  // namespace

std::vector<CostCase> spf_cases() {
  const auto flat = [](unsigned count, std::string term) {
    return [=](const std::string& domain) { return numbered(count, term, domain) + " -all"; };
  };
  std::vector<CostCase> cases;
  cases.push_back(spf_case("spf: 10 mx of 10 names of 256 addresses", {flat(10, "mx")}));
  cases.push_back(spf_case("spf: 10 mx of 256 names", {flat(10, "mx"), 1, 256}));
  cases.push_back(spf_case("spf: a tree of includes", {tree}));
  cases.push_back(spf_case("spf: includes of 16 KiB of ip4", {[](const auto& d) { return fat_tree(d, "ip4:1.1.1.1"); }}));
  cases.push_back(spf_case("spf: includes of 16 KiB of ip6", {[](const auto& d) { return fat_tree(d, "ip6:::"); }}));
  cases.push_back(spf_case("spf: records of 16 KiB of a", {[](const auto&) { return padded("v=spf1", "a"); }}));
  cases.push_back(spf_case("spf: records of 16 KiB of all", {[](const auto&) { return padded("v=spf1", "?all"); }}));
  cases.push_back(spf_case("spf: includes of 256 macros each", {[](const std::string& domain) {
                             const std::string macros = repeat(4, " exists:" + repeat(64, "%{v}") + ".x");
                             return (domain.size() > 40 ? "v=spf1" : numbered(10, "include", domain)) + macros;
                           }}));
  cases.push_back(spf_case("spf: ptr and %{p} in every term",
                           {[](const auto&) { return "v=spf1 ptr " + repeat(9, "exists:%{p}.%{d}.x ") + "-all"; }}));
  cases.push_back(spf_case("spf: includes, then mx, then includes", {[](const std::string& domain) {
                             if (domain.size() > 90) return std::string("v=spf1 ?all");
                             std::string out = "v=spf1";
                             for (unsigned i = 0; i < 5; ++i)
                               out += fmt::format(" include:i{}.{} mx:m{}.{}", i, domain, i, domain);
                             return out;
                           }}));
  cases.push_back(macro_case("spf: 255 macros, split in many parts", "%{l1-}"));
  cases.push_back(macro_case("spf: 255 macros, reversed and escaped", "%{L1r.-}"));
  cases.push_back(explained());
  return cases;
}

}  // namespace test
