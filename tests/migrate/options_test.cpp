// Every option of the three manual pages has a row, and every row that says "mapped" is.
#include "migrate/option_table.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <set>

#include "folder.hpp"

using namespace migrate;
using migrate_test::Setup;

namespace {

/// The names of one manual page, of Debian 12's packages.
std::vector<std::string> names_of(const std::string& program) {
  std::ifstream file(std::string(SIGNET_SOURCE_DIR "/tests/migrate/option-names/") + program + ".txt");
  std::vector<std::string> names;
  for (std::string name; std::getline(file, name);) names.push_back(name);
  return names;
}

const OptionRow* find_row(std::span<const OptionRow> rows, std::string_view name) {
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const OptionRow& r) { return r.name == name; });
  return row == rows.end() ? nullptr : &*row;
}

/// An option with a value that is not the old default, and what must then be in the new file (or, with "!", said).
struct Sample {
  const char* name;
  const char* setting;  // what follows the name; other lines may follow
  const char* expected;
};

const std::vector<Sample> opendkim_samples = {
    {"AuthservID", "mx.example", "authserv-id = \"mx.example\"  #"},
    {"Canonicalization", "relaxed", "header-canonicalization = \"relaxed\"  #"},
    {"ClockDrift", "60", "clock-drift = \"60s\"  #"},
    {"DNSTimeout", "10",
     "[dkim]\nmax-verified = 3  # the default of opendkim: MaximumSignaturesToVerify 3\ntimeout = \"10s\"  #"},
    {"Domain", "a.example\nSelector s\nKeyFile /k", "domain = \"a.example\"\n"},
    {"ExemptDomains", "a.example", "from-domains = [\n  \"a.example\",  #"},
    {"Include", "@@/more", "clock-drift = \"77s\"  #"},
    {"InternalHosts", "10.0.0.0/8", "networks = [\n  \"10.0.0.0/8\",  #"},
    {"KeyFile", "/k\nDomain a.example\nSelector s", "key = \"/k\"\n"},
    {"KeyTable", "csl:k=a.example:s:/k\nSigningTable csl:a.example=k", "key = \"/k\"\n"},
    {"MacroList", "daemon_name|ORIGINATING", "daemons = [\n  \"ORIGINATING\",  #"},
    {"MaximumHeaders", "131072", "max-header-octets = 131072  #"},
    {"MaximumSignaturesToVerify", "7", "max-verified = 7  #"},
    {"MinimumKeyBits", "2048", "min-rsa-bits = 2048  #"},
    {"Mode", "v", "!Mode has no \"s\""},
    {"MTA", "MSA", "daemons = [\n  \"MSA\",  #"},
    {"MultipleSignatures", "yes\nKeyTable csl:k=a.example:s:/k,l=a.example:t:/l\nSigningTable csl:a.example=k,.example=l",
     "keys = [\n  { selector = \"s\", file = \"/k\" },"},
    {"Nameservers", "127.0.0.1,192.0.2.53", "servers = [\n  \"127.0.0.1\",  #"},
    {"OmitHeaders", "Subject", "fields = [  #"},
    {"On-InternalError", "accept", "on-internal-error = \"accept\"  #"},
    {"OversignHeaders", "From,To", "oversign = [  #"},
    {"PeerList", "192.0.2.1", "relays = [\n  \"192.0.2.1/32\",  #"},
    {"RequiredHeaders", "yes", "bad-from = \"reject\"  #"},
    {"Selector", "s\nDomain a.example\nKeyFile /k", "selector = \"s\"  #"},
    {"SignatureTTL", "604800", "lifetime = \"604800s\"  #"},
    {"SignHeaders", "From,Subject", "fields = [  #"},
    {"SigningTable", "csl:a.example=k\nKeyTable csl:k=a.example:s:/k", "from = [\n  \"a.example\",  #"},
    {"Socket", "inet:8891@localhost", "socket = \"inet:8892@127.0.0.1\"  #"},
    {"SubDomains", "yes\nDomain a.example\nSelector s\nKeyFile /k", "\"*.a.example\",  #"},
    {"Syslog", "yes", "target = \"syslog\"  #"},
    {"SyslogFacility", "local3\nSyslog yes", "facility = \"local3\"  #"},
};

const std::vector<Sample> opendmarc_samples = {
    {"AuthservID", "HOSTNAME", "authserv-id = \"host.example\"  #"},
    {"DNSTimeout", "0", "timeout = \"120s\"  #"},
    {"HoldQuarantinedMessages", "true", "quarantine = \"hold\"  #"},
    {"IgnoreHosts", "@@/hosts", "relays = [\n  \"192.0.2.9/32\",  #"},
    {"IgnoreMailFrom", "a.example,b.example", "from-domains = [\n  \"a.example\",  #"},
    {"PublicSuffixList", "/usr/share/psl.dat", "psl-file = \"/usr/share/psl.dat\"  #"},
    {"RejectFailures", "true", "reject = \"always\"  #"},
    {"RejectString", "no %s, 100% sure", "reject-text = \"no %d, 100%% sure\"  #"},
    {"RequiredHeaders", "true", "bad-from = \"reject\"  #"},
    {"Socket", "inet:8891@localhost", "socket = \"inet:8892@127.0.0.1\"  #"},
    {"Syslog", "true", "target = \"syslog\"  #"},
    {"SyslogFacility", "daemon\nSyslog true", "facility = \"daemon\"  #"},
};

const std::vector<Sample> policyd_samples = {
    {"TestOnly", "= 0", "reject = []  #"},
    {"HELO_reject", "= Fail", "!the HELO result alone does not refuse"},
    {"Mail_From_reject", "= Softfail", "\"softfail\",\n"},
    {"No_Mail", "= True", "reject = []  #"},
    {"PermError_reject", "= True", "\"permerror\",  #"},
    {"TempError_Defer", "= True", "!mail is not deferred for SPF alone"},
    {"skip_addresses", "= 127.0.0.0/8,10.0.0.0/8", "networks = [\n  \"10.0.0.0/8\",  #"},
    {"Whitelist", "= 192.0.2.0/24", "networks = [\n  \"192.0.2.0/24\",  #"},
    {"Domain_Whitelist", "= pobox.example", "domains = [\n  \"pobox.example\",  #"},
    {"Header_Type", "= AR", "received-spf = false  #"},
    {"Authserv_Id", "= mx.example\nHeader_Type = AR", "authserv-id = \"mx.example\"  #"},
    {"Lookup_Time", "= 30", "timeout = \"30s\"  #"},
    {"Void_Limit", "= 5", "max-void-lookups = 5  #"},
};

struct Program {
  std::string name;  // of its manual page
  std::string file;
  std::span<const OptionRow> rows;
  const std::vector<Sample>& samples;
};

std::vector<Program> programs() {
  return {{"opendkim", "opendkim.conf", opendkim_options(), opendkim_samples},
          {"opendmarc", "opendmarc.conf", opendmarc_options(), opendmarc_samples},
          {"policyd-spf", "policyd-spf.conf", policyd_options(), policyd_samples}};
}

void check_sample(const Program& program, const Sample& sample) {
  Setup setup;
  setup.folder.write("more", "ClockDrift 77\n");
  setup.folder.write("hosts", "127.0.0.1\n192.0.2.9\n");
  setup.folder.write(program.file, std::string(sample.name) + " " + sample.setting + "\n");
  static_cast<void>(setup.settings());  // loads
  const std::string expected = sample.expected;
  CAPTURE(sample.name, expected, setup.import.toml, migrate_test::all_of(setup.import.findings));
  if (expected.starts_with('!'))
    CHECK(migrate_test::all_of(setup.import.findings).find(expected.substr(1)) != std::string::npos);
  else
    CHECK(setup.writes(expected));
  CHECK_FALSE(setup.has_problem(""));
}

}  // namespace

TEST_CASE("migrate options: every option of the manual pages has a row", "[migrate]") {
  for (const auto& program : programs()) {
    const auto names = names_of(program.name);
    CHECK(names.size() > 30);
    for (const auto& name : names) {
      CAPTURE(program.name, name);
      CHECK(find_row(program.rows, name) != nullptr);
    }
  }
}

TEST_CASE("migrate options: rows are in the order of names, each once, each with words", "[migrate]") {
  for (const auto& program : programs()) {
    std::set<std::string> names;
    for (const auto& row : program.rows) {
      CAPTURE(row.name);
      CHECK(names.insert(std::string(row.name)).second);
      CHECK(row.words.size() > 3);
    }
  }
}

TEST_CASE("migrate options: what is mapped has a sample that shows it", "[migrate]") {
  for (const auto& program : programs()) {
    for (const auto& row : program.rows) {
      const bool has_sample =
          std::any_of(program.samples.begin(), program.samples.end(), [&](const auto& s) { return s.name == row.name; });
      CAPTURE(program.name, row.name);
      CHECK(has_sample == (row.fate == Fate::mapped));
    }
    for (const auto& sample : program.samples) check_sample(program, sample);
  }
}

TEST_CASE("migrate options: what is not mapped is said and stands in the new file", "[migrate]") {
  for (const auto& program : programs()) {
    for (const auto& row : program.rows) {
      if (row.fate == Fate::mapped) continue;
      Setup setup;
      const std::string value = row.idle == "no" ? "yes" : "reject";
      setup.folder.write(program.file, std::string(row.name) + (program.name == "policyd-spf" ? " = " : " ") + value + "\n");
      static_cast<void>(setup.settings());
      CAPTURE(row.name, setup.import.toml);
      const std::string said = std::string(row.name) + " " + value + " is not carried over: " + std::string(row.words);
      const bool is_idle = row.idle == "yes";  // and so is "reject" for a Boolean: no word of it
      if (!is_idle)
        CHECK(migrate_test::has(setup.import.findings, row.fate == Fate::dropped ? Severity::warning : Severity::note, said));
      CHECK(setup.writes("#   " + setup.folder.path(program.file) + ":1: " + std::string(row.name)));
    }
  }
}

TEST_CASE("migrate options: what did nothing is a note, not a loss", "[migrate]") {
  Setup setup;
  setup.folder.write("opendkim.conf",
                     "SendReports no\nOn-BadSignature accept\nOn-NoSignature a\nRequireSafeKeys true\n"
                     "SignatureAlgorithm rsa-sha256\nSenderHeaders From\nOn-DNSError tempfail\n");
  static_cast<void>(setup.settings());
  for (const std::uint32_t line : {1U, 2U, 3U, 4U, 5U, 6U}) CHECK(setup.has_note("nothing changes by that", line));
  CHECK(setup.has_warning("On-DNSError tempfail is not carried over: mail waits", 7));
}

TEST_CASE("migrate options: an unknown one is a problem with its line", "[migrate]") {
  Setup setup;
  setup.folder.write("opendkim.conf", "\nFrobnicate yes\n");
  setup.folder.write("policyd-spf.conf", "helo_reject = Fail\n");
  static_cast<void>(setup.settings());
  CHECK(setup.has_problem("Frobnicate is no option of opendkim", 2));
  CHECK(setup.has_problem("helo_reject is no option of policyd-spf", 1));
  CHECK(setup.writes(":2: Frobnicate: no option of opendkim\n"));
}
