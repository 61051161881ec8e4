#include "cli/report_read.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/commands.hpp"
#include "report/unpack.hpp"
#include "tests/cli/folder.hpp"

using nlohmann::json;

namespace {

constexpr const char* xml = R"(<feedback><version>1.0</version>
<report_metadata><org_name>Rec)"
                            "\x1b"
                            R"([31meiver</org_name><email>a@r.example</email><report_id>7</report_id>
<date_range><begin>1763596800</begin><end>1763683199</end></date_range></report_metadata>
<policy_published><domain>example.org</domain><p>none</p><sp>none</sp><pct>100</pct></policy_published>
<record><row><source_ip>192.0.2.1</source_ip><count>12</count><policy_evaluated><disposition>none</disposition>
<dkim>fail</dkim><spf>fail</spf></policy_evaluated></row>
<identifiers><envelope_from>m.example</envelope_from><header_from>example.org</header_from></identifiers>
<auth_results><spf><domain>m.example</domain><scope>mfrom</scope><result>pass</result></spf></auth_results></record></feedback>)";

struct Ran {
  int status = 0;
  std::string out, notes;
};

Ran run(const std::vector<std::string>& files, bool wants_json = false, bool is_coloured = false) {
  std::ostringstream out, notes;
  const int status = cli::run_report_read({files, wants_json, is_coloured}, out, notes);
  return {status, out.str(), notes.str()};
}

}  // namespace

TEST_CASE("signet report read: a table, and what failed and why", "[cli]") {
  const test::Folder folder;
  const Ran ran = run({folder.file("a.xml", xml)});
  CHECK(ran.status == 0);
  CHECK(ran.notes.empty());
  CHECK(ran.out == R"(Reports   1 of Rec\x1b[31meiver
Period    2025-11-20 00:00 to 2025-11-20 23:59 UTC
Policy    example.org: p=none sp=none pct=100
Messages  12: 0 passed DMARC (0.0%), 12 failed

Source                     messages       DKIM        SPF    failed  what was done
m.example as example.org         12          0          0        12  none 12

m.example as example.org, from 192.0.2.0/24
  12 failed: no DKIM signature
      if this sender is yours, have it sign as example.org
  12 failed: SPF passed for m.example, which is not aligned with example.org
      if this sender is yours, give it a bounce address below example.org, or rely on DKIM
)");
  CHECK(run({folder.file("a.xml", xml)}, false, true).out.find("\x1b[1m") != std::string::npos);
}

TEST_CASE("signet report read: a bad file hides no good one, and the status is that of the worst", "[cli]") {
  const test::Folder folder;
  const std::string good = folder.file("a.xml", xml), bad = folder.file("b.xml", "<html/>");
  const Ran mixed = run({bad, good});
  CHECK(mixed.status == cli::exit_no_report);
  CHECK(mixed.notes == "signet: " + bad + ": XML, but no <feedback>\n");
  CHECK(mixed.out.find("Messages  12:") != std::string::npos);
  CHECK(run({good + ".gone", bad, good}).status == cli::exit_no_input);
  CHECK(run({bad}).out.empty());
}

TEST_CASE("signet report read: JSON has all of it, and each file", "[cli]") {
  const test::Folder folder;
  const std::string good = folder.file("a.xml", xml);
  const json all = json::parse(run({good, good, good + ".gone"}, true).out);
  CHECK(all.at("reports") == 1);
  CHECK(all.at("duplicates") == 1);
  CHECK(all.at("sources").at(0).at("name") == "m.example");
  CHECK(all.at("sources").at(0).at("kind") == "other_organization");
  CHECK(all.at("sources").at(0).at("neither") == 12);
  CHECK(all.at("sources").at(0).at("reasons").size() == 2);
  CHECK(all.at("files").size() == 3);
  CHECK(all.at("files").at(0).at("findings").empty());
  CHECK(all.at("files").at(2).contains("error"));
}

TEST_CASE("signet report read: a file that does not end is not read to its end", "[cli][limits]") {
  const Ran endless = run({"/dev/zero"});
  CHECK(endless.status == cli::exit_no_report);
  CHECK(endless.notes.find("larger than is read") != std::string::npos);
}
