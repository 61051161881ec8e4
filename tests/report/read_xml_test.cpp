#include "report/read_xml.hpp"

#include <catch2/catch.hpp>

#include "tests/report/samples.hpp"

using report::read_xml;
using report::Reading;
using report::XmlLimits;
using test::replaced;
using test::rfc9990_report;

namespace {

std::string fault(const std::string& xml) {
  const auto reading = read_xml(xml);
  return reading ? "" : std::string(reading.error().text);
}

std::string repeated(const std::string& text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

const std::string rfc7489_report = R"(<feedback><version>1.0</version>
<report_metadata><org_name>Old</org_name><email>a@old.example</email><report_id>7</report_id>
<date_range><begin>1</begin><end>2</end></date_range></report_metadata>
<policy_published><domain>Example.org</domain><adkim>r</adkim><aspf>r</aspf><p>none</p><sp>none</sp><pct>50</pct></policy_published>
<record><row><source_ip>192.0.2.1</source_ip><count>1</count><policy_evaluated><disposition>none</disposition>
<dkim>pass</dkim><spf>fail</spf></policy_evaluated></row>
<identifiers><envelope_from></envelope_from><header_from>example.org</header_from></identifiers>
<auth_results><spf><domain>mx.example</domain><scope>helo</scope><result>none</result></spf></auth_results></record></feedback>)";

}  // namespace

TEST_CASE("report xml: a report of RFC 9990 is read whole, and valid", "[report]") {
  const Reading reading = read_xml(rfc9990_report).value();
  CHECK(reading.form == report::Form::rfc9990);
  CHECK(reading.findings.empty());
  report::Aggregate expected;
  expected.version = "1.0";
  expected.metadata = {"Receiver",    "dmarc@receiver.example", "", "r-1", {1763596800, 1763683199}, {"one key took long"},
                       "made by hand"};
  expected.policy = {"example.org", "reject", "quarantine", "reject", "r", "s", "1", "n", "treewalk", ""};
  expected.records.push_back({"2001:db8::7",
                              7,
                              {"none", "fail", "fail", {{"mailing_list", "List-Id"}}},
                              {"example.org", {"list.example"}, "receiver.example"},
                              {{"example.org", "s1", "fail", "body hash"}},
                              {{"list.example", "mfrom", "pass", ""}}});
  CHECK(reading.report == expected);
}

TEST_CASE("report xml: a report of RFC 7489 is read whole, and valid", "[report]") {
  const Reading reading = read_xml(rfc7489_report).value();
  CHECK(reading.form == report::Form::rfc7489);
  CHECK(reading.findings == std::vector<std::string>{});
  CHECK(reading.report.policy.pct == "50");
  CHECK(reading.report.policy.domain == "example.org");
  REQUIRE(reading.report.records.size() == 1);
  CHECK(reading.report.records[0].identifiers.envelope_from == std::vector<std::string>{""});
  CHECK(reading.report.records[0].spf[0].scope == "helo");
}

TEST_CASE("report xml: a namespace with a prefix is one", "[report]") {
  std::string xml = replaced(rfc9990_report, "<feedback xmlns=", "<d:feedback xmlns:d=");
  xml = replaced(replaced(xml, "</feedback>", "</d:feedback>"), "<version>1.0</version>", "<d:version>1.0</d:version>");
  const Reading reading = read_xml(xml).value();
  CHECK(reading.form == report::Form::rfc9990);
  CHECK(reading.report == read_xml(rfc9990_report)->report);
}

TEST_CASE("report xml: what reporters get wrong is read, and said", "[report]") {
  struct Case {
    std::string what, with, finding;
  };
  const Case cases[] = {
      {"<dkim>fail</dkim>", "<dkim>FAIL</dkim>", "<dkim> is \"FAIL\", expected one of: pass fail"},
      {"<count>7</count>", "<count>seven</count>", "<count> is no number: \"seven\""},
      {"<source_ip>2001:db8::7</source_ip>", "<source_ip>mail.example</source_ip>",
       "<source_ip> is no address: \"mail.example\""},
      {"<report_id>r-1</report_id>", "", "<report_metadata> has no <report_id>"},
      {"<p>reject</p>", "<p>reject</p><p>none</p>", "<policy_published> has 2 times <p>"},
      {"<fo>1</fo>", "<pct>100</pct>", "<policy_published> has an unknown <pct>"},
      {"<selector>s1</selector>", "", "<dkim> has no <selector>"},
      {"<scope>mfrom</scope>", "<scope>helo</scope>", "<scope> is \"helo\", expected one of: mfrom"},
      {"<version>1.0</version>", "<version>one</version>", "<version> is no number: \"one\""},
      {"<disposition>none</disposition><dkim>fail</dkim>", "<dkim>fail</dkim><disposition>none</disposition>",
       "the parts of <policy_evaluated> are not in their order"},
      {"</envelope_from>", "</envelope_from><envelope_from>b.example</envelope_from>",
       "<identifiers> has 2 times <envelope_from>"},
  };
  for (const Case& c : cases) {
    INFO(c.with);
    const Reading reading = read_xml(replaced(rfc9990_report, c.what, c.with)).value();
    CHECK(reading.findings == std::vector<std::string>{c.finding});
    CHECK(reading.report.records.size() == 1);
    CHECK(reading.report.records[0].policy_evaluated.dkim == "fail");
  }
}

TEST_CASE("report xml: extensions are valid where RFC 9990 has them, and skipped", "[report]") {
  std::string xml = replaced(rfc9990_report, "</policy_published>", "</policy_published><extension><x><y/></x></extension>");
  xml = replaced(xml, "</record>", "<z/></record>");
  CHECK(read_xml(xml)->findings.empty());
  CHECK(read_xml(xml)->report == read_xml(rfc9990_report)->report);
}

TEST_CASE("report xml: text that is no UTF-8 becomes printable", "[report]") {
  const Reading reading = read_xml(replaced(rfc9990_report, "List-Id", "\xff\xfe")).value();
  CHECK(reading.report.records[0].policy_evaluated.reasons[0].comment == "\\xff\\xfe");
}

TEST_CASE("report xml: what is no report is refused with a reason", "[report][hostile]") {
  CHECK(fault("") == "no well-formed XML");
  CHECK(fault("<feedback>") == "no well-formed XML");
  CHECK(fault("<html><feedback/></html>") == "XML, but no <feedback>");
  CHECK(fault("<!DOCTYPE feedback><feedback/>") == "a DOCTYPE, which no report has");
  const std::string bomb =
      R"(<!DOCTYPE f [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>)";
  CHECK(fault(bomb + "<feedback>&b;&c;</feedback>") == "a DOCTYPE, which no report has");
  CHECK(read_xml("<feedback><version>&b;</version></feedback>")->report.version == "&b;");  // and nothing is expanded
}

TEST_CASE("report xml: elements in each other, at the limit and beyond", "[report][limits]") {
  const auto nested = [](std::size_t depth) {
    return "<feedback>" + repeated("<a>", depth - 1) + repeated("</a>", depth - 1) + "</feedback>";
  };
  CHECK(fault(nested(XmlLimits::max_depth)).empty());
  CHECK(fault(nested(XmlLimits::max_depth + 1)) == "elements too deep in each other");
  CHECK(fault(nested(400'000)) == "elements too deep in each other");
}

TEST_CASE("report xml: records, at the limit and beyond", "[report][limits]") {
  const auto records = [](std::size_t count) { return "<feedback>" + repeated("<record/>", count) + "</feedback>"; };
  CHECK(read_xml(records(XmlLimits::max_records))->report.records.size() == XmlLimits::max_records);
  CHECK(fault(records(XmlLimits::max_records + 1)) == "too many records");
}

TEST_CASE("report xml: elements and attributes, at the limit and beyond", "[report][limits]") {
  const auto elements = [](std::size_t count) { return "<feedback>" + repeated("<a/>", count - 2) + "</feedback>"; };
  CHECK(fault(elements(XmlLimits::max_markup)).empty());
  CHECK(fault(elements(XmlLimits::max_markup + 1)) == "too many elements and attributes");
}

TEST_CASE("report xml: octets, beyond the limit", "[report][limits]") {
  const std::string xml = "<feedback>" + std::string(XmlLimits::max_octets - 21, ' ') + "</feedback>";
  CHECK(fault(xml).empty());
  CHECK(fault(xml + " ") == "more XML than is read");
}

TEST_CASE("report xml: long text is cut, and parts of a record and findings are bounded", "[report][limits]") {
  const std::string long_text(XmlLimits::max_text_octets + 1, 'x');
  std::string xml = replaced(rfc9990_report, "List-Id", long_text);
  xml = replaced(xml, "<spf><domain>", repeated("<dkim><domain>a.example</domain></dkim>", 200) + "<spf><domain>");
  for (int i = 0; i < 30; ++i) xml = replaced(xml, "<row>", "<row><odd" + std::to_string(i) + "/>");
  const Reading reading = read_xml(xml).value();
  CHECK(reading.report.records[0].policy_evaluated.reasons[0].comment.size() == XmlLimits::max_text_octets);
  CHECK(reading.report.records[0].dkim.size() == XmlLimits::max_parts);
  CHECK(reading.findings.size() == XmlLimits::max_findings);
}
