#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "tests/spf/checking.hpp"

namespace {

const std::string home = "example.com";

std::string repeat(unsigned times, const std::string& text) {
  std::string out;
  for (unsigned i = 0; i < times; ++i) out += text;
  return out;
}

using Zone = test::MapResolver;

/// A check against a new zone: `fill` puts in what the record refers to.
template <class Fill>
spf::Verdict check(Fill fill, const std::string& record, const std::string& client = "192.0.2.1") {
  Zone zone;
  fill(zone);
  zone.txt(home, {"v=spf1 " + record});
  return test::spf_check(zone, home, client);
}

}  // namespace

TEST_CASE("spf limits: the tenth lookup term is evaluated, the eleventh is a permerror", "[spf][limits]") {
  const auto fill = [](Zone& zone) {
    zone.a(home, {"192.0.2.7"});
    zone.mx(home, {{1, home}});
    zone.txt("inner.example", {"v=spf1 " + repeat(4, "a:example.com ")});
    zone.txt("last.example", {"v=spf1 ip4:192.0.2.1"});
  };
  struct Row {
    std::string record, result;
    unsigned terms;
  };
  const std::vector<Row> rows = {
      {repeat(10, "a ") + "+all", "pass", 10},
      {repeat(11, "a ") + "+all", "permerror", 11},
      {repeat(10, "a ") + "+all a", "pass", 10},  // never reached
      {repeat(20, "ip4:192.0.2.2 ip6:::1 ") + repeat(10, "mx ") + "+all", "pass", 10},
      {repeat(3, "a mx exists:absent.example ") + "+all", "permerror", 9},  // three void lookups come first
      {"exists:absent.example " + repeat(9, "mx ") + "+all", "pass", 10},
      {"ptr " + repeat(9, "a ") + "+all", "pass", 10},
      {"ptr " + repeat(10, "a ") + "+all", "permerror", 11},
      {repeat(5, "a ") + "include:inner.example +all", "pass", 10},  // counted across records
      {repeat(6, "a ") + "include:inner.example +all", "permerror", 11},
      {"include:inner.example " + repeat(5, "a ") + "+all", "pass", 10},
      {"include:inner.example " + repeat(6, "a ") + "+all", "permerror", 11},
      {repeat(9, "a ") + "redirect=last.example", "pass", 10},
      {repeat(10, "a ") + "redirect=last.example", "permerror", 11},
      {repeat(10, "a ") + "-all exp=%{p}.example", "fail", 10},  // exp and macros do not count
      {repeat(10, "a:a..example ") + "+all", "pass", 10},        // terms count, asked or not
      {repeat(11, "a:a..example ") + "+all", "permerror", 11},
  };
  for (const Row& row : rows) {
    CAPTURE(row.record);
    const auto verdict = check(fill, row.record);
    CAPTURE(verdict.reason);
    CHECK(test::result_of(verdict) == row.result);
    CHECK(verdict.terms == row.terms);
    if (row.terms > 10) CHECK(verdict.reason == "more than 10 lookup terms");
  }
}

TEST_CASE("spf limits: two void lookups are allowed, the third is a permerror", "[spf][limits]") {
  const auto fill = [](Zone& zone) {
    zone.a(home, {"192.0.2.7"});
    zone.mx("deadmx.example", {{1, "gone1.example"}, {2, "gone2.example"}, {3, "gone3.example"}});
    zone.mx("livemx.example", {{1, "gone1.example"}, {2, home}});
    zone.txt("voids.example", {"v=spf1 a:gone.example -all"});
  };
  struct Row {
    std::string record, result;
    unsigned voids;
  };
  const std::vector<Row> rows = {
      {"a:x1.example a:x2.example +all", "pass", 2},
      {"a:x1.example a:x2.example a:x3.example +all", "permerror", 3},
      {"a:x1.example mx:x2.example exists:x3.example +all", "permerror", 3},
      {"a:x1.example a:x1.example a:x1.example +all", "permerror", 3},  // terms are counted, not names
      {"mx mx +all", "pass", 2},                                        // NODATA is void too
      {"a:x1.example a:x2.example +all a:x3.example", "pass", 2},       // never reached
      {"a:x1.example a:x2.example a:a..example +all", "pass", 2},       // nothing asked, nothing void
      {"mx:deadmx.example a:x1.example +all", "pass", 2},               // a term counts once
      {"mx:deadmx.example mx:deadmx.example mx:deadmx.example +all", "permerror", 3},
      {"mx:livemx.example +all", "pass", 1},
      {"include:voids.example a:x1.example +all", "pass", 2},  // across records
      {"include:voids.example a:x1.example a:x2.example +all", "permerror", 3},
      {"a:x1.example ptr +all", "pass", 2},
      {"a:x1.example a:x2.example ptr +all", "permerror", 3},
      {"a:x1.example a:x2.example -all exp=gone.example", "fail", 2},  // exp never counts (§4.6.4)
      {"a:x1.example a:x2.example exists:%{p}.example +all", "permerror", 3},
      {"exists:%{p}.%{d} a:x2.example +all", "pass", 2},  // the lookups of %{p} do not count
  };
  for (const Row& row : rows) {
    CAPTURE(row.record);
    const auto verdict = check(fill, row.record);
    CAPTURE(verdict.reason);
    CHECK(test::result_of(verdict) == row.result);
    CHECK(verdict.void_lookups == row.voids);
    if (row.voids > 2) CHECK(verdict.reason == "more than 2 void lookups");
  }
}

TEST_CASE("spf limits: the limits are options", "[spf][limits]") {
  test::MapResolver zone;
  zone.txt(home, {"v=spf1 a:x1.example a:x2.example a:x3.example +all"});
  const auto result = [&](unsigned terms, unsigned voids) {
    spf::Limits limits;
    limits.terms = terms;
    limits.void_lookups = voids;
    return test::spf_check(zone, test::spf_input(home, "192.0.2.1"), limits).reason;
  };
  CHECK(result(3, 3) == "matched +all");
  CHECK(result(2, 3) == "more than 2 lookup terms");
  CHECK(result(3, 0) == "more than 0 void lookups");
}

TEST_CASE("spf limits: ten exchanges are compared, eleven are a permerror", "[spf][limits]") {
  const auto fill = [](Zone& zone) {
    std::vector<std::pair<unsigned, std::string>> exchanges;
    for (unsigned i = 1; i <= 10; ++i) exchanges.emplace_back(i, fmt::format("mx{}.example", i));
    for (unsigned i = 1; i <= 11; ++i) zone.a(fmt::format("mx{}.example", i), {fmt::format("192.0.2.{}", i)});
    zone.mx("ten.example", exchanges);
    exchanges.emplace_back(11, "mx11.example");
    zone.mx("eleven.example", exchanges);
  };
  CHECK(test::result_of(check(fill, "mx:ten.example -all", "192.0.2.10")) == "pass");
  const auto verdict = check(fill, "mx:eleven.example -all", "192.0.2.1");
  CHECK(test::result_of(verdict) == "permerror");
  CHECK(verdict.reason == "more than 10 MX names");
  CHECK(verdict.matched == "mx:eleven.example");
}

TEST_CASE("spf limits: ten names of a client are looked at, the rest is ignored", "[spf][limits]") {
  const auto run = [](unsigned before) {
    const auto fill = [before](Zone& zone) {
      std::vector<std::string> names(before, "forged.example.com");
      names.emplace_back("real.example.com");
      zone.ptr("1.2.0.192.in-addr.arpa", names);
      zone.a("forged.example.com", {"192.0.2.2"});
      zone.a("real.example.com", {"192.0.2.1"});
      zone.a("real.example.com.x.example", {"127.0.0.2"});
    };
    return test::result_of(check(fill, "ptr -all")) + " " + test::result_of(check(fill, "exists:%{p}.x.example -all"));
  };
  CHECK(run(9) == "pass pass");
  CHECK(run(10) == "fail fail");
}

TEST_CASE("spf limits: records that include or redirect to themselves end", "[spf][limits]") {
  const std::vector<std::string> rows = {"include:example.com -all", "redirect=example.com",
                                         repeat(9, "include:example.com ") + "-all"};
  for (const auto& row : rows) {
    Zone zone;
    zone.txt(home, {"v=spf1 " + row});
    CHECK(test::spf_check(zone, home, "192.0.2.1").reason == "more than 10 lookup terms");
    CHECK(zone.asked().size() == 1);
  }
  const auto fill = [](Zone& zone) {
    zone.a(home, {"192.0.2.7"});
    zone.a("other.example", {"192.0.2.7"});
    zone.txt("other.example", {"v=spf1 a redirect=example.com"});
  };
  CHECK(check(fill, "a include:other.example -all").reason == "more than 10 lookup terms");
}
