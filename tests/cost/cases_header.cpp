// Headers and bodies made to be dear by themselves.

#include <fmt/format.h>

#include "tests/cost/case.hpp"

namespace test {
namespace {

constexpr std::size_t block = message::HeaderBlock::default_max_octets;

CostCase only(std::string name, const std::string& field, const std::string& value, std::size_t times) {
  CostCase one = plain_case(std::move(name));
  one.fields.assign(times, {field, value});
  return one;
}

std::string addresses(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += fmt::format("{}a{}@d{}.example", i == 0 ? "" : ", ", i, i % 10);
  return out;
}

CostCase signed_body(std::string name, std::string body) {
  CostCase one = plain_case(std::move(name));
  one.fields.emplace_back("From", "a@d.example");
  const std::string hash(43, 'A');
  for (const char* form : {"simple", "relaxed"})
    one.fields.emplace_back(
        "DKIM-Signature", fmt::format("v=1; a=rsa-sha256; c=relaxed/{}; d=d.example; s=s; h=from; bh={}=; b=AAAA", form, hash));
  one.body = std::move(body);
  return one;
}

CostCase different_names() {
  CostCase one = signed_body("header: as many different field names as fit, signed", "");
  for (unsigned i = 0; i < block / 6; ++i) one.fields.emplace_back(fmt::format("{:03x}", i), "");
  return one;
}

}  // namespace

CostCase plain_case(std::string name) {
  CostCase one{std::move(name)};
  one.envelope.connection.client = base::IpAddress::parse("192.0.2.1").value();
  one.envelope.connection.helo = "helo.example";
  one.envelope.reverse_path = message::parse_reverse_path("<a@sender.example>");
  one.options.authserv_id = "mx.example";
  one.zone = [](const dns::Question&) { return nothing(); };
  return one;
}

std::vector<CostCase> header_cases() {
  std::vector<CostCase> cases;
  cases.push_back(only("header: nothing but empty fields", "a", "", block / 3));
  cases.push_back(different_names());
  cases.push_back(only("header: nothing but From fields", "From", "", block / 6));
  cases.push_back(only("header: From with 100 addresses in 10 domains", "From", addresses(100), 1));
  cases.push_back(only("header: From with as many addresses as fit", "From", addresses(4000), 1));
  cases.push_back(only("header: From of comments within comments", "From",
                       repeat(900, repeat(31, "(") + repeat(31, ")")) + "a@d.example", 1));
  cases.push_back(only("header: From of comments that never close", "From", std::string(60000, '('), 1));
  cases.push_back(only("header: From of quoted pairs", "From", "\"" + repeat(30000, "\\a") + "\"@d.example", 1));
  cases.push_back(only("header: From of dots", "From", std::string(60000, '.') + "@d.example", 1));
  cases.push_back(only("header: From, a domain of 60,000 labels", "From", "a@" + repeat(30000, "a.") + "example", 1));
  cases.push_back(only("header: From, 60,000 octets of U-labels", "From", "a@" + repeat(20000, "\xC3\xA9.") + "example", 1));
  cases.push_back(only("header: results that claim to be ours, many", "Authentication-Results", "mx.example;", 2000));
  cases.push_back(only("header: results that claim to be ours, long", "Authentication-Results",
                       repeat(15000, "(\\))") + "mx.example;", 20));
  cases.push_back(only("header: results with comments that never close", "Authentication-Results",
                       repeat(30000, "(a") + "mx.example;", 20));
  return cases;
}

std::vector<CostCase> body_cases() {
  constexpr std::size_t mebibyte = 1024 * 1024;
  std::vector<CostCase> cases;
  cases.push_back(signed_body("body: 1 MiB of spaces, octet by octet", std::string(mebibyte, ' ')));
  cases.push_back(signed_body("body: 1 MiB of blank lines, octet by octet", repeat(mebibyte / 2, "\r\n")));
  cases.push_back(signed_body("body: 1 MiB of CR, octet by octet", std::string(mebibyte, '\r')));
  cases.push_back(signed_body("body: 1 MiB of single octets and spaces, octet by octet", repeat(mebibyte / 3, "a  ")));
  for (auto& one : cases) one.chunk_octets = 1;
  cases.push_back(signed_body("body: 8 MiB of a tab and a letter", repeat(4 * mebibyte, "\ta")));
  cases.push_back(signed_body("body: 8 MiB of blank lines, then a letter", repeat(4 * mebibyte, "\r\n") + "a"));
  return cases;
}

dns::AnswerPtr texts(std::vector<std::string> texts) {
  auto answer = std::make_shared<dns::Answer>();
  answer->status = dns::Status::ok;
  answer->texts = std::move(texts);
  return answer;
}

dns::AnswerPtr nothing() { return dns::make_empty_answer(dns::Status::no_such_name); }

std::string repeat(std::size_t times, const std::string& text) {
  std::string out;
  out.reserve(times * text.size());
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace test
