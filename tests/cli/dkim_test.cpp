#include "cli/dkim.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "cli/findings.hpp"
#include "dkim/crypto.hpp"
#include "tests/cli/folder.hpp"
#include "tests/dkim/keys.hpp"

using nlohmann::json;

namespace {

constexpr const char* ed25519 = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";  // RFC 8463 appendix A.2

std::string rsa_value(std::string_view pem) { return dkim::PrivateKey::from_pem(pem)->public_key().record_value(); }

std::string zone() {
  return std::string("$ORIGIN _domainkey.example.org.\n") + "good TXT \"v=DKIM1; k=ed25519; t=s; n=for mail; p=" + ed25519 +
         "\"\n" + "alias CNAME good\nrevoked TXT \"v=DKIM1; p=\"\nodd TXT \"v=DKIM1; k=rsa; p=MIIB!!\"\n" +
         "testing TXT \"k=ed25519; t=y:z; p=" + ed25519 + "\"\n" + "other TXT \"v=DKIM1; k=ed25519; s=tlsrpt; p=" + ed25519 +
         "\"\nold TXT \"v=DKIM1; k=ed25519; h=sha1; g=*; p=" + ed25519 + "\"\n" +
         "two TXT \"v=DKIM1; p=\"\ntwo TXT \"v=DKIM1; k=ed25519; p=" + ed25519 +
         "\"\nsmall TXT \"v=DKIM1; p=" + rsa_value(test::rsa_768_pem) + "\"\n$FAIL down TXT timeout\n";
}

class DkimFixture {
 public:
  DkimFixture() {
    options.sources.zone_file = folder_.file("zone", zone());
    options.domain = "example.org";
  }
  int run(const std::string& selector) {
    options.selector = selector;
    std::ostringstream out;
    const int status = cli::run_dkim(options, out);
    text = out.str();
    return status;
  }
  [[nodiscard]] bool says(const std::string& part) const { return text.find(part) != std::string::npos; }

  cli::DkimOptions options;
  std::string text;

 private:
  test::Folder folder_;
};

}  // namespace

TEST_CASE_METHOD(DkimFixture, "signet dkim: a key, tag by tag", "[cli]") {
  CHECK(run("good") == 0);
  CHECK(text == R"(good._domainkey.example.org
  v=DKIM1; k=ed25519; t=s; n=for mail; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    v=DKIM1: the version
    k=ed25519: an Ed25519 key (RFC 8463)
    t=s: s: the domain of i= must equal d=, no name below it
    n=for mail: a note for people
    p=11qYAYKxCrfVS/7TyW...: the key
    key: Ed25519, 256 bits
    note: the key is an Ed25519 key
      not all receivers verify by RFC 8463: sign with an RSA key under another selector, too
  a signature with this selector is verified by this key
)");
  CHECK(run("alias") == 0);
  CHECK(says("alias._domainkey.example.org, an alias of good._domainkey.example.org\n"));
}

TEST_CASE_METHOD(DkimFixture, "signet dkim: why no signature can pass, and the exit status", "[cli]") {
  CHECK(run("none") == cli::exit_no_key);
  CHECK(text == "none._domainkey.example.org: no such name\n  a signature with this selector is permerror: no key\n");
  CHECK(run("revoked") == cli::exit_unusable_key);
  CHECK(says("    problem: the key is revoked: p= is empty\n"));
  CHECK(says("  a signature with this selector is permerror: key revoked\n"));
  CHECK(run("odd") == 65);
  CHECK(says("  v=DKIM1; k=rsa; p=MIIB!!\n                    ^\n    problem: this is no key record: key is not base64\n"));
  CHECK(run("other") == 65);
  CHECK(says("    s=tlsrpt: services; email is not among them\n"));
  CHECK(says("permerror: key is not for email\n"));
  CHECK(run("old") == 65);
  CHECK(says("    h=sha1: hashes allowed; SHA-256 is not among them\n    g=*: of an older standard (RFC 4871), ignored\n"));
  CHECK(run("small") == 65);
  CHECK(says("problem: the RSA key has 768 bits\n"));
  CHECK(run("down") == cli::exit_key_unknown);
  CHECK(says(": timeout\n  a signature with this selector is temperror: its key cannot be had\n"));
}

TEST_CASE_METHOD(DkimFixture, "signet dkim: what is worth knowing of a key that can be used", "[cli]") {
  CHECK(run("testing") == 0);
  CHECK(says("y: the domain is testing, and a failure is to mean nothing; a flag that is not known, ignored\n"));
  CHECK(says("    warning: t=y: the domain says that it is only testing\n"));
  CHECK(says("    note: there is no v=DKIM1\n"));
  CHECK(says("publish: testing._domainkey.example.org. TXT \"v=DKIM1; k=ed25519; t=y:z; p="));
  CHECK(run("two") == 0);
  CHECK(says("  warning: 2 TXT records at one name\n"));
}

TEST_CASE_METHOD(DkimFixture, "signet dkim: the JSON says the same", "[cli]") {
  options.json = true;
  CHECK(run("two") == 0);
  const json found = json::parse(text);
  CHECK(found.at("usable") == true);
  CHECK(found.at("records").size() == 2);
  CHECK(found.at("records")[0].at("fault") == "key revoked");
  CHECK(found.at("records")[1].at("key") == "Ed25519, 256 bits");
  CHECK(found.at("findings")[0].at("severity") == "warning");
  CHECK_THROWS_AS(run("a..b"), std::invalid_argument);
}

TEST_CASE("findings: a record as a line of a zone file is in strings of at most 255 octets", "[cli][limits]") {
  CHECK(cli::zone_line("a.example", R"(x "y" \z)") == R"(a.example. TXT "x \"y\" \\z")");
  CHECK(cli::zone_line("a.example", std::string(255, 'a')) == "a.example. TXT \"" + std::string(255, 'a') + "\"");
  CHECK(cli::zone_line("a.example", std::string(256, 'a')) == "a.example. TXT \"" + std::string(255, 'a') + "\" \"a\"");
}
