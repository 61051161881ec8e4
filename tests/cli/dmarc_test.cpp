#include "cli/dmarc.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

using nlohmann::json;

namespace {

constexpr const char* zone = R"(
_dmarc.bank.example.     TXT "v=DMARC1; p=reject; sp=quarantine; np=none; t=y"
_dmarc.b.bank.example.   TXT "v=DMARC1; p=none; psd=n"
mail.bank.example.       A 192.0.2.1
_dmarc.sampled.example.  TXT "v=DMARC1; p=reject; pct=20"
_dmarc.twice.example.    TXT "v=DMARC1; p=reject"
_dmarc.twice.example.    TXT "v=DMARC1; p=none"
_dmarc.bad.example.      TXT "v=DMARC1; p=nonsense"
$FAIL _dmarc.down.example. TXT timeout
)";

/// A folder of its own with the zone and a list of suffixes.
class DmarcFixture {
 public:
  DmarcFixture() {
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "zone") << zone;
    std::ofstream(folder_ / "list") << "example\ncom\n";
    options.sources.zone_file = (folder_ / "zone").string();
    options.psl_file = (folder_ / "list").string();
  }
  ~DmarcFixture() { std::filesystem::remove_all(folder_); }
  DmarcFixture(const DmarcFixture&) = delete;
  DmarcFixture& operator=(const DmarcFixture&) = delete;

  int run(const std::string& domain) {
    options.domain = domain;
    std::ostringstream out;
    const int status = cli::run_dmarc(options, out);
    text = out.str();
    return status;
  }
  json run_json(const std::string& domain) {
    options.json = true;
    static_cast<void>(run(domain));
    return json::parse(text);
  }
  [[nodiscard]] bool says(const std::string& part) const { return text.find(part) != std::string::npos; }

  cli::DmarcOptions options;
  std::string text;

 private:
  std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("signet-dmarc-" + std::to_string(::getpid()));
};

std::string without_colours(std::string text) {
  for (std::size_t at = 0; (at = text.find("\x1b[", at)) != std::string::npos;) text.erase(at, text.find('m', at) - at + 1);
  return text;
}

}  // namespace

TEST_CASE_METHOD(DmarcFixture, "signet dmarc: each step of the walk is shown, and which record applies and why", "[cli]") {
  CHECK(run("mail.bank.example") == 0);
  CHECK(
      says("  _dmarc.mail.bank.example: no such name\n  _dmarc.bank.example: v=DMARC1; p=reject; sp=quarantine; np=none; t=y\n"
           "  _dmarc.example: no such name\n"));
  CHECK(says("because                        sp, for the record is inherited; t=y lowers it one level\n"));
  CHECK(says("Differences\n  on failure: tree walk none, public suffix list quarantine\n"));
  CHECK(run("ghost.bank.example") == 0);
  CHECK(says("np, for the record is inherited and the domain does not exist\n"));
  CHECK(run("bank.example") == 0);
  CHECK(says("p, for the record is the domain's own; t=y lowers it one level\n"));
}

TEST_CASE_METHOD(DmarcFixture, "signet dmarc: where tree walk and list differ is said, and for whom that matters", "[cli]") {
  options.identifiers = {"bank.example", "x.b.bank.example"};
  CHECK(run("a.b.bank.example") == 0);
  CHECK(says("  policy domain: tree walk b.bank.example, public suffix list bank.example\n"));
  CHECK(says("  policy: tree walk none, public suffix list quarantine\n"));
  CHECK(says("  Organizational Domain: tree walk b.bank.example, public suffix list bank.example\n"));
  CHECK(says("  DKIM pass of bank.example: tree walk not aligned, public suffix list aligned\n"));
  CHECK_FALSE(says("DKIM pass of x.b.bank.example: tree walk"));  // aligned by both
  CHECK(says("  so with relaxed alignment a pass for bank.example helps only by the public suffix list\n"));
  CHECK(run("sampled.example") == 0);
  CHECK(says("on failure: tree walk reject, public suffix list reject for 20% of messages, else quarantine\n"));
  options.identifiers.clear();
  CHECK(run("nothing.example") == cli::exit_no_policy);
  CHECK(says("Differences\n  none\n"));
}

TEST_CASE_METHOD(DmarcFixture, "signet dmarc: the exit status is what RFC 9989 makes of it", "[cli]") {
  CHECK(run("nothing.example") == 1);
  CHECK(run("twice.example") == 1);
  CHECK(says("  _dmarc.twice.example: several records, so none counts\n"));
  CHECK(run("bad.example") == 65);
  CHECK(says("  _dmarc.bad.example: v=DMARC1 (p=nonsense is not valid)\n"));
  CHECK(run("down.example") == 75);
  CHECK(says("  _dmarc.down.example: timeout\n"));
}

TEST_CASE_METHOD(DmarcFixture, "signet dmarc: what it cannot use it refuses by name", "[cli]") {
  CHECK_THROWS_WITH(run("a..b"), "DOMAIN: found \"a..b\", expected a domain name");
  CHECK_THROWS_AS(run("a..b"), std::invalid_argument);
  options.psl_file = "/nowhere/list";
  CHECK_THROWS_AS(run("bank.example"), cli::FileError);
  options.psl_file.clear();
  options.identifiers.assign(13, "bank.example");
  CHECK_THROWS_WITH(run("bank.example"), "--identifier: found 13, expected at most 12");
}

TEST_CASE_METHOD(DmarcFixture, "signet dmarc: the JSON says the same", "[cli]") {
  options.identifiers = {"bank.example"};
  const json found = run_json("a.b.bank.example");
  CHECK(found.at("domain") == "a.b.bank.example");
  CHECK(found.at("treewalk").at("policy_domain") == "b.bank.example");
  CHECK(found.at("treewalk").at("policy_tag") == "p");
  CHECK(found.at("treewalk").at("steps").size() == 2);
  CHECK(found.at("treewalk").at("steps")[1].at("record") == "v=DMARC1; p=none; psd=n");
  CHECK(found.at("treewalk").at("alignments")[0] ==
        json({{"identifier", "bank.example"}, {"spf", "not aligned"}, {"dkim", "not aligned"}}));
  CHECK(found.at("psl").at("alignments")[0].at("dkim") == "aligned");
  CHECK(found.at("psl").at("organizational_domain") == "bank.example");
  CHECK(found.at("differences")[0] ==
        json({{"what", "policy domain"}, {"treewalk", "b.bank.example"}, {"psl", "bank.example"}}));
  CHECK(run_json("nothing.example").at("treewalk").at("policy_domain").is_null());
}

TEST_CASE_METHOD(DmarcFixture, "signet dmarc: colours only where they are asked for", "[cli]") {
  static_cast<void>(run("bank.example"));
  CHECK_FALSE(says("\x1b["));
  const std::string plain = text;
  options.is_coloured = true;
  static_cast<void>(run("bank.example"));
  CHECK(says("\x1b[1mTree walk (RFC 9989)\x1b[0m\n"));
  const std::string stripped = without_colours(text);
  CHECK(stripped == plain);
}
