#include <catch2/catch.hpp>

#include "tests/spf/checking.hpp"

namespace {

const std::string home = "example.com";

struct Row {
  std::string record, client, result;
};

/// Names that the rows below refer to.
void fill(test::MapResolver& zone) {
  zone.a(home, {"192.0.2.10", "192.0.2.11"});
  zone.aaaa(home, {"2001:db8::10"});
  zone.a("host.example.org", {"198.51.100.7"});
  zone.aaaa("six.example.org", {"2001:db8:1::7"});
  zone.a("mx1.example.com", {"192.0.2.20"});
  zone.aaaa("mx1.example.com", {"2001:db8::20"});
  zone.a("mx2.example.com", {"192.0.2.21"});
  zone.mx(home, {{20, "mx2.example.com"}, {10, "mx1.example.com"}});
  zone.mx("nomail.example", {{0, ""}});
  zone.txt("pass.example", {"v=spf1 ip4:203.0.113.1 -all"});
  zone.txt("neutral.example", {"v=spf1 ?all"});
  zone.txt("broken.example", {"v=spf1 foo"});
  zone.txt("two.example", {"v=spf1 -all", "v=spf1 +all"});
  zone.txt("words.example", {"no record here"});
  zone.fail("slow.example", dns::Type::txt, dns::Status::timeout);
  zone.fail("slow.example", dns::Type::a, dns::Status::timeout);
  zone.fail("slow.example", dns::Type::mx, dns::Status::server_failure);
  zone.mx("slowmx.example", {{10, "slow.example"}, {20, "mx1.example.com"}});
  zone.mx("slowmx2.example", {{20, "slow.example"}, {10, "mx1.example.com"}});
}

void run(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    test::MapResolver zone;
    fill(zone);
    zone.txt(home, {"v=spf1 " + row.record});
    CAPTURE(row.record, row.client);
    const auto verdict = test::spf_check(zone, home, row.client);
    CAPTURE(verdict.reason);
    CHECK(test::result_of(verdict) == row.result);
    CHECK(verdict.reason.size() < 200);
  }
}

}  // namespace

TEST_CASE("spf check: qualifiers and the default give the results of their name", "[spf]") {
  run({
      {"all", "192.0.2.1", "pass"},
      {"+all", "192.0.2.1", "pass"},
      {"-all", "192.0.2.1", "fail"},
      {"~all", "192.0.2.1", "softfail"},
      {"?all", "192.0.2.1", "neutral"},
      {"", "192.0.2.1", "neutral"},                  // nothing matched
      {"-ip4:192.0.2.1 +all", "192.0.2.1", "fail"},  // the first match decides
      {"+all -all", "192.0.2.1", "pass"},
      {"all foo", "192.0.2.1", "permerror"},  // a syntax error anywhere
      {"all a/33", "192.0.2.1", "permerror"},
      {"all moo=%", "192.0.2.1", "permerror"},
      {"-all redirect=pass.example", "203.0.113.1", "fail"},  // redirect is for when nothing matched
  });
}

TEST_CASE("spf check: ip4 and ip6 match their own family by prefix", "[spf]") {
  run({
      {"ip4:192.0.2.0/24 -all", "192.0.2.255", "pass"},
      {"ip4:192.0.2.0/24 -all", "192.0.3.0", "fail"},
      {"ip4:192.0.2.77/31 -all", "192.0.2.76", "pass"},
      {"ip4:192.0.2.77/31 -all", "192.0.2.78", "fail"},
      {"ip4:192.0.2.77 -all", "192.0.2.76", "fail"},
      {"ip4:0.0.0.0/0 -all", "255.1.2.3", "pass"},
      {"ip4:0.0.0.0/0 -all", "2001:db8::1", "fail"},
      {"ip4:192.0.2.1 -all", "::ffff:192.0.2.1", "pass"},  // an IPv4-mapped client is an IPv4 client (§5)
      {"ip6:::ffff:192.0.2.1 -all", "::ffff:192.0.2.1", "fail"},
      {"ip6:::/0 -all", "::ffff:192.0.2.1", "fail"},
      {"ip6:::/0 -all", "2001:db8::1", "pass"},
      {"ip6:2001:db8::/33 -all", "2001:db8:7fff::1", "pass"},
      {"ip6:2001:db8::/33 -all", "2001:db8:8000::1", "fail"},
  });
}

TEST_CASE("spf check: a compares the addresses of the client's family", "[spf]") {
  run({
      {"a -all", "192.0.2.11", "pass"},
      {"a -all", "192.0.2.12", "fail"},
      {"a/30 -all", "192.0.2.8", "pass"},
      {"a -all", "2001:db8::10", "pass"},
      {"a//64 -all", "2001:db8::ffff", "pass"},
      {"a/8 -all", "2001:db8::ffff", "fail"},  // the IPv4 length says nothing about IPv6
      {"a//0 -all", "192.0.2.12", "fail"},
      {"a/0 -all", "203.0.113.1", "pass"},
      {"a:host.example.org -all", "198.51.100.7", "pass"},
      {"a:HOST.Example.org. -all", "198.51.100.7", "pass"},
      {"a:host.example.org//0 -all", "2001:db8::1", "fail"},  // no AAAA: nothing to compare
      {"a:six.example.org/0 -all", "192.0.2.1", "fail"},
      {"a:host.example.org/24//64 -all", "198.51.100.99", "pass"},
      {"a:%{l}.example.org -all", "198.51.100.7", "fail"},
      {"a:a..example.org -all", "192.0.2.10", "fail"},  // cannot be asked for: no match
      {"a:slow.example -all", "192.0.2.1", "temperror"},
      {"a +a:slow.example -all", "192.0.2.10", "pass"},  // decided before
  });
}

TEST_CASE("spf check: mx compares the exchanges in order of preference", "[spf]") {
  run({
      {"mx -all", "192.0.2.20", "pass"},
      {"mx -all", "192.0.2.21", "pass"},
      {"mx -all", "192.0.2.10", "fail"},  // no fall-back to the domain's own address
      {"mx/30 -all", "192.0.2.23", "pass"},
      {"mx -all", "2001:db8::20", "pass"},
      {"mx:host.example.org -all", "198.51.100.7", "fail"},  // no MX, no match (§5.4)
      {"mx:nomail.example -all", "192.0.2.1", "fail"},       // "." is no host
      {"mx:slow.example -all", "192.0.2.1", "temperror"},
      {"mx:slowmx.example -all", "192.0.2.20", "temperror"},  // the preferred one fails first
      {"mx:slowmx2.example -all", "192.0.2.20", "pass"},      // the preferred one matches first
      {"mx:slowmx2.example -all", "192.0.2.99", "temperror"},
  });
}

TEST_CASE("spf check: exists asks for A whatever the client, and any answer matches", "[spf]") {
  run({
      {"exists:host.example.org -all", "192.0.2.1", "pass"},
      {"exists:host.example.org -all", "2001:db8::1", "pass"},
      {"exists:six.example.org -all", "2001:db8:1::7", "fail"},  // AAAA only
      {"exists:absent.example -all", "192.0.2.1", "fail"},
      {"exists:%{l1r-}.%{l}..example -all", "192.0.2.1", "fail"},  // an empty label is never sent
      {"exists:slow.example -all", "192.0.2.1", "temperror"},
  });
}

TEST_CASE("spf check: include maps results by the table of RFC 7208 section 5.2", "[spf]") {
  run({
      {"include:pass.example -all", "203.0.113.1", "pass"},
      {"~include:pass.example -all", "203.0.113.1", "softfail"},  // its qualifier is ours
      {"include:pass.example ?all", "203.0.113.2", "neutral"},    // its fail is no match
      {"include:neutral.example -all", "203.0.113.1", "fail"},
      {"include:broken.example +all", "203.0.113.1", "permerror"},
      {"include:two.example +all", "203.0.113.1", "permerror"},
      {"include:slow.example +all", "203.0.113.1", "temperror"},
      {"include:absent.example +all", "203.0.113.1", "permerror"},  // none
      {"include:words.example +all", "203.0.113.1", "permerror"},
      {"include:%{l}..example +all", "203.0.113.1", "permerror"},  // malformed: none (§4.3)
      {"include:%{v}.%{d} +all", "203.0.113.1", "permerror"},
      {"ip4:203.0.113.1 include:broken.example", "203.0.113.1", "pass"},
  });
}

TEST_CASE("spf check: redirect takes over the whole result, but none is permerror", "[spf]") {
  run({
      {"redirect=pass.example", "203.0.113.1", "pass"},
      {"redirect=pass.example", "203.0.113.2", "fail"},
      {"redirect=pass.example a", "192.0.2.10", "pass"},  // wherever it stands, it comes last
      {"redirect=neutral.example", "203.0.113.2", "neutral"},
      {"redirect=absent.example", "203.0.113.2", "permerror"},
      {"redirect=words.example", "203.0.113.2", "permerror"},
      {"redirect=%{l}..example", "203.0.113.2", "permerror"},
      {"redirect=slow.example", "203.0.113.2", "temperror"},
      {"redirect=broken.example", "203.0.113.2", "permerror"},
      {"?all redirect=broken.example", "203.0.113.2", "neutral"},
      {"ptr redirect=%{v}4only.example", "203.0.113.2", "permerror"},
  });
}

TEST_CASE("spf check: a name below the target with the client's address validates ptr", "[spf]") {
  const auto check = [](const std::string& record, const std::string& client) {
    test::MapResolver zone;
    zone.txt(home, {"v=spf1 " + record});
    zone.ptr("1.2.0.192.in-addr.arpa", {"forged.example.com", "Host.Example.COM", "a.b.example.org"});
    zone.a("forged.example.com", {"192.0.2.2"});
    zone.a("host.example.com", {"192.0.2.9", "192.0.2.1"});
    zone.a("a.b.example.org", {"192.0.2.1"});
    zone.ptr("2.2.0.192.in-addr.arpa", {"example.com", "slow.example.com"});
    zone.fail("slow.example.com", dns::Type::a, dns::Status::timeout);
    zone.fail("3.2.0.192.in-addr.arpa", dns::Type::ptr, dns::Status::timeout);
    return test::result_of(test::spf_check(zone, home, client));
  };
  CHECK(check("ptr -all", "192.0.2.1") == "pass");
  CHECK(check("ptr:example.org -all", "192.0.2.1") == "pass");
  CHECK(check("ptr:b.example.org -all", "192.0.2.1") == "pass");
  CHECK(check("ptr:a.b.example.org -all", "192.0.2.1") == "pass");
  CHECK(check("ptr:x.example.org -all", "192.0.2.1") == "fail");
  CHECK(check("ptr:ample.org -all", "192.0.2.1") == "fail");  // below means at a dot
  CHECK(check("ptr:forged.example.com -all", "192.0.2.1") == "fail");
  CHECK(check("ptr -all", "192.0.2.2") == "fail");  // a failed address lookup skips the name (§5.5)
  CHECK(check("ptr -all", "192.0.2.3") == "fail");  // a failed PTR lookup is no match
  CHECK(check("ptr -all", "2001:db8::1") == "fail");
}

TEST_CASE("spf check: %{p} prefers the domain, then a name below it, then any", "[spf]") {
  const auto asked = [](std::vector<std::string> names, dns::Status status) {
    test::MapResolver zone;
    zone.txt(home, {"v=spf1 exists:%{p}.x.example -all"});
    zone.ptr("1.2.0.192.in-addr.arpa", std::move(names));
    zone.fail("1.2.0.192.in-addr.arpa", dns::Type::ptr, status);
    for (const char* name : {"example.com", "a.example.com", "b.example.com", "other.example"}) zone.a(name, {"192.0.2.1"});
    test::spf_check(zone, home, "192.0.2.1");
    return zone.asked().back().name;
  };
  const auto ok = dns::Status::ok;
  CHECK(asked({"other.example", "a.example.com", "example.com."}, ok) == "example.com.x.example");
  CHECK(asked({"other.example", "b.example.com", "a.example.com"}, ok) == "b.example.com.x.example");
  CHECK(asked({"forged.example.com", "other.example"}, ok) == "other.example.x.example");
  CHECK(asked({"forged.example.com"}, ok) == "unknown.x.example");
  CHECK(asked({}, dns::Status::timeout) == "unknown.x.example");  // an error is no temperror here (§7.3)
  CHECK(asked({}, dns::Status::no_such_name) == "unknown.x.example");
}

TEST_CASE("spf check: what is no multi-label domain is none, and nothing is asked", "[spf]") {
  const std::vector<std::string> domains = {
      "",
      "localhost",
      "example..com",
      ".example.com",
      "[192.0.2.1]",
      "[IPv6:2001:db8::1]",
      "exa mple.com",
      ".",
      "localhost.",
      "com.",
      "a\n.com",
      std::string(64, 'a') + ".com",
      "a." + std::string(251, 'b'),
  };
  for (const auto& domain : domains) {
    CAPTURE(domain);
    test::MapResolver zone;
    const auto verdict = test::spf_check(zone, domain, "192.0.2.1");
    CHECK(verdict.result == spf::Result::none);
    CHECK(verdict.reason == "not a domain name");
    CHECK(zone.asked().empty());
  }
}

TEST_CASE("spf check: the domain may be in any case, end in a dot or have U-labels", "[spf]") {
  test::MapResolver zone;
  zone.txt("xn--mnchen-3ya.example", {"v=spf1 exists:%{d}.%{o} -all"});
  zone.a("xn--mnchen-3ya.example.xn--mnchen-3ya.example", {"127.0.0.2"});
  CHECK(test::result_of(test::spf_check(zone, "m\xc3\xbcnchen.example", "192.0.2.1")) == "pass");
  CHECK(test::result_of(test::spf_check(zone, "XN--mnchen-3YA.Example.", "192.0.2.1")) == "pass");
}

TEST_CASE("spf check: the answer to the first question gives none, permerror or temperror", "[spf]") {
  const auto check = [](auto prepare) {
    test::MapResolver zone;
    prepare(zone);
    const auto verdict = test::spf_check(zone, home, "192.0.2.1");
    return test::result_of(verdict) + ": " + verdict.reason;
  };
  using Zone = test::MapResolver;
  CHECK(check([](Zone&) {}) == "none: no such domain");
  CHECK(check([](Zone& z) { z.a(home, {"192.0.2.1"}); }) == "none: no SPF record");
  CHECK(check([](Zone& z) { z.txt(home, {"v=spf2 -all"}); }) == "none: no SPF record");
  CHECK(check([](Zone& z) { z.txt(home, {"v=spf1 -all", "x", "v=spf1 -all"}); }) == "permerror: two SPF records");
  CHECK(check([](Zone& z) { z.txt(home, {"v=spf1", "v=spf1", "v=spf1"}); }) == "permerror: several SPF records");
  CHECK(check([](Zone& z) { z.txt(home, {"v=spf1 ip4:x"}); }) == "permerror: syntax error: bad IPv4 address");
  CHECK(check([](Zone& z) { z.fail(home, dns::Type::txt, dns::Status::timeout); }) ==
        "temperror: DNS timeout for TXT example.com");
  CHECK(check([](Zone& z) { z.fail(home, dns::Type::txt, dns::Status::server_failure); }) ==
        "temperror: DNS server failure for TXT example.com");
  CHECK(check([](Zone& z) { z.fail(home, dns::Type::txt, dns::Status::malformed); }) ==
        "temperror: DNS malformed answer for TXT example.com");
}

TEST_CASE("spf check: terms with the local part never match when it is not ASCII", "[spf]") {
  const auto check = [](const std::string& record) {
    test::MapResolver zone;
    zone.txt(home, {"v=spf1 " + record});
    zone.a("anything.example", {"127.0.0.2"});
    auto input = test::spf_input(home, "192.0.2.1");
    input.local_part = "m\xc3\xbcller";
    const auto verdict = test::spf_check(zone, input);
    return std::pair(test::result_of(verdict), zone.asked().size());
  };
  using Expected = std::pair<std::string, std::size_t>;
  CHECK(check("exists:%{l1r+}.example -all") == Expected{"fail", 1});  // RFC 8616 §4: and nothing is asked
  CHECK(check("a:%{s}.example/0 -all") == Expected{"fail", 1});
  CHECK(check("include:%{L}.example -all") == Expected{"fail", 1});  // no match, not none
  CHECK(check("redirect=%{l}.example") == Expected{"neutral", 1});
  CHECK(check("exists:anything.example -all") == Expected{"pass", 2});
  CHECK(check("-all exp=%{l}.example") == Expected{"fail", 1});
}

TEST_CASE("spf check: the verdict says what decided, where, and how much was counted", "[spf]") {
  struct Case {
    std::string record, client, reason, matched, record_domain;
    unsigned terms, void_lookups;
  };
  const std::vector<Case> rows = {
      {"a:absent.example mx include:pass.example -all", "203.0.113.1", "matched include:pass.example", "include:pass.example",
       home, 3, 1},
      {"-all", "203.0.113.1", "matched -all", "-all", home, 0, 0},
      {"include:slow.example", "203.0.113.1", "DNS timeout for TXT slow.example", "", "slow.example", 1, 0},
      {"redirect=inner.example", "203.0.113.2", "DNS timeout for A slow.example", "exists:slow.example", "inner.example", 3, 0},
      {"include:absent.example", "203.0.113.2", "no SPF record at absent.example", "include:absent.example", home, 1, 0},
      {"redirect=absent.example", "203.0.113.2", "no SPF record at absent.example", "redirect=absent.example", home, 1, 0},
      {"", "203.0.113.2", "no term matched", "", home, 0, 0},
      {"include:broken.example", "203.0.113.2", "syntax error: unknown mechanism", "", "broken.example", 1, 0},
  };
  for (const Case& row : rows) {
    CAPTURE(row.record);
    test::MapResolver zone;
    fill(zone);
    zone.txt("inner.example", {"v=spf1 ~include:pass.example exists:slow.example"});
    zone.txt(home, {"v=spf1 " + row.record});
    const auto verdict = test::spf_check(zone, home, row.client);
    CHECK(verdict.reason == row.reason);
    CHECK(verdict.matched == row.matched);
    CHECK(verdict.record_domain == row.record_domain);
    CHECK(verdict.terms == row.terms);
    CHECK(verdict.void_lookups == row.void_lookups);
  }
}

TEST_CASE("spf check: a reason is bounded and holds nothing that could end a comment or a quoted-string", "[spf]") {
  const std::vector<std::string> rows = {
      "include:%{l}.a\"),(\\;<x>." + std::string(150, 'b') + ".example",
      "a:\"(;" + std::string(1000, 'b') + ".%{d}/0",
      "exists:%{l}\"slow.example",
  };
  for (const auto& row : rows) {
    CAPTURE(row);
    test::MapResolver zone;
    auto input = test::spf_input(home, "192.0.2.1");
    input.local_part = "x\r\nEvil: \"(;\\";
    zone.txt(home, {"v=spf1 " + row});
    zone.a(home, {"192.0.2.1"});
    zone.fail("x\r\nevil: \"(;\\\"slow.example", dns::Type::a, dns::Status::timeout);
    const auto verdict = test::spf_check(zone, input);
    CHECK(verdict.reason.find('?') != std::string::npos);
    CHECK(verdict.reason.size() < 200);
    CHECK(verdict.matched.size() <= 256);
    CHECK(verdict.reason.find_first_of("\"\\()<>;,\r\n") == std::string::npos);
  }
}
