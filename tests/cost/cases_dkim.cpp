// Signatures made to be dear: the largest keys with the dearest exponents, several at each name, and signatures that
// are wrong only at the last step.

#include <fmt/format.h>

#include "base/base64.hpp"
#include "dkim/crypto.hpp"
#include "tests/cost/case.hpp"

namespace test {
namespace {

using Octets = std::vector<std::uint8_t>;

constexpr std::size_t block = message::HeaderBlock::default_max_octets;
const std::string hello = "Hello.\r\n";

/// One DER element (X.690 §8.1) of up to 64 KiB.
Octets element(std::uint8_t tag, const Octets& content) {
  Octets out{tag, 0x82, static_cast<std::uint8_t>(content.size() >> 8U), static_cast<std::uint8_t>(content.size())};
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

Octets integer(std::size_t bits, std::uint8_t low) {
  Octets content(bits / 8, low);
  content.back() |= 1U;
  content.insert(content.begin(), 0);  // positive
  return element(0x02, content);
}

struct Shape {
  std::size_t signatures = 10;
  unsigned bits = 8192;
  unsigned keys = 3;
  std::string more = " h=from";
};

CostCase signed_case(std::string name, const Shape& shape) {
  CostCase one = plain_case(std::move(name));
  one.body = hello;
  one.fields.emplace_back("From", "a@d.example");
  for (std::size_t i = 0; i < shape.signatures; ++i)
    one.fields.emplace_back("DKIM-Signature", dear_signature("d.example", i, shape.bits, shape.more, hello));
  std::vector<std::string> records;
  for (unsigned i = 0; i < shape.keys; ++i)
    records.push_back("p=" + dear_key(shape.bits, static_cast<std::uint8_t>(0xf1 - 2 * i)));
  one.zone = [records](const dns::Question& question) {
    return question.name.find("_domainkey") == std::string::npos ? nothing() : texts(records);
  };
  return one;
}

/// Signatures that all cover hundreds of fields of the same few names.
CostCase many_names() {
  Shape shape;
  shape.bits = 1024;
  shape.more = " h=from" + repeat(199, ":a");
  CostCase one = signed_case("dkim: 10 times 200 names in h=, 8,000 fields of that name", shape);
  one.fields.insert(one.fields.end(), 8000, {"a", " b"});
  return one;
}

/// Whole tag lists that break a rule in their last tag.
CostCase many_tags() {
  CostCase one = signed_case("dkim: signatures of 3,000 tags", {});
  std::string tags = dear_signature("d.example", 0, 1024, " h=from;", hello);
  for (unsigned i = 0; i < 3000; ++i) tags += fmt::format("x{}=;", i);
  one.fields.resize(1);
  one.fields.insert(one.fields.end(), 3, {"DKIM-Signature", tags});
  return one;
}

CostCase length_variants() {
  CostCase one = signed_case("dkim: 10 lengths of a body of 4 MiB, short ones allowed", {0, 1024, 1, ""});
  one.options.dkim.accept_short_length = true;
  for (std::size_t i = 0; i < 10; ++i)
    one.fields.emplace_back("DKIM-Signature",
                            dear_signature("d.example", i, 1024, fmt::format(" h=from; l={}", 4000000 + i), hello));
  one.body = repeat(512 * 1024, "abcdef\r\n");
  return one;
}

/// As many records as an answer holds, each one a key in its own right.
CostCase many_records(std::string name, const std::string& record) {
  CostCase one = signed_case(std::move(name), {10, 1024, 1, " h=from"});
  const std::vector<std::string> records(std::min<std::size_t>(dns::Answer::max_records, 64000 / record.size()), record);
  one.zone = [records](const dns::Question& question) {
    return question.name.find("_domainkey") == std::string::npos ? nothing() : texts(records);
  };
  return one;
}

}  // namespace

// Above 3,072 bits OpenSSL takes exponents of 64 bits at most, below that any.
std::string dear_key(unsigned bits, std::uint8_t filler) {
  Octets both = integer(bits, filler);
  const Octets exponent = bits > 3072 ? integer(64, 0xff) : integer(bits, static_cast<std::uint8_t>(filler - 1));
  both.insert(both.end(), exponent.begin(), exponent.end());
  return base::encode_base64(element(0x30, both));
}

std::string dear_signature(const std::string& domain, std::size_t selector, unsigned bits, const std::string& more,
                           const std::string& body) {
  const dkim::Digest digest = dkim::sha256(body);
  const Octets value(bits / 8, 0x11);
  return fmt::format(" v=1; a=rsa-sha256; c=relaxed/relaxed; d={}; s=s{}; bh={}; b={};{}", domain, selector,
                     base::encode_base64(digest), base::encode_base64(value), more);
}

std::vector<CostCase> dkim_cases() {
  std::vector<CostCase> cases;
  cases.push_back(signed_case("dkim: 10 signatures, 3 keys of 8,192 bits each", {}));
  cases.push_back(signed_case("dkim: 10 signatures, 3 keys of 4,096 bits each", {10, 4096, 3, " h=from"}));
  cases.push_back(signed_case("dkim: 10 signatures, 3 keys of 3,072 bits, long exponents", {10, 3072, 3, " h=from"}));
  cases.push_back(signed_case("dkim: 10 signatures, 20 keys of 8,192 bits each", {10, 8192, 20, " h=from"}));
  cases.push_back(signed_case("dkim: 10 signatures, 30 keys of 1,024 bits each", {10, 1024, 30, " h=from"}));
  cases.push_back(signed_case("dkim: 200 signatures", {200, 1024, 3, " h=from"}));
  cases.push_back(signed_case("dkim: as many signatures as fit", {block / 20, 8, 1, ""}));
  for (auto& [name, value] : cases.back().fields) value = name == "From" ? value : "";
  cases.push_back(many_names());
  cases.push_back(many_tags());
  cases.push_back(length_variants());
  cases.push_back(many_records("dkim: 10 names with 64 KiB of key records", "p=" + dear_key(1024, 0xf1)));
  cases.push_back(many_records("dkim: 10 names with 64 KiB of records that are none", std::string(249, 'x') + "="));
  return cases;
}

}  // namespace test
