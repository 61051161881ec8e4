#include "dkim/verifier.hpp"

#include <catch2/catch.hpp>

#include "tests/dkim/keys.hpp"
#include "tests/dkim/message.hpp"

using test::sign_by_hand;
using test::signing_time;
using test::summary;

namespace {

constexpr std::string_view tags = "v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=test; h=from:to:subject";
const std::string key_name = "test._domainkey.example.com";

/// The verdict on a plainly signed message when the key's name holds these records.
std::string verdict(const std::vector<std::string>& records, const std::string& signature_tags = std::string(tags),
                    const dkim::VerifyPolicy& policy = {}, base::UnixTime now = signing_time) {
  test::MapResolver resolver;
  resolver.txt(key_name, records);
  return summary(test::verify(sign_by_hand(test::plain_message(), signature_tags), resolver, policy, now));
}

std::string good_record() { return test::key_record(test::rsa_1024_pem); }

}  // namespace

TEST_CASE("verifier: a message without signatures has no outcomes and asks nothing", "[dkim]") {
  test::MapResolver resolver;
  CHECK(test::verify(test::plain_message(), resolver).empty());
  CHECK(resolver.asked().empty());
}

TEST_CASE("verifier: a good signature passes and is described", "[dkim]") {
  test::MapResolver resolver;
  resolver.txt(key_name, {good_record()});
  const auto message = sign_by_hand(test::plain_message(), std::string(tags) + "; i=x@Sub.example.com");
  const auto outcome = test::verify(message, resolver).at(0);
  CHECK(summary(outcome) == "pass");
  CHECK(outcome.index == 0);
  CHECK(outcome.domain == "example.com");
  CHECK(outcome.signing_domain->text() == "example.com");
  CHECK(outcome.selector == "test");
  CHECK(outcome.identity == "x@Sub.example.com");
  CHECK(outcome.algorithm == "rsa-sha256");
  CHECK(outcome.signature_start.size() == 8);
  CHECK(message.fields[0].find("; b=" + outcome.signature_start) != std::string::npos);
  CHECK(outcome.key_bits == 1024);
  CHECK_FALSE(outcome.is_testing);
}

TEST_CASE("verifier: what the key record says is honoured", "[dkim]") {
  const std::string key = good_record().substr(std::string("v=DKIM1; k=rsa; ").size());  // "p=…"
  struct {
    std::string record, expected;
  } const table[] = {
      {"v=DKIM1; " + key, "pass"},
      {key, "pass"},                         // v= is optional
      {"v=DKIM1; t=y; " + key, "pass"},      // testing changes nothing here
      {"v=DKIM1; t=s; " + key, "pass"},      // i= is @d by default
      {"v=DKIM1; g=other; " + key, "pass"},  // g= is gone since RFC 6376
      {"v=DKIM1; h=sha256:sha1; s=email; " + key, "pass"},
      {"v=DKIM1; h=sha1; " + key, "permerror: key does not allow sha256"},
      {"v=DKIM1; s=other; " + key, "permerror: key is not for email"},
      {"v=DKIM1; k=ed25519; " + key, "permerror: key is of another type"},
      {"v=DKIM1; k=dsa; " + key, "permerror: unknown key type"},
      {"v=DKIM1; p=", "permerror: key revoked"},
      {"v=DKIM1; k=rsa", "permerror: key record without p="},
      {"v=DKIM1; p=AAAA", "permerror: not an RSA public key"},
      {"v=DKIM2; " + key, "permerror: v= is not DKIM1 or not first"},
      {"", "permerror: empty tag list"},
      {test::key_record(test::ed25519_pem), "permerror: key is of another type"},
      {test::key_record(test::rsa_2048_pem), "fail: signature did not verify"},  // somebody else's key
  };
  for (const auto& row : table) {
    CAPTURE(row.record);
    CHECK(verdict({row.record}) == row.expected);
  }
}

TEST_CASE("verifier: t=s forbids a subdomain in i=, and only that", "[dkim]") {
  const std::string record = test::key_record(test::rsa_1024_pem, "v=DKIM1; t=y:s; ");
  CHECK(verdict({record}, std::string(tags) + "; i=a@example.com") == "pass");
  CHECK(verdict({record}, std::string(tags) + "; i=a@sub.example.com") == "permerror: key does not allow subdomains in i=");
  test::MapResolver resolver;
  resolver.txt(key_name, {record});
  CHECK(test::verify(sign_by_hand(test::plain_message(), tags), resolver).at(0).is_testing);
}

TEST_CASE("verifier: RSA keys below 1,024 bits are not accepted, the bound is an option", "[dkim]") {
  struct {
    std::string_view pem;
    unsigned bits;
    std::string_view expected;
  } const table[] = {
      {test::rsa_512_pem, 512, "permerror: RSA key too small"},  // RFC 8301 §3.2
      {test::rsa_768_pem, 768, "permerror: RSA key too small"},
      {test::rsa_1023_pem, 1023, "permerror: RSA key too small"},
      {test::rsa_1024_pem, 1024, "pass"},
      {test::rsa_2048_pem, 2048, "pass"},
  };
  for (const auto& row : table) {
    test::MapResolver resolver;
    resolver.txt(key_name, {test::key_record(row.pem)});
    const auto message = sign_by_hand(test::plain_message(), tags, row.pem);
    const auto outcome = test::verify(message, resolver).at(0);
    CHECK(summary(outcome) == row.expected);
    CHECK(outcome.key_bits == row.bits);
    dkim::VerifyPolicy lax;
    lax.min_rsa_bits = 512;
    CHECK(summary(test::verify(message, resolver, lax)) == "pass");
  }
}

TEST_CASE("verifier: what the DNS cannot tell is temperror, what it denies is permerror", "[dkim]") {
  struct {
    dns::Status status;
    std::string_view expected;
  } const table[] = {
      {dns::Status::timeout, "temperror: key could not be had"},
      {dns::Status::server_failure, "temperror: key could not be had"},
      {dns::Status::malformed, "temperror: key could not be had"},
      {dns::Status::no_data, "permerror: no key"},
      {dns::Status::no_such_name, "permerror: no key"},
  };
  for (const auto& row : table) {
    test::MapResolver resolver;
    resolver.fail(key_name, dns::Type::txt, row.status);
    auto message = sign_by_hand(test::plain_message(), tags);
    CHECK(summary(test::verify(message, resolver)) == row.expected);
    message.body += "more\r\n";  // whatever the key, this cannot pass
    if (dns::is_failure(row.status)) CHECK(summary(test::verify(message, resolver)) == "fail: body hash did not verify");
  }
}

TEST_CASE("verifier: a key that has not come by the deadline is temperror", "[dkim]") {
  test::MapResolver resolver;
  resolver.txt(key_name, {good_record()});
  resolver.defer(true);
  CHECK(summary(test::verify(sign_by_hand(test::plain_message(), tags), resolver)) == "temperror: key could not be had");
}

TEST_CASE("verifier: of several keys at a name those that can be used are tried, three at most", "[dkim][limits]") {
  const std::string good = good_record();
  const std::string other = test::key_record(test::rsa_2048_pem);
  CHECK(verdict({other, good}) == "pass");
  CHECK(verdict({"v=spf1 -all", "text", good}) == "pass");                               // not key records
  CHECK(verdict({test::key_record(test::ed25519_pem), "v=DKIM1; p=", good}) == "pass");  // not usable for this one
  CHECK(verdict({other, other, good}) == "pass");
  CHECK(verdict({other, other, other, good}) == "fail: signature did not verify");
}

TEST_CASE("verifier: changing any signed part breaks the signature, the reason says which part", "[dkim]") {
  test::MapResolver resolver;
  resolver.txt(key_name, {good_record()});
  const auto message = sign_by_hand(test::plain_message(), std::string(tags) + ":from:cc; t=1699999999");
  const auto verdict_on = [&](const auto& change) {
    auto changed = message;
    change(changed);
    return summary(test::verify(changed, resolver));
  };
  const auto replace = [](std::string& text, std::string_view from, std::string_view to) {
    text.replace(text.find(from), from.size(), to);
  };
  const std::string bad_signature = "fail: signature did not verify";
  const std::string bad_body = "fail: body hash did not verify";
  CHECK(verdict_on([](auto&) {}) == "pass");
  CHECK(verdict_on([](auto& m) { m.body[0] = 'O'; }) == bad_body);
  CHECK(verdict_on([](auto& m) { m.body += "x"; }) == bad_body);
  CHECK(verdict_on([](auto& m) { m.body.clear(); }) == bad_body);
  CHECK(verdict_on([](auto& m) { m.body += "\r\n\r\n"; }) == "pass");
  CHECK(verdict_on([&](auto& m) { replace(m.fields[1], "Author", "Auth0r"); }) == bad_signature);
  CHECK(verdict_on([&](auto& m) { replace(m.fields[2], "reader", "writer"); }) == bad_signature);
  CHECK(verdict_on([](auto& m) { m.fields[3] += "."; }) == bad_signature);
  CHECK(verdict_on([](auto& m) { m.fields[3] += " \r\n "; }) == "pass");                           // relaxed
  CHECK(verdict_on([](auto& m) { m.fields.erase(m.fields.begin() + 2); }) == bad_signature);       // To is gone
  CHECK(verdict_on([](auto& m) { m.fields[4] = "Date: another"; }) == "pass");                     // not signed
  CHECK(verdict_on([](auto& m) { m.fields.push_back("From: x@example.org"); }) == bad_signature);  // oversigned
  CHECK(verdict_on([](auto& m) { m.fields.insert(m.fields.begin(), "From: x@example.org"); }) == bad_signature);
  CHECK(verdict_on([](auto& m) { m.fields.push_back("Cc: x@example.org"); }) == bad_signature);  // absent when signed
  CHECK(verdict_on([](auto& m) { m.fields.push_back("Subject: last"); }) == bad_signature);      // bottom up
  CHECK(verdict_on([](auto& m) { m.fields.insert(m.fields.begin() + 1, "Subject: first"); }) == "pass");
  CHECK(verdict_on([&](auto& m) { replace(m.fields[0], "t=1699999999", "t=1699999998"); }) == bad_signature);
  CHECK(verdict_on([&](auto& m) { replace(m.fields[0], "h=from:to", "h=from:date"); }) == bad_signature);
  CHECK(verdict_on([&](auto& m) { replace(m.fields[0], "relaxed/relaxed", "relaxed/simple"); }) == bad_body);
  CHECK(verdict_on([](auto& m) { m.fields[0] += " \r\n "; }) == "pass");  // white space in b=
  CHECK(verdict_on([](auto& m) { m.fields[0] += "; unknown=1"; }) == bad_signature);
}

TEST_CASE("verifier: x= in the past and t= in the future are policy, with the drift allowed", "[dkim]") {
  const std::string until = std::string(tags) + "; x=1700000000";
  const std::string from = std::string(tags) + "; t=1700000000";
  const auto at = [](std::int64_t seconds) { return base::UnixTime{std::chrono::seconds{seconds}}; };
  const std::vector<std::string> records = {good_record()};
  CHECK(verdict(records, until, {}, at(1700000300)) == "pass");
  CHECK(verdict(records, until, {}, at(1700000301)) == "policy: signature expired");
  CHECK(verdict(records, from, {}, at(1699999700)) == "pass");
  CHECK(verdict(records, from, {}, at(1699999699)) == "policy: signature made in the future");
  dkim::VerifyPolicy exact;
  exact.clock_drift = std::chrono::seconds{0};
  CHECK(verdict(records, until, exact, at(1700000000)) == "pass");
  CHECK(verdict(records, until, exact, at(1700000001)) == "policy: signature expired");
  CHECK(verdict(records, std::string(tags) + "; x=999999999999", {}, at(1700000000)) == "pass");
}

TEST_CASE("verifier: l= that leaves part of the body unsigned never passes, unless allowed", "[dkim]") {
  const std::vector<std::string> records = {good_record()};
  const std::string octets = "25";  // of "one\r\ntwo words\r\n\r\nthree\r\n"
  const auto with_length = [](std::string_view length) { return std::string(tags) + "; l=" + std::string(length); };
  dkim::VerifyPolicy lax;
  lax.accept_short_length = true;
  CHECK(verdict(records, with_length(octets)) == "pass");
  CHECK(verdict(records, with_length("24")) == "policy: l= leaves part of the body unsigned");
  CHECK(verdict(records, with_length("0")) == "policy: l= leaves part of the body unsigned");
  CHECK(verdict(records, with_length("26")) == "permerror: l= is larger than the body");
  CHECK(verdict(records, with_length(octets), lax) == "pass");
  CHECK(verdict(records, with_length("24"), lax) == "pass");
  CHECK(verdict(records, with_length("0"), lax) == "pass");
  CHECK(verdict(records, with_length("26"), lax) == "permerror: l= is larger than the body");
}

TEST_CASE("verifier: a broken signature is permerror, says why and asks for no key", "[dkim]") {
  test::MapResolver resolver;
  auto message = test::plain_message();
  message.fields.insert(message.fields.begin(), "DKIM-Signature: v=1; a=rsa-sha1; d=example.com; s=x; b=abc def ghijk");
  message.fields.insert(message.fields.begin(), "DKIM-Signature: nonsense");
  message.fields.insert(message.fields.begin(), "DKIM-Signature:");
  const auto outcomes = test::verify(message, resolver);
  CHECK(summary(outcomes) == "permerror: empty tag list, permerror: tag without '=', permerror: bh= is missing");
  CHECK(outcomes[2].domain == "example.com");
  CHECK(outcomes[2].algorithm == "rsa-sha1");
  CHECK(outcomes[2].signature_start == "abcdefgh");
  CHECK(resolver.asked().empty());
}

TEST_CASE("verifier: a d= that is no domain is described, bounded, and is no signing domain", "[dkim][limits]") {
  test::MapResolver resolver;
  auto message = test::plain_message();
  message.fields.insert(message.fields.begin(), "DKIM-Signature: v=1; d=" + std::string(5000, 'x'));
  const auto outcome = test::verify(message, resolver).at(0);
  CHECK_FALSE(outcome.signing_domain.has_value());
  CHECK(outcome.domain.size() == 256);
}
