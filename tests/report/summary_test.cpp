#include "report/summary.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "report/diagnosis.hpp"

using report::Aggregate;
using report::Record;
using report::Source;
using report::SourceKind;
using report::Summary;
using report::SummaryLimits;

namespace {

Record record(const std::string& ip, std::uint64_t count, const std::string& dkim, const std::string& spf) {
  Record out;
  out.source_ip = ip;
  out.count = count;
  out.policy_evaluated = {"none", dkim, spf, {}};
  out.identifiers.header_from = "example.org";
  return out;
}

Aggregate report_of(std::vector<Record> records, const std::string& id = "1") {
  Aggregate out;
  out.metadata = {"Receiver", "r@receiver.example", "", id, {100, 200}, {}, ""};
  out.policy.domain = "example.org";
  out.policy.p = "reject";
  out.records = std::move(records);
  return out;
}

Summary sum(const std::vector<Aggregate>& reports) {
  report::Tally tally;
  for (const Aggregate& one : reports) tally.add(one);
  return tally.take();
}

/// What is said of each mechanism that gave no aligned pass.
std::vector<std::string> whats(const Record& one, const report::PolicyPublished& policy) {
  std::vector<std::string> out;
  for (const report::Reason& reason : report::find_reasons(one, policy)) out.push_back(reason.what);
  return out;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("report summary: sources by volume, named by who authenticated", "[report]") {
  Record own = record("192.0.2.1", 10, "pass", "pass"), ours_too = record("192.0.2.200", 5, "pass", "fail");
  own.dkim = {{"example.org", "s", "pass", ""}};
  ours_too.spf = {{"example.org", "mfrom", "softfail", ""}};
  Record sender = record("198.51.100.1", 20, "fail", "fail"), stranger = record("2001:db8:1:2:3::4", 3, "fail", "fail");
  sender.spf = {{"mailer.example", "mfrom", "pass", ""}};
  sender.policy_evaluated.reasons = {{"local_policy", ""}};
  stranger.policy_evaluated.disposition = "reject";
  const Summary summary = sum({report_of({own, ours_too, sender, stranger})});
  REQUIRE(summary.sources.size() == 3);
  const Source &first = summary.sources[0], &second = summary.sources[1], &third = summary.sources[2];
  CHECK(first.name == "mailer.example");
  CHECK(first.kind == SourceKind::other_organization);
  CHECK(first.overrides.at("local_policy") == 20);
  CHECK(second.name == "example.org");
  CHECK(second.kind == SourceKind::own);
  CHECK(second.networks == std::set<std::string>{"192.0.2.0/24"});
  CHECK(second.messages == 15);
  CHECK(second.dkim == 15);
  CHECK(second.spf == 10);
  CHECK(second.both == 10);
  CHECK(second.neither == 0);
  CHECK(third.name == "2001:db8:1:2::/64");
  CHECK(third.kind == SourceKind::unknown);
  CHECK(third.dispositions.at("reject") == 3);
  CHECK(summary.messages == 38);
  CHECK(summary.failed == 23);
}

TEST_CASE("report summary: a report that comes twice counts once", "[report]") {
  const Aggregate one = report_of({record("192.0.2.1", 2, "pass", "pass")});
  const Summary summary = sum({one, one, report_of({record("192.0.2.1", 3, "pass", "pass")}, "2")});
  CHECK(summary.reports == 2);
  CHECK(summary.duplicates == 1);
  CHECK(summary.messages == 5);
  const Aggregate nameless = report_of({record("192.0.2.1", 2, "pass", "pass")}, "");
  CHECK(sum({nameless, nameless}).reports == 2);
}

TEST_CASE("report summary: the period is that of all reports", "[report]") {
  Aggregate later = report_of({}, "2");
  later.metadata.date_range = {50, 150};
  const Summary summary = sum({report_of({}), later});
  CHECK(summary.begin == 50);
  CHECK(summary.end == 200);
}

TEST_CASE("report summary: every failure has its reason", "[report]") {
  report::PolicyPublished policy;
  policy.domain = "example.org";
  policy.adkim = policy.aspf = "s";
  struct Case {
    std::vector<report::DkimAuthResult> dkim;
    std::vector<report::SpfAuthResult> spf;
    Texts expected;
  };
  const std::string no_spf = "SPF had no domain to check: the null sender, or none was reported";
  const Case cases[] = {
      {{}, {}, {"no DKIM signature", no_spf}},
      {{{"mailer.example", "k", "pass", ""}},
       {},
       {"DKIM passed for mailer.example, which is not aligned with example.org", no_spf}},
      {{{"mailer.example", "k", "fail", ""}},
       {},
       {"DKIM signature of mailer.example (selector k): fail, and not aligned with example.org", no_spf}},
      {{{"example.org", "s1", "fail", "body hash"}},
       {},
       {"DKIM signature of example.org (selector s1) failed (\"body hash\")", no_spf}},
      {{{"a.example.org", "s1", "pass", ""}},
       {},
       {"DKIM signature of a.example.org (selector s1) is valid, but was not taken as aligned", no_spf}},
      {{{"example.org", "s1", "permerror", ""}},
       {},
       {"DKIM signature of example.org (selector s1) cannot be checked: permerror", no_spf}},
      {{{"example.org", "", "temperror", ""}}, {}, {"DKIM signature of example.org could not be checked: temperror", no_spf}},
      {{{"example.org", "s1", "policy", ""}},
       {},
       {"DKIM signature of example.org (selector s1) was not accepted: policy", no_spf}},
      {{},
       {{"b.example", "mfrom", "pass", ""}},
       {"no DKIM signature", "SPF passed for b.example, which is not aligned with example.org"}},
      {{}, {{"example.org", "helo", "pass", ""}}, {"no DKIM signature", "SPF passed for HELO example.org alone"}},
      {{},
       {{"b.example.org", "", "pass", ""}},
       {"no DKIM signature", "SPF passed for b.example.org, but was not taken as aligned"}},
      {{},
       {{"example.org", "", "fail", ""}},
       {"no DKIM signature", "SPF of example.org is fail: this address is not in its record"}},
      {{}, {{"example.org", "", "permerror", ""}}, {"no DKIM signature", "SPF of example.org is a permerror"}},
      {{}, {{"example.org", "", "temperror", ""}}, {"no DKIM signature", "SPF of example.org is a temperror"}},
      {{}, {{"example.org", "", "none", ""}}, {"no DKIM signature", "example.org has no SPF record"}},
      {{},
       {{"b.example", "", "softfail", ""}},
       {"no DKIM signature", "SPF of b.example: softfail, and not aligned with example.org"}},
  };
  for (const Case& c : cases) {
    Record one = record("192.0.2.1", 4, "fail", "fail");
    one.dkim = c.dkim;
    one.spf = c.spf;
    CHECK(whats(one, policy) == c.expected);
    CHECK(report::find_reasons(one, policy).front().is_failure);
  }
}

TEST_CASE("report summary: what nobody vouches for may be forged, what a signature of ours failed for is not", "[report]") {
  report::PolicyPublished policy;
  policy.domain = "example.org";
  Record one = record("192.0.2.1", 4, "fail", "fail");
  const auto says_forged = [&] {
    return report::find_reasons(one, policy).front().advice.starts_with("nothing shows who this is");
  };
  CHECK(says_forged());
  one.dkim = {{"example.org", "s1", "fail", ""}};
  CHECK_FALSE(says_forged());
  one.dkim = {{"list.example", "s1", "pass", ""}};
  CHECK_FALSE(says_forged());
}

TEST_CASE("report summary: with a pass by one mechanism the other is a note", "[report]") {
  const auto reasons = report::find_reasons(record("192.0.2.1", 4, "pass", "fail"), report::PolicyPublished{});
  REQUIRE(reasons.size() == 1);
  CHECK_FALSE(reasons[0].is_failure);
  CHECK(report::find_reasons(record("192.0.2.1", 4, "pass", "pass"), report::PolicyPublished{}).empty());
}

TEST_CASE("report summary: which domains belong to the policy's", "[report]") {
  CHECK(report::is_related("example.org", "example.org"));
  CHECK(report::is_related("a.example.org", "example.org"));
  CHECK(report::is_related("example.org", "a.example.org"));
  CHECK_FALSE(report::is_related("org", "example.org"));
  CHECK_FALSE(report::is_related("notexample.org", "example.org"));
  CHECK_FALSE(report::is_related("", "example.org"));
  CHECK_FALSE(report::is_related("a..b", "example.org"));
}

TEST_CASE("report summary: an address that is none has a network by that name", "[report]") {
  CHECK(report::network_of("192.0.2.77") == "192.0.2.0/24");
  CHECK(report::network_of("::ffff:192.0.2.77") == "192.0.2.0/24");
  CHECK(report::network_of("2001:db8::1") == "2001:db8::/64");
  CHECK(report::network_of("192.0.2.1.example") == "(no address)");
}

TEST_CASE("report summary: counts stay at the largest number", "[report][hostile]") {
  const std::uint64_t most = ~std::uint64_t{0};
  const Summary summary = sum({report_of({record("192.0.2.1", most, "fail", "fail"), record("192.0.2.1", 5, "fail", "fail")})});
  CHECK(summary.messages == most);
  CHECK(summary.sources[0].neither == most);
}

TEST_CASE("report summary: sources, reasons, networks and words, at the limit and beyond", "[report][limits]") {
  std::vector<Record> records;
  for (std::size_t i = 0; i <= SummaryLimits::max_sources; ++i) {
    Record one = record("192.0.2.1", 1, "pass", "fail");
    one.dkim = {{"d" + std::to_string(i) + ".example", "s", "pass", ""}};
    records.push_back(one);
  }
  const Summary many = sum({report_of(records)});
  CHECK(many.sources.size() == SummaryLimits::max_sources);
  CHECK(many.unlisted == 1);

  records.clear();
  for (std::size_t i = 0; i < 2'000; ++i) {
    Record one = record("10." + std::to_string(i / 250) + "." + std::to_string(i % 250) + ".1", 1, "fail", "pass");
    one.dkim = {{"example.org", "s" + std::to_string(i), "fail", ""}};
    one.policy_evaluated.disposition = "word" + std::to_string(i);
    records.push_back(one);
  }
  const Summary wild = sum({report_of(records)});
  REQUIRE(wild.sources.size() == 1);
  const Source& source = wild.sources[0];
  CHECK(source.networks.size() == SummaryLimits::max_networks);
  CHECK(source.reasons.size() == SummaryLimits::max_reasons + 1);
  CHECK(source.reasons[0].messages == 2'000 - SummaryLimits::max_reasons);
  CHECK(source.dispositions.size() == SummaryLimits::max_words + 1);
}
