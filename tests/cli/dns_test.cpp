#include "cli/dns.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "cli/spf_survey.hpp"
#include "tests/cli/folder.hpp"

using nlohmann::json;

namespace {

constexpr const char* zone = R"($ORIGIN good.example.
@ MX 10 mail
@ TXT "v=spf1 mx -all"
mail A 192.0.2.1
_dmarc TXT "v=DMARC1; p=reject; rua=mailto:r@good.example"
default._domainkey TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
$ORIGIN bad.example.
@ MX 10 mail
mail A 192.0.2.1
@ TXT "v=spf1 include:a.bad.example include:gone.example a:void.bad.example ptr redirect=x.example +all"
a TXT "v=spf1 a:mail.bad.example a:3.bad.example exists:%{i}.x.bad.example exists:%{l}.x a:mail.bad.example mx:4.bad.example a:6.bad.example a:mail.bad.example -all"
_dmarc TXT "v=DMARC1; p=quarantine; sp=none; pct=20; ri=3600; t=y; rua=mailto:x@report.example,mailto:dm@bad.example"
$ORIGIN two.example.
@ MX 0 .
@ TXT "v=spf1 ip4:192.0.2.1 ~all"
@ TXT "v=spf1 include:x.example ip4:192.0.2.1 -all"
_dmarc TXT "v=DMARC1; p=reject"
_dmarc TXT "v=DMARC1; p=none"
*._domainkey TXT "v=DKIM1; p="
$ORIGIN loop.example.
@ MX 10 mail.good.example.
@ TXT "v=spf1 include:a.loop.example"
a TXT "v=spf1 include:loop.example ?all"
_dmarc TXT "v=DMARC1; p=none"
$ORIGIN moved.example.
@ CNAME good.example.
_dmarc CNAME _dmarc.good.example.
* TXT "v=spf1 -all"
$FAIL down.example. ANY timeout
)";

constexpr const char* bad_explained = R"(Mail
  bad.example. MX 10 mail.bad.example.
SPF
  bad.example. TXT "v=spf1 include:a.bad.example include:gone.example a:void.bad.example ptr redirect=x.example +all"
  12 of 10 lookup terms in the whole tree: include:a.bad.example (9 in all), include:gone.example (1 in all)
  4 void lookups, 2 are allowed
  problem: 12 terms that cause lookups, 10 are allowed
    the check of every client that gets so far is permerror (RFC 7208 §4.6.4): remove services that no longer send for you, name addresses (ip4:, ip6:) instead of a: and mx, give services domains of their own
  problem: a:3.bad.example in the record of a.bad.example: no such name
    the name has no such records, so the term matches nobody, and more than 2 such make it permerror (RFC 7208 §4.6.4): remove it
  problem: mx:4.bad.example in the record of a.bad.example: no such name
    the name has no such records, so the term matches nobody, and more than 2 such make it permerror (RFC 7208 §4.6.4): remove it
  problem: a:6.bad.example in the record of a.bad.example: no such name
    the name has no such records, so the term matches nobody, and more than 2 such make it permerror (RFC 7208 §4.6.4): remove it
  problem: a:void.bad.example in the record of bad.example: no such name
    the name has no such records, so the term matches nobody, and more than 2 such make it permerror (RFC 7208 §4.6.4): remove it
  problem: include:gone.example in the record of bad.example: no SPF record
    the check of every client that gets so far is permerror or temperror (RFC 7208 §5.2, §6.1)
  problem: +all: everybody may send for the domain
    worse than no record: forgeries pass
    publish: bad.example. TXT "v=spf1 include:a.bad.example include:gone.example a:void.bad.example ptr redirect=x.example -all"
  warning: redirect= beside all: it is never followed
    all always matches (RFC 7208 §6.1): remove one of the two
    publish: bad.example. TXT "v=spf1 include:a.bad.example include:gone.example a:void.bad.example ptr -all"
  warning: ptr in the record of bad.example
    slow, unreliable, and not to be used (RFC 7208 §5.5): name the servers
    publish: bad.example. TXT "v=spf1 include:a.bad.example include:gone.example a:void.bad.example redirect=x.example"
DKIM
  warning: no key under the selectors that are common
    selectors cannot be listed: name yours with --selector or -c. Without a key mail passes DMARC by SPF alone, and forwarding breaks that: make one with `signet key new`
DMARC
  _dmarc.bad.example. TXT "v=DMARC1; p=quarantine; sp=none; pct=20; ri=3600; t=y; rua=mailto:x@report.example,mailto:dm@bad.example"
  warning: pct=20: the tag was removed
    receivers by RFC 9989 ignore it and apply the policy to all mail; t=y is what lowers a policy now
    publish: _dmarc.bad.example. TXT "v=DMARC1; p=quarantine; sp=none; t=y; rua=mailto:x@report.example,mailto:dm@bad.example"
  note: ri=3600: the tag was removed
    receivers by RFC 9989 ignore it
    publish: _dmarc.bad.example. TXT "v=DMARC1; p=quarantine; sp=none; t=y; rua=mailto:x@report.example,mailto:dm@bad.example"
  warning: t=y: the policy is applied one level lower
    remove it when the reports show no mail of your own that fails
    publish: _dmarc.bad.example. TXT "v=DMARC1; p=quarantine; sp=none; rua=mailto:x@report.example,mailto:dm@bad.example"
  warning: sp=none is weaker than p=quarantine
    forgers take a name below the domain
    publish: _dmarc.bad.example. TXT "v=DMARC1; p=quarantine; sp=quarantine; rua=mailto:x@report.example,mailto:dm@bad.example"
  note: there is no np
    names below that do not exist send no mail: they can be refused at once (RFC 9989 §4.7)
    publish: _dmarc.bad.example. TXT "v=DMARC1; p=quarantine; sp=none; np=reject; t=y; rua=mailto:x@report.example,mailto:dm@bad.example"
  problem: rua mailto:x@report.example: report.example has not agreed: no record at bad.example._report._dmarc.report.example
    no report goes there (RFC 9990 §4): whoever runs that domain has to agree, by a record of theirs
    publish: bad.example._report._dmarc.report.example. TXT "v=DMARC1"
)";

class DnsFixture {
 public:
  DnsFixture() { options.sources.zone_file = folder_.file("zone", zone); }
  int run(const std::string& domain) {
    options.domain = domain;
    std::ostringstream out;
    const int status = cli::run_dns(options, out);
    text = out.str();
    return status;
  }
  [[nodiscard]] bool says(const std::string& part) const { return text.find(part) != std::string::npos; }

  cli::DnsOptions options;
  std::string text;

 protected:
  test::Folder folder_;
};

}  // namespace

TEST_CASE_METHOD(DnsFixture, "signet dns: a domain that is in order has notes at most", "[cli]") {
  CHECK(run("good.example") == 0);
  CHECK(says("SPF\n  good.example. TXT \"v=spf1 mx -all\"\n  1 of 10 lookup terms in the whole tree\nDKIM\n"));
  CHECK(says("DMARC\n  _dmarc.good.example. TXT \"v=DMARC1; p=reject; rua=mailto:r@good.example\"\n"));
  CHECK_FALSE(says("warning"));
  CHECK_FALSE(says("problem"));
}

TEST_CASE_METHOD(DnsFixture, "signet dns: every problem is named, why it matters, and what to publish", "[cli]") {
  CHECK(run("bad.example") == cli::exit_advised);
  CHECK(text == bad_explained);
}

TEST_CASE_METHOD(DnsFixture, "signet dns: several records become one; a null MX and a wildcard are understood", "[cli]") {
  CHECK(run("two.example") == 1);
  CHECK(says("  takes no mail\n"));
  CHECK(says("  problem: 2 SPF records\n"));
  CHECK(says("    publish: two.example. TXT \"v=spf1 ip4:192.0.2.1 include:x.example -all\"\n"));
  CHECK(says("  note: a wildcard answers for every selector of two.example\n"));
  CHECK(says("  problem: 2 DMARC records\n"));
}

TEST_CASE_METHOD(DnsFixture, "signet dns: what leads back to itself, what lacks an end, p=none and no reports", "[cli]") {
  CHECK(run("loop.example") == 1);
  CHECK(says("  problem: include:loop.example in the record of a.loop.example: leads back to itself\n"));
  CHECK(says("    publish: loop.example. TXT \"v=spf1 include:a.loop.example -all\"\n"));
  CHECK(says("  warning: p=none: forgeries are delivered\n"));
  CHECK(says("    publish: _dmarc.loop.example. TXT \"v=DMARC1; p=none; rua=mailto:dmarc-reports@loop.example\"\n"));
}

TEST_CASE_METHOD(DnsFixture, "signet dns: aliases and wildcards are said", "[cli]") {
  CHECK(run("moved.example") == 1);
  CHECK(says("  problem: moved.example is an alias of good.example\n"));
  CHECK(says("  note: a wildcard gives every unused name below moved.example an SPF record\n"));
  CHECK(says("  _dmarc.moved.example is an alias of _dmarc.good.example: whoever holds that decides\n"));
}

TEST_CASE_METHOD(DnsFixture, "signet dns: who takes no mail should say that nobody sends it", "[cli]") {
  CHECK(run("nothing.example") == 1);
  CHECK(says("  does not exist (NXDOMAIN)\n"));
  CHECK(says("    publish: nothing.example. TXT \"v=spf1 -all\"\n"));
  CHECK(says("    publish: _dmarc.nothing.example. TXT \"v=DMARC1; p=reject\"\n"));
}

TEST_CASE_METHOD(DnsFixture, "signet dns: a DNS that does not answer is told from one that has nothing", "[cli]") {
  CHECK(run("down.example") == cli::exit_dns_silent);
  CHECK(says("  problem: TXT: timeout\n"));
}

TEST_CASE_METHOD(DnsFixture, "signet dns: selectors that are named should be there", "[cli][limits]") {
  options.selectors = {"default", "other"};
  CHECK(run("good.example") == 1);
  CHECK(says("  problem: other._domainkey.good.example: no key\n"));
  options.selectors.assign(cli::DnsOptions::max_selectors, "default");
  CHECK(run("good.example") == 0);
  options.selectors.push_back("default");
  CHECK_THROWS_WITH(run("good.example"), "--selector: found 33, expected at most 32");
  options.selectors = {"a..b"};
  CHECK_THROWS_AS(run("good.example"), std::invalid_argument);
}

TEST_CASE_METHOD(DnsFixture, "signet dns: of an endless tree a bounded part is looked at", "[cli][limits]") {
  std::string chain;
  for (std::size_t i = 0; i <= cli::SpfSurvey::max_records; ++i)
    chain += "n" + std::to_string(i) + ".example. TXT \"v=spf1 include:n" + std::to_string(i + 1) + ".example -all\"\n";
  options.sources.zone_file = folder_.file("chain", chain);
  CHECK(run("n0.example") == 1);
  CHECK(says("  40 of 10 lookup terms in the whole tree"));
}

TEST_CASE_METHOD(DnsFixture, "signet dns: the JSON says the same", "[cli]") {
  options.json = true;
  CHECK(run("two.example") == 1);
  const json found = json::parse(text);
  CHECK(found.at("domain") == "two.example");
  CHECK(found.at("spf").at("records").size() == 2);
  CHECK(found.at("spf").at("findings").at(0).at("publish") ==
        "two.example. TXT \"v=spf1 ip4:192.0.2.1 include:x.example -all\"");
  CHECK(found.at("dmarc").at("findings").at(0).at("severity") == "problem");
  CHECK(found.at("dkim").at("findings").at(0).at("publish").is_null());
}
