// What bounds the verifier's work, and in which order it works.

#include <catch2/catch.hpp>

#include "dkim/published_keys.hpp"
#include "dkim/verifier.hpp"
#include "tests/dkim/keys.hpp"
#include "tests/dkim/message.hpp"

using test::sign_by_hand;
using test::signing_time;
using test::summary;

namespace {

std::string tags_for(const std::string& domain, const std::string& more = {}) {
  return "v=1; a=rsa-sha256; c=relaxed/relaxed; d=" + domain + "; s=test; h=from" + more;
}

base::Domain domain(std::string_view text) { return base::Domain::parse(text).value(); }

/// Signed once for each domain; the last one ends on top. Each field differs from the others by its t=.
test::Message signed_for(const std::vector<std::string>& domains) {
  auto message = test::plain_message();
  std::int64_t made = 1699999000;
  for (auto d = domains.rbegin(); d != domains.rend(); ++d)
    message = sign_by_hand(std::move(message), tags_for(*d, "; t=" + std::to_string(made++)));
  return message;
}

test::MapResolver& publish(test::MapResolver& resolver, const std::vector<std::string>& domains) {
  for (const auto& d : domains) resolver.txt("test._domainkey." + d, {test::key_record(test::rsa_1024_pem)});
  return resolver;
}

}  // namespace

TEST_CASE("verifier: beyond ten signatures the rest is policy and costs nothing", "[dkim][limits]") {
  std::vector<std::string> domains;
  for (int i = 0; i < 11; ++i) domains.push_back("d" + std::to_string(i) + ".example");
  test::MapResolver resolver;
  publish(resolver, domains);
  dkim::VerifyPolicy policy;
  policy.max_signatures_verified = 100;
  const auto outcomes = test::verify(signed_for(domains), resolver, policy);
  REQUIRE(outcomes.size() == 11);
  for (std::size_t i = 0; i < 10; ++i) CHECK(summary(outcomes[i]) == "pass");
  CHECK(summary(outcomes[10]) == "policy: too many signatures");
  CHECK(outcomes[10].index == 10);
  CHECK(resolver.asked().size() == 10);
}

TEST_CASE("verifier: a hundred signatures have an outcome, unless more are to be seen", "[dkim][limits]") {
  test::MapResolver resolver;
  auto message = test::plain_message();
  const auto outcomes = [&](std::size_t signatures, unsigned seen) {
    auto flood = message;
    flood.fields.insert(flood.fields.begin(), signatures, "DKIM-Signature: none");
    dkim::VerifyPolicy policy;
    policy.max_signatures_seen = seen;
    return test::verify(flood, resolver, policy).size();
  };
  CHECK(outcomes(dkim::Verifier::max_outcomes, 10) == dkim::Verifier::max_outcomes);
  CHECK(outcomes(dkim::Verifier::max_outcomes + 1, 10) == dkim::Verifier::max_outcomes);
  CHECK(outcomes(150, 120) == 120);
}

TEST_CASE("verifier: eight keys at a name are decoded, the ninth is not looked at", "[dkim][limits]") {
  const std::string other = test::key_record(test::rsa_2048_pem), good = test::key_record(test::rsa_1024_pem);
  for (const std::size_t before : {7U, 8U}) {
    test::MapResolver resolver;
    std::vector<std::string> records(before, other);
    records.push_back(good);
    resolver.txt("test._domainkey.a.example", records);
    dkim::VerifyPolicy policy;
    policy.max_keys_tried = policy.max_signatures_verified = 100;
    CHECK(summary(test::verify(signed_for({"a.example"}), resolver, policy)) ==
          (before < dkim::PublishedKeys::max_keys ? "pass" : "fail: signature did not verify"));
  }
}

TEST_CASE("verifier: an answer with more keys than anybody needs is as good as none", "[dkim][limits]") {
  test::MapResolver resolver;
  const std::string record = test::key_record(test::rsa_1024_pem);
  resolver.txt("test._domainkey.a.example", std::vector<std::string>(100, record));
  CHECK(summary(test::verify(signed_for({"a.example"}), resolver)) == "pass");
  resolver.txt("test._domainkey.a.example", std::vector<std::string>(200, record));
  CHECK(summary(test::verify(signed_for({"a.example"}), resolver)) == "temperror: key could not be had");
}

TEST_CASE("verifier: beyond five public-key operations the rest is policy", "[dkim][limits]") {
  const std::vector<std::string> domains = {"a.example", "b.example", "c.example", "d.example", "e.example", "f.example"};
  test::MapResolver resolver;
  publish(resolver, domains);
  const auto outcomes = test::verify(signed_for(domains), resolver);
  for (std::size_t i = 0; i < 5; ++i) CHECK(summary(outcomes[i]) == "pass");
  CHECK(summary(outcomes[5]) == "policy: too many signatures");
}

TEST_CASE("verifier: a signature whose key is missing takes no one's place", "[dkim][limits]") {
  const std::vector<std::string> domains = {"a.example", "b.example", "c.example", "d.example", "e.example", "f.example"};
  test::MapResolver resolver;
  publish(resolver, {"f.example"});
  CHECK(summary(test::verify(signed_for(domains), resolver).at(5)) == "pass");
}

TEST_CASE("verifier: keys tried at one name count as operations, too", "[dkim][limits]") {
  test::MapResolver resolver;
  publish(resolver, {"b.example"});
  const std::string other = test::key_record(test::rsa_2048_pem);
  resolver.txt("test._domainkey.a.example", {other, other, other});
  dkim::VerifyPolicy policy;
  policy.max_signatures_verified = 3;
  CHECK(summary(test::verify(signed_for({"a.example", "b.example"}), resolver, policy)) ==
        "fail: signature did not verify, policy: too many signatures");
  policy.max_signatures_verified = 4;
  CHECK(summary(test::verify(signed_for({"a.example", "b.example"}), resolver, policy)) ==
        "fail: signature did not verify, pass");
}

TEST_CASE("verifier: the Author Domain's signature is verified first, then its relatives', then others'", "[dkim][limits]") {
  const std::vector<std::string> domains = {"other.example", "sub.mail.author.example", "author.example",
                                            "mail.author.example"};
  test::MapResolver resolver;
  publish(resolver, domains);
  const auto message = signed_for(domains);
  const auto passed = [&](unsigned most) {
    dkim::VerifyPolicy policy;
    policy.max_signatures_verified = most;
    std::string out;
    for (const auto& outcome : test::verify(message, resolver, policy, signing_time, {domain("mail.author.example")}))
      out += outcome.result == dkim::Result::pass ? 'p' : '-';
    return out;
  };
  CHECK(passed(1) == "---p");
  CHECK(passed(2) == "-p-p");
  CHECK(passed(3) == "-ppp");
  CHECK(passed(4) == "pppp");
}

TEST_CASE("verifier: a header that did not fit makes every signature permerror", "[dkim][limits]") {
  auto message = signed_for({"a.example", "b.example"});
  message.fields.push_back("X-Long: " + std::string(4000, 'x'));
  test::MapResolver resolver;
  publish(resolver, {"a.example", "b.example"});
  dkim::BodyHashes hashes;
  dkim::Verifier verifier(message.header(3000), {}, {}, signing_time, hashes);
  verifier.start(resolver);
  CHECK(hashes.is_empty());
  CHECK(summary(verifier.finish(hashes, base::SteadyTime{})) == "permerror: header too large, permerror: header too large");
  CHECK(resolver.asked().empty());
}

TEST_CASE("verifier: a field repeated octet for octet is verified once", "[dkim][limits]") {
  test::MapResolver resolver;
  publish(resolver, {"a.example", "b.example"});
  auto message = signed_for({"a.example", "b.example"});
  for (int i = 0; i < 5; ++i) message.fields.insert(message.fields.begin(), message.fields.front());
  const auto outcomes = test::verify(message, resolver);
  REQUIRE(outcomes.size() == 7);
  for (std::size_t i = 0; i < 7; ++i) {
    CHECK(summary(outcomes[i]) == "pass");
    CHECK(outcomes[i].index == i);
  }
  CHECK(outcomes[6].domain == "b.example");
  CHECK(resolver.asked().size() == 2);
}

TEST_CASE("verifier: signatures with the same key ask for it once", "[dkim][limits]") {
  test::MapResolver resolver;
  publish(resolver, {"a.example"});
  CHECK(summary(test::verify(signed_for({"a.example", "a.example", "A.example"}), resolver)) == "pass, pass, pass");
  CHECK(resolver.asked().size() == 1);
}

TEST_CASE("verifier: all keys are asked for at once, before the body", "[dkim][limits]") {
  const std::vector<std::string> domains = {"a.example", "b.example", "c.example"};
  test::MapResolver resolver;
  publish(resolver, domains).defer(true);
  const auto message = signed_for(domains);
  dkim::BodyHashes hashes;
  dkim::Verifier verifier(message.header(), {}, {}, signing_time, hashes);
  verifier.start(resolver);
  CHECK(resolver.asked().size() == 3);
  hashes.update(message.body);
  hashes.finish();
  resolver.answer_all();
  CHECK(summary(verifier.finish(hashes, base::SteadyTime{})) == "pass, pass, pass");
}

TEST_CASE("verifier: the domains that may come to pass are named once, the Author Domain's first", "[dkim][limits]") {
  auto message = signed_for({"other.example", "a.example", "other.example"});
  message.fields.insert(message.fields.begin(), "DKIM-Signature: v=1; d=broken.example");
  const std::vector<base::Domain> authors = {domain("a.example")};
  dkim::BodyHashes hashes;
  const dkim::Verifier verifier(message.header(), authors, {}, signing_time, hashes);
  CHECK(verifier.candidate_domains() == std::vector<base::Domain>{domain("a.example"), domain("other.example")});
}

TEST_CASE("verifier: lengths of l= cost no hash of their own unless they may pass", "[dkim][limits]") {
  auto message = test::plain_message();
  for (int i = 0; i < 5; ++i) message = sign_by_hand(std::move(message), tags_for("a.example", "; l=" + std::to_string(i)));
  dkim::BodyHashes hashes;
  const dkim::Verifier verifier(message.header(), {}, {}, signing_time, hashes);
  const auto whole = hashes.want(dkim::Canonicalization::relaxed);
  CHECK(whole == 0);
  CHECK(hashes.want(dkim::Canonicalization::relaxed, 99) == 1);  // nothing else was wanted
}
