#include "dmarc/report_destinations.hpp"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "tests/support/map_resolver.hpp"

using dmarc::ReportDestinations;
using dmarc::ReportKind;
using dmarc::ReportRequest;
using Uris = std::vector<std::string>;

namespace {

base::Domain domain(const std::string& text) { return base::Domain::parse(text).value(); }

ReportDestinations find(dns::Resolver& resolver, const ReportRequest& request) {
  return test::decide<ReportDestinations>(resolver,
                                          [&](dns::View& view) { return dmarc::find_report_destinations(view, request); });
}

ReportDestinations find(dns::Resolver& resolver, const Uris& uris, ReportKind kind = ReportKind::aggregate) {
  return find(resolver, ReportRequest{domain("example.com"), uris, kind});
}

constexpr const char* consent_name = "example.com._report._dmarc.other.example";

}  // namespace

TEST_CASE("report destinations: within the policy's Organizational Domain nobody is asked", "[dmarc]") {
  test::MapResolver resolver;
  resolver.txt("_dmarc.example.com", {"v=DMARC1; p=none"});
  const Uris uris = {"mailto:a@example.com", "mailto:b@Reports.Example.Com", "https://www.example.com:8443/dmarc?x"};
  CHECK(find(resolver, uris).accepted == uris);
  for (const auto& question : resolver.asked()) CHECK(question.name.find("_report") == std::string::npos);
}

TEST_CASE("report destinations: what a foreign host says decides", "[dmarc]") {
  struct Row {
    Uris texts;  // at the consent name
    Uris accepted;
  };
  const Row rows[] = {
      {{}, {}},
      {{"v=DMARC1"}, {"mailto:a@other.example"}},
      {{"v=DMARC1;"}, {"mailto:a@other.example"}},
      {{"v=dmarc1"}, {}},
      {{"p=none; v=DMARC1"}, {}},  // not first
      {{"v=spf1 -all", "v=DMARC1"}, {"mailto:a@other.example"}},
      {{"v=DMARC1", "v=DMARC1; p=none"}, {"mailto:a@other.example"}},          // one or more (step 8)
      {{"v=DMARC1; x=1; x=2"}, {}},                                            // a repeated tag does not parse
      {{"v=DMARC1; bogus"}, {"mailto:a@other.example"}},                       // what is no tag is ignored
      {{"v=DMARC1; rua=mailto:b@other.example"}, {"mailto:b@other.example"}},  // step 9
      {{"v=DMARC1; rua=mailto:b@other.example!5m"}, {"mailto:b@other.example"}},
      {{"v=DMARC1; rua=mailto:b@OTHER.example,https://other.example/r"}, {"mailto:b@OTHER.example", "https://other.example/r"}},
      {{"v=DMARC1; rua=mailto:b@elsewhere.example"}, {}},  // neither gets it
      {{"v=DMARC1; rua=mailto:b@sub.other.example"}, {}},  // the same host, not the same domain
      {{"v=DMARC1; rua=mailto:b@other.example,mailto:v@victim.example"}, {}},
      {{"v=DMARC1", "v=DMARC1; rua=mailto:v@victim.example"}, {}},
      {{"v=DMARC1; rua=nonsense"}, {"mailto:a@other.example"}},                // no URI: a syntax error, ignored
      {{"v=DMARC1; ruf=mailto:b@other.example"}, {"mailto:a@other.example"}},  // of the other kind
  };
  for (const Row& row : rows) {
    INFO(fmt::format("{}", fmt::join(row.texts, " | ")));
    test::MapResolver resolver;
    if (!row.texts.empty()) resolver.txt(consent_name, row.texts);
    const ReportDestinations found = find(resolver, {"mailto:a@other.example"});
    CHECK(found.accepted == row.accepted);
    CHECK(found.refused.empty() == !row.accepted.empty());
    for (const auto& refused : found.refused) CHECK_FALSE(refused.is_temporary);
  }
}

TEST_CASE("report destinations: failure reports go by ruf", "[dmarc]") {
  test::MapResolver resolver;
  resolver.txt(consent_name, {"v=DMARC1; rua=mailto:agg@other.example; ruf=mailto:fail@other.example"});
  CHECK(find(resolver, {"mailto:a@other.example"}, ReportKind::failure).accepted == Uris{"mailto:fail@other.example"});
}

TEST_CASE("report destinations: a DNS failure is worth asking again", "[dmarc]") {
  test::MapResolver resolver;
  SECTION("of the consent") { resolver.fail(consent_name, dns::Type::txt, dns::Status::timeout); }
  SECTION("of the destination's walk") {
    resolver.txt("_dmarc.other.example", {"v=DMARC1; p=none"});
    resolver.fail("_dmarc.example", dns::Type::txt, dns::Status::server_failure);
  }
  const ReportDestinations found = find(resolver, {"mailto:a@other.example", "mailto:a@example.com"});
  CHECK(found.accepted == Uris{"mailto:a@example.com"});
  REQUIRE(found.refused.size() == 1);
  CHECK(found.refused[0].is_temporary);
}

TEST_CASE("report destinations: only schemes and hosts that reports can go to", "[dmarc]") {
  test::MapResolver resolver;
  const Uris uris = {"ftp://example.com/", "urn:x:example.com", "https://[::1]/", "mailto:a@", "http:example.com", "x"};
  const ReportDestinations found = find(resolver, uris);
  CHECK(found.accepted.empty());
  CHECK(found.refused.size() == uris.size());
}

TEST_CASE("report destinations: the host of a URI is not what stands before an at sign", "[dmarc]") {
  test::MapResolver resolver;
  CHECK(find(resolver, {"https://example.com@other.example/"}).accepted.empty());
  CHECK(find(resolver, {"https://example.com:x@other.example/"}).accepted.empty());
  CHECK(find(resolver, {"mailto:example.com@other.example?cc=a@example.com"}).accepted.empty());
}

TEST_CASE("report destinations: two that lead to one are one", "[dmarc]") {
  test::MapResolver resolver;
  resolver.txt(consent_name, {"v=DMARC1; rua=mailto:all@other.example"});
  CHECK(find(resolver, {"mailto:a@other.example", "mailto:b@other.example"}).accepted == Uris{"mailto:all@other.example"});
}

TEST_CASE("report destinations: by RFC 7489 the list says what is foreign", "[dmarc]") {
  test::MapResolver resolver;
  ReportRequest request{domain("mail.example.com"), {"mailto:a@example.com"}};
  CHECK(find(resolver, request).accepted.empty());  // no records: by the tree walk two organizations
  request.suffix_list = dmarc::PublicSuffixList::parse("com\n");
  CHECK(find(resolver, request).accepted == request.uris);
}

TEST_CASE("report destinations: ten are looked at, the eleventh is refused", "[dmarc][limits]") {
  test::MapResolver resolver;
  Uris uris;
  for (std::size_t i = 0; i <= dmarc::max_report_destinations; ++i) {
    const std::string host = fmt::format("a.b.c.d.e.f.g.h{}.example", i);
    resolver.txt("example.com._report._dmarc." + host, {"v=DMARC1"});
    uris.push_back("mailto:a@" + host);
  }
  const ReportDestinations found = find(resolver, uris);
  CHECK(found.accepted == Uris(uris.begin(), uris.end() - 1));
  REQUIRE(found.refused.size() == 1);
  CHECK(found.refused[0].reason == "one destination too many");
  CHECK(resolver.asked().size() <= dmarc::max_report_destinations * 9 + 2);  // walks of 8, one consent each; ours of 2
}

TEST_CASE("report destinations: a name of 253 octets is asked, one of 254 is not", "[dmarc][limits]") {
  const std::string label(50, 'x');
  const std::string host = label + "." + label + "." + label;  // 152
  const std::size_t rest = base::Domain::max_octets - host.size() - std::string("._report._dmarc.").size();
  for (const std::size_t octets : {rest, rest + 1}) {
    const std::string policy_domain = std::string(octets - 44, 'y') + "." + std::string(43, 'z');
    test::MapResolver resolver;
    resolver.txt(policy_domain + "._report._dmarc." + host, {"v=DMARC1"});
    const ReportDestinations found = find(resolver, {domain(policy_domain), {"mailto:a@" + host}});
    CHECK(found.accepted.empty() == (octets > rest));
  }
}
