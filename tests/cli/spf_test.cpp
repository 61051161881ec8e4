#include "cli/spf.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "tests/cli/folder.hpp"

using nlohmann::json;

namespace {

constexpr const char* zone = R"(
example.org.         TXT "v=spf1 include:_spf.example.net exists:%{ir}._spf.%{d2} mx:mail.example.org ptr -all exp=why.%{d}"
why.example.org.     TXT "%{i} is not one of %{d}'s servers"
_spf.example.net.    TXT "v=spf1 ip4:198.51.100.0/24 redirect=_b.example.net"
_b.example.net.      TXT "v=spf1 a:h.example.net ~all"
h.example.net.       A 192.0.2.77
mail.example.org.    MX 10 mx1.example.org.
mx1.example.org.     A 192.0.2.1
9.2.0.192.in-addr.arpa. PTR host.example.org.
host.example.org.    A 192.0.2.10
bad.example.org.     TXT "v=spf1 ip4:1.2.3 -all"
odd.example.org.     TXT "v=spf1 \027[31m -all"
$FAIL down.example.org. TXT timeout
)";

constexpr const char* explained = R"(MAIL FROM user@example.org from 192.0.2.9
  example.org: v=spf1 include:_spf.example.net exists:%{ir}._spf.%{d2} mx:mail.example.org ptr -all exp=why.%{d}
    include:_spf.example.net: no match (softfail there); lookup 1 of 10
      _spf.example.net: v=spf1 ip4:198.51.100.0/24 redirect=_b.example.net
        ip4:198.51.100.0/24: no match
        redirect=_b.example.net: followed; lookup 2 of 10
          _b.example.net: v=spf1 a:h.example.net ~all
            a:h.example.net: no match; lookup 3 of 10
              A h.example.net: 192.0.2.77
            ~all: match
    exists:%{ir}._spf.%{d2}: no match; lookup 4 of 10; void lookup 1 of 2
      its macros make 9.2.0.192._spf.example.org
      A 9.2.0.192._spf.example.org: no such name
    mx:mail.example.org: no match; lookup 5 of 10
      MX mail.example.org: 10 mx1.example.org
      A mx1.example.org: 192.0.2.1
    ptr: no match; lookup 6 of 10
      PTR 9.2.0.192.in-addr.arpa: host.example.org
      host.example.org is not validated
    -all: match
  fail: the domain says that this client may not send for it; matched -all in the record of example.org (RFC 7208 §5.1)
  6 of 10 lookup terms, 1 of 2 void lookups
  exp: why.example.org says "192.0.2.9 is not one of example.org's servers"
)";

class SpfFixture {
 public:
  SpfFixture() {
    options.sources.zone_file = folder_.file("zone", zone);
    options.ip = "192.0.2.9";
  }
  int run(const std::string& from) {
    options.from = from;
    std::ostringstream out;
    const int status = cli::run_spf(options, out);
    text = out.str();
    return status;
  }
  [[nodiscard]] bool says(const std::string& part) const { return text.find(part) != std::string::npos; }

  cli::SpfOptions options;
  std::string text;

 private:
  test::Folder folder_;
};

}  // namespace

TEST_CASE_METHOD(SpfFixture, "signet spf: every record, term, lookup and answer stands in order", "[cli]") {
  CHECK(run("user@example.org") == cli::exit_spf_not_pass);
  CHECK(text == explained);
}

TEST_CASE_METHOD(SpfFixture, "signet spf: both identities where there are both, HELO alone for the null sender", "[cli]") {
  options.helo = "mx1.example.org";
  CHECK(run("example.org") == 1);
  CHECK(says("MAIL FROM postmaster@example.org from 192.0.2.9\n"));
  CHECK(says("HELO mx1.example.org from 192.0.2.9\n  mx1.example.org: no SPF record\n  none: nothing is known; no SPF record"));
  options.helo = "_b.example.net";
  options.ip = "192.0.2.77";
  CHECK(run("<>") == 0);
  CHECK_FALSE(says("MAIL FROM"));
}

TEST_CASE_METHOD(SpfFixture, "signet spf: a fault is shown where it is, and the exit status tells", "[cli]") {
  CHECK(run("bad.example.org") == cli::exit_spf_permerror);
  CHECK(says("  bad.example.org: syntax error: bad IPv4 address\n    v=spf1 ip4:1.2.3 -all\n               ^\n"));
  CHECK(run("down.example.org") == cli::exit_spf_temperror);
  CHECK(
      says("temperror: the DNS did not answer: a later try may decide; DNS timeout for TXT down.example.org (RFC 7208 §4.4)"));
}

TEST_CASE_METHOD(SpfFixture, "signet spf: text from outside does a terminal no harm; colours only where asked for", "[cli]") {
  static_cast<void>(run("odd.example.org"));
  CHECK(says("\\x1b[31m -all"));
  CHECK_FALSE(says("\x1b"));
  options.is_coloured = true;
  static_cast<void>(run("user@example.org"));
  CHECK(says("-all: \x1b[32mmatch\x1b[0m\n"));
}

TEST_CASE_METHOD(SpfFixture, "signet spf: the JSON says the same", "[cli]") {
  options.json = true;
  static_cast<void>(run("user@example.org"));
  const json check = json::parse(text).at("checks").at(0);
  CHECK(check.at("identity") == "mailfrom");
  CHECK(check.at("result") == "fail");
  CHECK(check.at("rule") == "RFC 7208 §5.1");
  CHECK(check.at("explanation") == "192.0.2.9 is not one of example.org's servers");
  CHECK(check.at("steps").size() == 12);
  CHECK(check.at("steps").at(6) == json::parse(R"({"depth":2,"term":"a:h.example.net","name":null,"outcome":"no match",
    "reason":null,"lookup":3,"void_lookup":null,"answers":["A h.example.net: 192.0.2.77"]})"));
}

TEST_CASE_METHOD(SpfFixture, "signet spf: what it cannot use it refuses by name", "[cli]") {
  CHECK_THROWS_WITH(run("<>"), "FROM: found the null sender and no HELO, expected one of the two to check");
  CHECK_THROWS_WITH(run("user@"), "FROM: found \"user@\", expected an address with a domain");
  options.ip = "192.0.2";
  CHECK_THROWS_WITH(run("example.org"), "IP: found \"192.0.2\", expected an IP address");
  CHECK_THROWS_AS(run("example.org"), std::invalid_argument);
}
