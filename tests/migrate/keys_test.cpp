#include "migrate/keys.hpp"

#include <catch2/catch.hpp>

#include "dkim/crypto.hpp"
#include "dns/zone_file.hpp"
#include "folder.hpp"
#include "tests/dkim/keys.hpp"

using namespace migrate;
using migrate_test::all_of;
using migrate_test::Folder;
using migrate_test::has;

namespace {

std::string record_of(std::string_view pem) { return dkim::PrivateKey::from_pem(pem).value().public_key().record_value(); }

/// TXT in character-strings of at most 255 octets.
std::string txt(const std::string& name, const std::string& value) {
  std::string out = name + " TXT";
  for (std::size_t at = 0; at < value.size(); at += 255) out += " \"" + value.substr(at, 255) + "\"";
  return out + "\n";
}

Findings check(const std::vector<KeyUse>& uses, const std::string& zone) {
  dns::ZoneResolver resolver(dns::parse_zone(zone).value());
  Findings findings;
  check_keys(uses, resolver, std::chrono::steady_clock::now() + std::chrono::seconds{5}, findings);
  return findings;
}

}  // namespace

TEST_CASE("migrate keys: the DNS shows the key, another, none, a revoked one, or nothing", "[migrate]") {
  const Folder folder;
  const std::string file = folder.write("k", std::string(test::rsa_2048_pem));
  const std::string own = "v=DKIM1; p=" + record_of(test::rsa_2048_pem);
  const std::string other = "v=DKIM1; k=ed25519; p=" + record_of(test::ed25519_pem);
  const std::string zone = txt("same._domainkey.a.example.", own) + txt("both._domainkey.a.example.", other) +
                           txt("both._domainkey.a.example.", own) + txt("other._domainkey.a.example.", other) +
                           txt("gone._domainkey.a.example.", "v=DKIM1; p=") + txt("odd._domainkey.a.example.", "v=DKIM2; p=x") +
                           "$FAIL down._domainkey.a.example. TXT timeout\n";
  const auto says = [&](const char* selector, Severity severity, const char* text) {
    const Findings findings = check({{"a.example", selector, file}}, zone);
    CAPTURE(all_of(findings));
    CHECK(findings.all().size() == 1);
    CHECK(has(findings, severity, text));
  };
  says("same", Severity::note, "same._domainkey.a.example is published and matches");
  says("both", Severity::note, "is published and matches");
  says("other", Severity::problem, "is published with another key");
  says("gone", Severity::problem, "is revoked");
  says("odd", Severity::problem, "has no usable key record");
  says("none", Severity::warning, "is not published");
  says("down", Severity::note, "the DNS does not answer");
}

TEST_CASE("migrate keys: files that signetd would refuse, and keys that are weak", "[migrate]") {
  const Folder folder;
  const std::string weak = folder.write("weak", std::string(test::rsa_1024_pem));
  const std::string open = folder.write("open", std::string(test::ed25519_pem));
  std::filesystem::permissions(open, std::filesystem::perms::others_read, std::filesystem::perm_options::add);
  const std::string none = folder.write("none", "no key");
  const Findings findings = check({{"a.example", "s", weak},
                                   {"a.example", "t", open},
                                   {"a.example", "u", none},
                                   {"", "v", weak},
                                   {"a.example", "w", folder.path("missing")}},
                                  "");
  CAPTURE(all_of(findings));
  CHECK(has(findings, Severity::warning, "an RSA key of 1024 bits is weak"));
  CHECK(has(findings, Severity::problem, "found mode 0604"));
  CHECK(has(findings, Severity::problem, "install -o root -g signet -m 0640 " + open));
  CHECK(has(findings, Severity::warning, "t._domainkey.a.example is not published"));  // compared all the same
  CHECK(has(findings, Severity::problem, "found no usable key"));
  CHECK(has(findings, Severity::problem, "missing: found it unreadable"));
  CHECK(has(findings, Severity::note, "v._domainkey.DOMAIN was not asked for"));
}

TEST_CASE("migrate keys: each use of a rule once", "[migrate]") {
  const DraftRule own{
      {{"a.example", ""}, {"u@a.example", ""}, {"u@b.example", ""}, {"*.c.example", ""}}, "", {{"s", "/k", ""}}};
  const DraftRule fixed{{{"*", ""}}, "d.example", {{"s", "/k", ""}, {"t", "/l", ""}}};
  const std::vector<KeyUse> expected = {
      {"", "s", "/k"}, {"a.example", "s", "/k"}, {"b.example", "s", "/k"}, {"d.example", "s", "/k"}, {"d.example", "t", "/l"}};
  CHECK(key_uses({own, fixed}) == expected);
}

TEST_CASE("migrate keys: questions have a bound", "[migrate][limits]") {
  const Folder folder;
  const std::string file = folder.write("k", std::string(test::ed25519_pem));
  std::vector<KeyUse> uses;
  for (std::size_t i = 0; i < max_keys_asked; ++i) uses.push_back({"a" + std::to_string(i) + ".example", "s", file});
  CHECK_FALSE(has(check(uses, ""), Severity::note, "the DNS is not asked"));
  uses.push_back({"b.example", "s", file});
  CHECK(has(check(uses, ""), Severity::note, "more than 2000 keys: the DNS is not asked for this and the rest"));
}
