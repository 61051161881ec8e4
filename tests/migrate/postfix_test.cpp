#include "migrate/postfix_changes.hpp"

#include <catch2/catch.hpp>

#include "folder.hpp"

using namespace migrate;
using migrate_test::has;
using migrate_test::Setup;

namespace {

std::vector<Line> lines(const std::string& text) {
  Findings findings;
  return split_lines(text, "f", findings);
}

MainConfig main_of(const std::string& text) { return {lines(text), "main.cf"}; }

/// "- before" and "+ after" of all changes, with their lines.
std::string changes_of(const std::string& main, const std::string& master, Findings& findings) {
  const PostfixFiles postfix{main_of(main), "main.cf", read_master(lines(master), "master.cf")};
  const Sockets sockets{{{"/var/spool/postfix/opendkim/opendkim.sock", 0}, {"", 8893}}, 8891};
  std::string out;
  for (const auto& change : find_changes(postfix, sockets, findings)) {
    out += to_text(change.place) + "\n";
    if (!change.before.empty()) out += "- " + change.before + "\n";
    if (!change.after.empty()) out += "+ " + change.after + "\n";
  }
  return out;
}

}  // namespace

TEST_CASE("migrate main.cf: logical lines, comments between them, the last value counts", "[migrate]") {
  const MainConfig main = main_of("# c\na = 1,\n# c\n\n  2\n\t3\nb=x\na = $b ${b} $(b) $none ${b\nc = $c\n");
  REQUIRE(main.all().size() == 4);
  CHECK(main.all()[0].value == "1, 2 3");
  CHECK(main.find("a")->place == Place{"main.cf", 8});
  CHECK(main.expand(main.find("a")->value) == "x x x $none ${b");
  CHECK(main.expand("$c") == "$c");
  CHECK(main.find("none") == nullptr);
}

TEST_CASE("migrate main.cf: references that multiply have a bound", "[migrate][limits]") {
  std::string text = "p0 = 0123456789\n";
  for (int i = 1; i < 8; ++i) {
    text += "p" + std::to_string(i) + " =";
    for (int n = 0; n < 10; ++n) text += " $p" + std::to_string(i - 1);
    text += "\n";
  }
  const MainConfig main = main_of(text);
  CHECK(main.expand("$p3").size() == 10'999);
  CHECK(main.expand("$p7").size() < MainConfig::max_expansion_octets + 16);
}

TEST_CASE("migrate master.cf: services and their commands over several lines", "[migrate]") {
  const auto services = read_master(lines("smtp inet n - y - - smtpd\n  -o a=b\n# c\n\npolicyd-spf unix - n n - 0 spawn\n  "
                                          "user=x argv=/usr/bin/policyd-spf\nshort line\n"),
                                    "master.cf");
  REQUIRE(services.size() == 2);
  CHECK(services[0].command == "smtpd -o a=b");
  CHECK(services[1].name == "policyd-spf");
  CHECK(services[1].place == Place{"master.cf", 5});
}

TEST_CASE("migrate postfix: items stand between commas and blanks, and in braces", "[migrate]") {
  CHECK(split_items("a, b  c,{ inet:h:1, timeout = 3 } }") ==
        std::vector<std::string>{"a", "b", "c", "{ inet:h:1, timeout = 3 }", "}"});
  CHECK(split_items(" , ").empty());
  CHECK(split_items("{ open, x") == std::vector<std::string>{"{ open, x"});
}

TEST_CASE("migrate sockets: as the old programs and as Postfix write them", "[migrate]") {
  CHECK(read_socket("inet:8891@localhost")->port == 8891);
  CHECK(read_socket("inet6:8891@[::1]")->port == 8891);
  CHECK(read_socket("inet:54321")->port == 54321);
  CHECK(read_socket("local:/run/x.sock")->path == "/run/x.sock");
  CHECK(read_socket("/run/x.sock")->path == "/run/x.sock");
  for (const auto* wrong : {"inet:x@h", "inet:0@h", "inet:70000@h", "local:", "fax:1"}) CHECK_FALSE(read_socket(wrong));
  CHECK(read_postfix_socket("inet:localhost:8891")->port == 8891);
  CHECK(read_postfix_socket("inet:[::1]:8891")->port == 8891);
  CHECK_FALSE(read_postfix_socket("$smtpd_milters"));
  const auto old = read_socket("local:/var/spool/postfix/opendkim/opendkim.sock").value();
  for (const auto* same :
       {"local:opendkim/opendkim.sock", "unix:/opendkim/opendkim.sock", "unix:/var/spool/postfix/opendkim/opendkim.sock"})
    CHECK(is_same(read_postfix_socket(same).value(), old));
  for (const auto* other : {"unix:/kim/opendkim.sock", "unix:m/opendkim.sock", "inet:localhost:8891"})
    CHECK_FALSE(is_same(read_postfix_socket(other).value(), old));
}

TEST_CASE("migrate postfix: milters, protocol, policy service and its time limit", "[migrate]") {
  Findings findings;
  const std::string main = R"(smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination,
  check_client_access hash:/etc/postfix/clients, check_policy_service unix:private/policyd-spf, permit
policyd-spf_time_limit = 3600
milter_protocol = 2
milter_default_action = accept
smtpd_milters = inet:127.0.0.1:11332, local:opendkim/opendkim.sock, { inet:localhost:8893, connect_timeout = 10s }
non_smtpd_milters = $smtpd_milters
)";
  const std::string master =
      "policyd-spf  unix  -       n       n       -       0       spawn\n    user=policyd-spf argv=/usr/bin/policyd-spf\n";
  CHECK(changes_of(main, master, findings) ==
        R"(main.cf:6
- smtpd_milters = inet:127.0.0.1:11332, local:opendkim/opendkim.sock, { inet:localhost:8893, connect_timeout = 10s }
+ smtpd_milters = inet:127.0.0.1:11332, inet:127.0.0.1:8891
main.cf:4
- milter_protocol = 2
+ milter_protocol = 6
master.cf:1
- policyd-spf  unix  -       n       n       -       0       spawn user=policyd-spf argv=/usr/bin/policyd-spf
main.cf:3
- policyd-spf_time_limit = 3600
main.cf:1
- smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination, check_client_access hash:/etc/postfix/clients, check_policy_service unix:private/policyd-spf, permit
+ smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination, check_client_access hash:/etc/postfix/clients, permit
)");
  CHECK(has(findings, Severity::warning, "mail passes unchecked and unsigned", 5));
}

TEST_CASE("migrate postfix: names in main.cf stand for their values", "[migrate]") {
  Findings findings;
  CHECK(changes_of("dkim = local:/opendkim/opendkim.sock\nsmtpd_milters = ${dkim} inet:h:1\nnon_smtpd_milters = $dkim\n", "",
                   findings) ==
        "main.cf:2\n- smtpd_milters = ${dkim} inet:h:1\n+ smtpd_milters = inet:127.0.0.1:8891, inet:h:1\n"
        "main.cf:3\n- non_smtpd_milters = $dkim\n+ non_smtpd_milters = inet:127.0.0.1:8891\n");
}

TEST_CASE("migrate postfix: at first Signet stands behind the old filters, and stops no mail", "[migrate]") {
  const Sockets sockets{{{"", 8893}}, 8892};
  const auto changes_of = [&](const std::string& main) {
    std::string out;
    for (const auto& change : find_shadow_changes({main_of(main), "main.cf", {}}, sockets)) out += change.after + "\n";
    return out;
  };
  CHECK(changes_of("smtpd_milters = inet:localhost:8893\nnon_smtpd_milters = $smtpd_milters\n") ==
        "smtpd_milters = inet:localhost:8893, { inet:127.0.0.1:8892, default_action=accept }\n");
  CHECK(changes_of("smtpd_milters = a:1\nnon_smtpd_milters = a:1\n") ==
        "smtpd_milters = a:1, { inet:127.0.0.1:8892, default_action=accept }\n"
        "non_smtpd_milters = a:1, { inet:127.0.0.1:8892, default_action=accept }\n");
  CHECK(changes_of("myhostname = a.example\n") == "smtpd_milters = { inet:127.0.0.1:8892, default_action=accept }\n");
}

TEST_CASE("migrate postfix: without a word of milters, a line to add", "[migrate]") {
  Findings findings;
  CHECK(changes_of("", "", findings) == "main.cf\n+ smtpd_milters = inet:127.0.0.1:8891\n");
  CHECK(has(findings, Severity::note, "non_smtpd_milters is not set"));
  CHECK(changes_of("smtpd_milters = inet:h:1\n", "", findings) ==
        "main.cf:1\n- smtpd_milters = inet:h:1\n+ smtpd_milters = inet:127.0.0.1:8891, inet:h:1\n");
  CHECK(has(findings, Severity::warning, "names no socket of the old programs", 1));
}

TEST_CASE("migrate postfix: what master.cf says of its own is left to a hand", "[migrate]") {
  Findings findings;
  static_cast<void>(
      changes_of("",
                 "submission inet n - y - - smtpd\n  -o smtpd_milters=inet:localhost:8893\n"
                 "smtps inet n - y - - smtpd -o smtpd_recipient_restrictions=check_policy_service,unix:private/spf\n"
                 "spf unix - n n - 0 spawn user=nobody argv=/usr/bin/policyd-spf\n",
                 findings));
  CHECK(has(findings, Severity::warning, "submission sets smtpd_milters of its own", 1));
  CHECK(has(findings, Severity::problem, "smtps asks the policy service spf", 3));
}

TEST_CASE("migrate postfix: what changes mail after it was signed is named", "[migrate]") {
  Findings findings;
  check_rewriting(
      main_of("smtp_generic_maps = hash:/g\nheader_checks = regexp:/h\nsmtp_header_checks =\nmilter_header_checks = pcre:/m\n"),
      findings);
  CHECK(has(findings, Severity::warning, "smtp_generic_maps: addresses are rewritten after signing", 1));
  CHECK(has(findings, Severity::note, "header_checks: ", 2));
  CHECK(has(findings, Severity::warning, "milter_header_checks: ", 4));
  CHECK(has(findings, Severity::note, "8-bit mail to a server without 8BITMIME"));
  CHECK(findings.all().size() == 4);
  Findings none;
  check_rewriting(main_of("disable_mime_output_conversion = yes\n"), none);
  CHECK(none.all().empty());
}

TEST_CASE("migrate sockets: ours has a port that no old program has", "[migrate]") {
  Setup setup;
  setup.folder.write("opendkim.conf", "Socket inet:8891@localhost\n");
  setup.folder.write("opendmarc.conf", "Socket inet:8892@localhost\n");
  CHECK(setup.settings().milter.socket == "inet:8893@127.0.0.1");
  CHECK(setup.has_note("port 8891 belongs to an old program"));
  setup.folder.write("opendkim.conf", "Socket local:/run/opendkim/opendkim.sock\n");
  CHECK(setup.settings().milter.socket == "inet:8891@127.0.0.1");
  setup.folder.write("opendkim.conf", "Socket fax:1\n");
  CHECK(setup.settings().milter.socket == "inet:8891@127.0.0.1");
  CHECK(setup.has_problem("fax:1 is no socket", 1));
}
