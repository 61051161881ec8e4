// Whole setups, as Debian ships them and as guides write them.
#include "migrate/import.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "auth/configure.hpp"
#include "dns/zone_file.hpp"
#include "folder.hpp"
#include "migrate/data_set.hpp"
#include "migrate/keys.hpp"
#include "migrate/lines.hpp"
#include "tests/dkim/keys.hpp"

using namespace migrate;
using migrate_test::all_of;
using migrate_test::Setup;

namespace {

/// As the packages of Debian 12 set them.
constexpr const char* debian_opendkim = R"(# basic configuration
Syslog			yes
SyslogSuccess		yes
#LogWhy			no
Canonicalization	relaxed/simple
#Mode			sv
OversignHeaders		From
UserID			opendkim
UMask			007
Socket			local:/run/opendkim/opendkim.sock
PidFile			/run/opendkim/opendkim.pid
TrustAnchorFile		/usr/share/dns/root.key
)";
constexpr const char* debian_opendmarc = R"(# AuthservID name
PidFile /run/opendmarc/opendmarc.pid
PublicSuffixList /usr/share/publicsuffix/public_suffix_list.dat
# RejectFailures false
Socket local:/run/opendmarc/opendmarc.sock
Syslog true
UMask 0002
UserID opendmarc
)";
constexpr const char* debian_policyd = R"(    #  For a fully commented sample config file see policyd-spf.conf.commented

debugLevel = 1 
TestOnly = 1

HELO_reject = Fail
Mail_From_reject = Fail

PermError_reject = False
TempError_Defer = False

skip_addresses = 127.0.0.0/8,::ffff:127.0.0.0/104,::1
)";

/// As the guides for Postfix have one build it.
void write_guide(Setup& setup) {
  setup.folder.write("opendkim.conf", R"(AutoRestart             Yes
AutoRestartRate         10/1h
UMask                   002
Syslog                  yes
SyslogSuccess           Yes
LogWhy                  Yes
Canonicalization        relaxed/simple
ExternalIgnoreList      refile:@@/TrustedHosts
InternalHosts           refile:@@/TrustedHosts
KeyTable                refile:@@/KeyTable
SigningTable            refile:@@/SigningTable
Mode                    sv
PidFile                 /var/run/opendkim/opendkim.pid
SignatureAlgorithm      rsa-sha256
UserID                  opendkim:opendkim
Socket                  inet:12301@localhost
OversignHeaders         From
)");
  setup.folder.write("TrustedHosts", "127.0.0.1\n::1\nlocalhost\n192.168.0.1/24\n\n*.example.com\n");
  setup.folder.write("KeyTable",
                     "mail._domainkey.example.com example.com:mail:@@/keys/mail.private\n"
                     "mail._domainkey.example.net example.net:mail:@@/keys/net.private\n");
  setup.folder.write("SigningTable", "*@example.com mail._domainkey.example.com\n*@example.net mail._domainkey.example.net\n");
  setup.folder.write("keys/mail.private", std::string(test::rsa_2048_pem));
  setup.folder.write("keys/net.private", std::string(test::rsa_1024_pem));
  setup.folder.write("opendmarc.conf", R"(AuthservID mail.example.com
PidFile /var/run/opendmarc.pid
RejectFailures true
Syslog true
TrustedAuthservIDs mail.example.com,mail2.example.com
Socket inet:54321@localhost
UMask 0002
UserID opendmarc:opendmarc
IgnoreHosts @@/ignore.hosts
HistoryFile /var/run/opendmarc/opendmarc.dat
SPFSelfValidate true
)");
  setup.folder.write("ignore.hosts", "127.0.0.1\n192.168.0.0/24\n");
  setup.folder.write("policyd-spf.conf", "debugLevel = 1\nTestOnly = 1\nHELO_reject = False\nMail_From_reject = False\n");
  setup.folder.write("main.cf",
                     "milter_default_action = accept\nmilter_protocol = 6\n"
                     "smtpd_milters = inet:localhost:12301,inet:localhost:54321\nnon_smtpd_milters = $smtpd_milters\n");
  setup.folder.write("master.cf", "smtp inet n - y - - smtpd\n");
}

}  // namespace

TEST_CASE("migrate import: Debian's own files, nothing added", "[migrate]") {
  Setup setup;
  setup.folder.write("opendkim.conf", debian_opendkim);
  setup.folder.write("opendmarc.conf", debian_opendmarc);
  setup.folder.write("policyd-spf.conf", debian_policyd);
  const auto settings = setup.settings();
  CAPTURE(all_of(setup.import.findings));
  CHECK_FALSE(setup.import.findings.has_problem());
  CHECK(settings.mode == conf::Mode::enforce);  // for "monitor" signs nothing; nothing refuses but SPF, as before
  CHECK(settings.reject == conf::HonourReject::never);
  CHECK(settings.quarantine == conf::QuarantineBy::tag);
  CHECK(settings.bad_from == conf::BadFrom::accept);
  CHECK(settings.dmarc.on_temperror == conf::Fallback::accept);
  CHECK(settings.dmarc.on_unknown_policy == conf::Fallback::accept);
  CHECK(settings.on_internal_error == conf::Fallback::defer);
  CHECK(settings.spf.reject == std::vector<std::string>{"fail"});
  CHECK(settings.spf.received_spf);
  CHECK(settings.dkim.max_verified == 3);
  CHECK(settings.log.target == conf::LogTarget::syslog);
  CHECK(settings.sign.header_canonicalization == conf::CanonicalForm::relaxed);
  CHECK(settings.sign.body_canonicalization == conf::CanonicalForm::simple);
  CHECK(settings.sign.oversign == std::vector<std::string>{"from"});
  CHECK(settings.sign.rules.empty());
  CHECK(settings.milter.socket == "inet:8891@127.0.0.1");
  CHECK(settings.forwarders.networks.empty());  // loopback signs
  CHECK(auth::configure(settings).warnings.empty());
}

TEST_CASE("migrate import: the setup of the guides, to the last line", "[migrate]") {
  Setup setup;
  write_guide(setup);
  dns::ZoneResolver resolver(dns::parse_zone("other.example. A 192.0.2.1\n").value());
  static_cast<void>(setup.run(&resolver));
  const auto settings = conf::parse(setup.import.toml, setup.folder.path("signet.toml"));
  CAPTURE(all_of(setup.import.findings));
  CHECK_FALSE(setup.import.findings.has_problem());
  CHECK(settings.authserv_id == "mail.example.com");
  CHECK(settings.reject == conf::HonourReject::always);
  CHECK(settings.spf.reject.empty());
  REQUIRE(settings.sign.networks.size() == 3);
  CHECK(settings.sign.networks[2].text() == "192.168.0.0/24");
  CHECK(settings.relays.empty());  // both of IgnoreHosts sign
  REQUIRE(settings.sign.rules.size() == 2);
  CHECK(settings.sign.rules[1].from == std::vector<std::string>{"example.net"});
  CHECK(settings.sign.rules[1].keys[0].file == setup.folder.path("keys/net.private"));
  CHECK(auth::configure(settings).warnings.size() == 1);  // the weak key
  CHECK(setup.has_warning("an RSA key of 1024 bits is weak"));
  CHECK(setup.has_warning("mail._domainkey.example.com is not published"));
  CHECK(setup.has_warning("several names: opendkim wrote the mail server's own name, opendmarc wrote \"mail.example.com\"", 1));
  CHECK(setup.has_warning("*.example.com is a name", 6));
  CHECK(setup.has_warning("HistoryFile /var/run/opendmarc/opendmarc.dat is not carried over", 10));
  REQUIRE(setup.import.postfix.size() == 1);
  CHECK(setup.import.postfix[0].after == "smtpd_milters = inet:127.0.0.1:8891");
}

TEST_CASE("migrate import: one key for one domain", "[migrate]") {
  Setup setup;
  setup.folder.write("opendkim.conf", std::string(debian_opendkim) +
                                          "Domain example.com\nSelector 2020\nKeyFile @@/example.private\n"
                                          "Socket local:/var/spool/postfix/opendkim/opendkim.sock\n");
  setup.folder.write("example.private", std::string(test::rsa_2048_pem));
  setup.folder.write("main.cf",
                     "smtpd_milters = local:opendkim/opendkim.sock\nnon_smtpd_milters = local:opendkim/opendkim.sock\n");
  const auto settings = setup.settings();
  CAPTURE(all_of(setup.import.findings));
  CHECK_FALSE(setup.import.findings.has_problem());
  REQUIRE(settings.sign.rules.size() == 1);
  CHECK(settings.sign.rules[0].domain == "example.com");
  CHECK(settings.reject == conf::HonourReject::never);  // there was no opendmarc
  CHECK(settings.spf.reject.empty());                   // and no policyd-spf
  CHECK_FALSE(settings.spf.received_spf);
  CHECK(setup.import.postfix.size() == 2);
  CHECK(auth::configure(settings).warnings.empty());
}

TEST_CASE("migrate import: a value of one file does what it did", "[migrate]") {
  Setup setup;
  setup.folder.write("opendkim.conf",
                     "SignHeaders *,+List-Id,-Subject,Received\nOmitHeaders Date\nMaximumHeaders 0\nClockDrift 90000\n"
                     "SignatureTTL soon\nOn-InternalError quarantine\nNameservers 127.0.0.1,dns.example\n"
                     "MacroList auth_type,client_name|x\nExemptDomains a.example,b..example\n");
  setup.folder.write("opendmarc.conf",
                     "HoldQuarantinedMessages true\nRejectString \xc3\xa9\nIgnoreHosts @@/hosts\nIgnoreMailFrom a b\n");
  setup.folder.write("hosts", "127.0.0.1\n198.51.100.1\n");
  setup.folder.write("policyd-spf.conf",
                     "Mail_From_reject = SPF_Not_Pass\nPermError_reject = True\nHELO_reject = No_Check\n"
                     "Domain_Whitelist = a..b\nWhitelist = 192.0.2.7/24\nVoid_Limit = 50\n");
  const auto settings = setup.settings();
  CAPTURE(all_of(setup.import.findings));
  const auto& fields = settings.sign.fields;
  const auto signs = [&](const char* name) { return std::find(fields.begin(), fields.end(), name) != fields.end(); };
  CHECK((signs("from") && signs("list-id") && signs("to") && !signs("subject") && !signs("date") && !signs("received")));
  CHECK(setup.has_warning("received is not signed any more", 1));
  CHECK(settings.max_header_octets == 16'777'216);
  CHECK(settings.dkim.clock_drift == std::chrono::hours{24});
  CHECK(setup.has_warning("dkim.clock-drift is between 0 and 86400: 90000 becomes 86400", 4));
  CHECK(setup.has_problem("soon is no number: sign.lifetime keeps its default", 5));
  CHECK(setup.has_warning("a failure of Signet's own defers", 6));
  CHECK(setup.has_problem("dns.example is no address", 7));
  CHECK(settings.dns.servers == std::vector<std::string>{"127.0.0.1"});
  CHECK(setup.has_note("whoever logged in is signed for anyway", 8));
  CHECK(setup.has_problem("client_name|x does not decide about signing", 8));
  CHECK(setup.has_problem("ExemptDomains: b..example is no domain name", 9));
  CHECK(settings.exempt.from_domains.size() == 1);
  CHECK(settings.quarantine == conf::QuarantineBy::hold);
  CHECK(setup.has_warning("it is held as p=quarantine is", 1));
  CHECK(setup.has_problem("RejectString is too long or not ASCII", 2));
  CHECK(setup.has_problem("IgnoreMailFrom: a b is no domain name", 4));
  REQUIRE(settings.relays.size() == 1);
  CHECK(settings.relays[0].text() == "198.51.100.1/32");
  CHECK(settings.spf.reject == std::vector<std::string>{"fail", "softfail", "permerror"});
  CHECK(setup.has_warning("neutral does not refuse any more", 1));
  CHECK(setup.has_problem("Domain_Whitelist: a..b is no domain name", 4));
  CHECK(setup.has_warning("192.0.2.7/24 has bits set", 5));
  CHECK(settings.forwarders.networks[0].text() == "192.0.2.0/24");
  CHECK(settings.spf.max_void_lookups == 20);
}

TEST_CASE("migrate import: names in Authentication-Results that differ only in case are one", "[migrate]") {
  Setup setup;
  setup.folder.write("opendkim.conf", "AuthservID HOSTNAME\n");
  setup.folder.write("opendmarc.conf", "AuthservID Host.example\n");
  setup.folder.write("policyd-spf.conf", "Header_Type = AR\n");
  CHECK(setup.settings().authserv_id == "host.example");
  CHECK_FALSE(setup.has_warning("several names"));
  setup.folder.write("policyd-spf.conf", "Header_Type = AR\nAuthserv_Id = other.example\n");
  CHECK(setup.settings().authserv_id == "host.example");
  CHECK(setup.has_warning("policyd-spf wrote \"other.example\"", 2));
  setup.folder.write("opendkim.conf", "AuthservID a;b\n");
  CHECK(setup.settings().authserv_id == "Host.example");
  CHECK(setup.has_problem("a;b is no name for Authentication-Results", 1));
}

TEST_CASE("migrate import: its limits are those that docs/migrating.md names", "[migrate][limits]") {
  std::ifstream page(SIGNET_SOURCE_DIR "/docs/migrating.md");
  const std::string text{std::istreambuf_iterator<char>(page), {}};
  const std::string limits = fmt::format(
      "Limits: files of {} MiB, lines of {} KiB, {} lines; {} entries of a table; {} settings; {} files included, {} deep;\n"
      "{} keys compared with the DNS; {} findings shown.",
      max_file_octets >> 20U, max_line_octets >> 10U, max_lines, max_data_entries, OldSettings::max_settings,
      OldSettings::max_included_files, OldSettings::max_include_depth, max_keys_asked, Findings::max_findings);
  CHECK(text.find(limits) != std::string::npos);
}

TEST_CASE("migrate import: nothing there is nothing made", "[migrate]") {
  Setup setup;
  CHECK(setup.run().toml.empty());
  CHECK(setup.import.postfix.empty());
  CHECK(setup.has_note("opendkim.conf") == false);
  CHECK(setup.has_note("is not there"));
}

TEST_CASE("migrate import: hostile files end in findings and in a file that loads", "[migrate]") {
  Setup setup;
  constexpr char octets[] =
      "\x01\x02 \x7f # \"\n\\u0000 x\n[[sign.rule]] \"\"\"\nSelector \"\\\n\0\n\xc3\x28\nDomain \x01,\"]\n";
  const std::string junk(octets, sizeof octets - 1);
  setup.folder.write("opendkim.conf", junk + "SigningTable refile:@@/t\nKeyTable file:@@/t\nInternalHosts @@/t\n");
  setup.folder.write("opendmarc.conf", junk + "RejectString \"\\\x01\nAuthservID \"\n");
  setup.folder.write("policyd-spf.conf", junk + "Whitelist = \x01/99\n");
  setup.folder.write("main.cf", junk + "smtpd_milters = {\n");
  setup.folder.write("master.cf", junk);
  setup.folder.write("t", junk + "*@a\"b.example a:b:/c\x01\n* \x02\n!\n!!/0\n");
  static_cast<void>(setup.settings());
  CHECK(setup.import.findings.has_problem());
  CHECK_FALSE(setup.has_problem("would not load"));
  for (const auto& finding : setup.import.findings.all())
    for (const char c : finding.text) CHECK((c >= ' ' || c < 0));
}
