// Whole messages through auth/, with a map for the DNS and keys made here.
#include "auth/message_check.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/auth/world.hpp"

namespace {

using test::domain;
using test::now;
using test::plain;
using test::signed_by;
using test::test_key;
using test::World;

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::vector<std::size_t> deleted(const auth::Report& report) {
  std::vector<std::size_t> out;
  for (const auto& change : report.changes)
    if (change.kind == auth::Change::Kind::delete_field) out.push_back(change.instance);
  return out;
}

}  // namespace

TEST_CASE("message check: SPF and DKIM pass aligned, and the field says so", "[auth]") {
  World world;
  const auto report = world.run(signed_by("bank.example", plain));
  CHECK(report.role.role == auth::Role::judge);
  CHECK(report.spf_mail_from.verdict.result == spf::Result::pass);
  CHECK(report.spf_helo.verdict.result == spf::Result::pass);
  REQUIRE(report.dkim.size() == 1);
  CHECK(report.dkim[0].result == dkim::Result::pass);
  REQUIRE(report.dmarc);
  CHECK(report.dmarc->result == dmarc::Result::pass);
  CHECK(report.dmarc->aligned_spf);
  CHECK(report.dmarc->aligned_dkim);
  CHECK(report.disposition.action == auth::Action::accept);
  const std::string& field = report.authentication_results;
  CHECK(contains(field, "mx.receiver.example;"));
  CHECK(contains(field, "spf=pass"));
  CHECK(contains(field, "smtp.mailfrom=alice@bank.example"));
  CHECK(contains(field, "dkim=pass"));
  CHECK(contains(field, "header.d=bank.example"));
  CHECK(contains(field, "dmarc=pass"));
  CHECK(contains(field, "header.from=bank.example"));
  CHECK(field.find("smtp.mailfrom") < field.find("smtp.helo"));
  CHECK(report.changes.back().name == "Authentication-Results");
}

TEST_CASE("message check: a forged p=reject message is refused", "[auth]") {
  World world;
  world.come_from("203.0.113.9", "<x@evil.example>");
  const auto report = world.run(plain);
  CHECK(report.dmarc->result == dmarc::Result::fail);
  CHECK(report.disposition.action == auth::Action::reject);
  CHECK(report.disposition.reason == "dmarc-reject");
  CHECK(contains(report.authentication_results, "dkim=none"));
}

TEST_CASE("message check: a HELO pass never makes DMARC pass beside another MAIL FROM", "[auth]") {
  World world;  // CVE-2019-20790
  world.come_from("192.0.2.1", "<x@evil.example>");
  world.envelope.connection.helo = "bank.example";
  const auto report = world.run(plain);
  CHECK(report.spf_helo.verdict.result == spf::Result::pass);
  CHECK(report.dmarc->result == dmarc::Result::fail);
  CHECK(report.disposition.action == auth::Action::reject);
}

TEST_CASE("message check: with a null reverse-path SPF is postmaster at HELO, and counts", "[auth]") {
  World world;
  world.come_from("192.0.2.1", "<>");
  const auto report = world.run(plain);
  CHECK(report.spf_mail_from.domain == "mail.bank.example");
  CHECK(report.spf_mail_from.verdict.result == spf::Result::pass);
  CHECK(report.dmarc->aligned_spf);
  CHECK_FALSE(contains(report.authentication_results, "smtp.mailfrom"));
  CHECK(contains(report.authentication_results, "smtp.helo=mail.bank.example"));
}

TEST_CASE("message check: a list's own signature lowers reject to quarantine", "[auth]") {
  World world;
  world.come_from("203.0.113.9", "<bounce@lists.example>");
  const std::string through_list = "List-Id: <garden.lists.example>\r\nList-Post: <mailto:garden@lists.example>\r\n" + plain;
  auto report = world.run(signed_by("lists.example", through_list));
  CHECK(report.disposition.action == auth::Action::tag);
  CHECK(report.disposition.override_reason == auth::Override::mailing_list);
  CHECK(std::any_of(report.changes.begin(), report.changes.end(),
                    [](const auth::Change& c) { return c.name == "X-Signet-Quarantine"; }));
  report = world.run(through_list);  // the same fields without the signature
  CHECK(report.disposition.action == auth::Action::reject);
}

TEST_CASE("message check: our authserv-id in foreign fields goes, from the highest index down", "[auth]") {
  World world;
  const std::string forged =
      "Authentication-Results: MX.receiver.example.; dmarc=pass\r\n"
      "Authentication-Results: other.example; dmarc=pass\r\n"
      "X-Authentication-Results: mx.receiver.example; dmarc=pass\r\n"
      "Authentication-Results: (comment) \"mx.receiver.example\" 1;\r\n\tspf=pass\r\n"
      "authentication-results: mx.receiver.example unparsable ((( \r\n";
  const auto report = world.run(forged + plain);
  CHECK(deleted(report) == std::vector<std::size_t>{4, 3, 1});
  CHECK(report.changes.back().kind == auth::Change::Kind::insert_at_top);
}

TEST_CASE("message check: a hundred forged fields go, one more and the message is refused", "[auth][limits]") {
  World world;
  std::string forged;
  for (int i = 0; i < 100; ++i) forged += "Authentication-Results: mx.receiver.example; dmarc=pass\r\n";
  CHECK(deleted(world.run(forged + plain)).size() == 100);
  const auto report = world.run(forged + "Authentication-Results: mx.receiver.example; spf=pass\r\n" + plain);
  CHECK(report.disposition.action == auth::Action::reject);
  CHECK(report.disposition.reason == "forged-results-flood");
}

TEST_CASE("message check: monitor mode decides and changes only Authentication-Results", "[auth]") {
  World world;
  world.options->is_monitor = true;
  world.come_from("203.0.113.9", "<x@evil.example>");
  const auto report = world.run("Authentication-Results: mx.receiver.example; dmarc=pass\r\n" + plain);
  CHECK(report.disposition.action == auth::Action::reject);
  CHECK(auth::action_to_take(report) == auth::Action::accept);
  for (const auto& change : report.changes) CHECK(change.name == "Authentication-Results");
}

TEST_CASE("message check: Received-SPF is written by option, below Authentication-Results, and not in monitor mode", "[auth]") {
  World world;
  CHECK(world.run(plain).changes.size() == 1);
  world.options->writes_received_spf = true;
  const auto report = world.run(plain);
  REQUIRE(report.changes.size() == 2);
  CHECK(report.changes[0].name == "Received-SPF");
  CHECK(report.changes[1].name == "Authentication-Results");
  CHECK(
      report.changes[0].value ==
      " pass (matched ip4:192.0.2.1) client-ip=192.0.2.1;\n\tenvelope-from=\"alice@bank.example\"; helo=mail.bank.example;\n\t"
      "identity=mailfrom; mechanism=\"ip4:192.0.2.1\";\n\treceiver=mx.receiver.example");
  world.come_from("192.0.2.1", "<>");
  const std::string bounce = world.run(plain).changes[0].value;
  CHECK(contains(bounce, "envelope-from=\"<>\";"));
  CHECK(contains(bounce, "identity=helo;"));
  world.options->is_monitor = true;
  CHECK(world.run(plain).changes.size() == 1);
}

TEST_CASE("message check: a header over its limit is no pass for DKIM and hides no author", "[auth][limits]") {
  World world;
  world.options->max_header_octets = 2000;
  world.come_from("203.0.113.9", "<x@evil.example>");
  const std::string flood = "X-Flood: " + std::string(1900, 'x') + "\r\n";
  auto report = world.run(signed_by("bank.example", flood + plain));
  REQUIRE(report.dkim.size() == 1);
  CHECK(report.dkim[0].result == dkim::Result::permerror);
  CHECK(report.disposition.action == auth::Action::reject);  // DMARC still sees whom it is from
  report = world.run(flood + flood + plain + "");
  CHECK(report.author.status == message::AuthorStatus::ok);
  report = world.run(flood + "From: a@one.example\r\n" + flood + plain);
  CHECK(report.author.status == message::AuthorStatus::several_fields);
}

TEST_CASE("message check: a temporary error where a signature might align defers", "[auth]") {
  World world;
  world.come_from("203.0.113.9", "<x@evil.example>");
  world.dns.fail("s._domainkey.bank.example", dns::Type::txt, dns::Status::timeout);
  auto report = world.run(signed_by("bank.example", plain));
  CHECK(report.dkim[0].result == dkim::Result::temperror);
  CHECK(report.disposition.action == auth::Action::defer);
  CHECK(report.disposition.reply->code == "451");
  world.dns.fail("_dmarc.bank.example", dns::Type::txt, dns::Status::server_failure);
  report = world.run(plain);  // the policy itself is unknown
  CHECK(report.dmarc->result == dmarc::Result::temperror);
  CHECK(report.disposition.action == auth::Action::accept);
}

TEST_CASE("message check: bad From fields are refused with their reason", "[auth]") {
  World world;
  CHECK(world.run("To: x@y.example\r\n\r\nhi\r\n").disposition.reason == "from-missing");
  CHECK(world.run("From: a@b.example\r\n" + plain).disposition.reason == "from-several-fields");
  CHECK(world.run("From: a@b.example <c@d.example>\r\n\r\n").disposition.reason == "from-unparsable");
}

TEST_CASE("message check: every domain of a multi-domain From must pass", "[auth]") {
  World world;
  world.dns.txt("_dmarc.other.example", {"v=DMARC1; p=quarantine"});
  const auto report = world.run("From: alice@bank.example, carol@other.example\r\n\r\nhi\r\n");
  REQUIRE(report.dmarc_by_author.size() == 2);
  CHECK(report.dmarc_by_author[0].result == dmarc::Result::pass);
  CHECK(report.dmarc_by_author[1].result == dmarc::Result::fail);
  CHECK(report.disposition.action == auth::Action::tag);
}

TEST_CASE("message check: our own mail is signed, with every key of its rule, and not judged", "[auth]") {
  World world;
  const std::size_t rule = world.options->signing_table.add_rule({std::nullopt, {{"s", test_key()}, {"t", test_key()}}});
  REQUIRE(world.options->signing_table.add("bank.example", rule));
  world.envelope.authentication_type = "PLAIN";
  world.envelope.reverse_path = message::parse_reverse_path("<>");  // a bounce is signed too
  auto report = world.run(plain);
  CHECK(report.sign_reason == "signed");
  REQUIRE(report.changes.size() == 2);
  CHECK(world.dns.asked().empty());
  std::string stamped;
  for (auto change = report.changes.rbegin(); change != report.changes.rend(); ++change)
    stamped += change->name + ":" + change->value + "\r\n";
  CHECK_FALSE(contains(report.changes[0].value, "\r"));

  world.envelope.authentication_type.clear();
  world.dns.txt("t._domainkey.bank.example", {"v=DKIM1; k=ed25519; p=" + test_key().public_key().record_value()});
  report = world.run(stamped + plain);
  REQUIRE(report.dkim.size() == 2);
  CHECK(report.dkim[0].selector == "s");
  CHECK(report.dkim[0].result == dkim::Result::pass);
  CHECK(report.dkim[1].result == dkim::Result::pass);
}

TEST_CASE("message check: not signed, and one token says why", "[auth]") {
  World world;
  world.envelope.authentication_type = "PLAIN";
  CHECK(world.run(plain).sign_reason == "no-rule-for-domain");
  CHECK(world.run("To: a@b.example\r\n\r\n").sign_reason == "no-from");
  CHECK(world.run("From: <<>>\r\n\r\n").sign_reason == "from-unusable");
  world.options->is_monitor = true;
  CHECK(world.run(plain).sign_reason == "monitor-mode");
}

TEST_CASE("message check: a relay's mail is left alone", "[auth]") {
  World world;
  world.options->roles.relays = {base::IpNetwork::parse("192.0.2.1").value()};
  const auto report = world.run("Authentication-Results: mx.receiver.example; dmarc=pass\r\n" + plain);
  CHECK(report.changes.empty());
  CHECK(report.disposition.reason == "relay");
  CHECK(world.dns.asked().empty());
}

TEST_CASE("log line: one line, outside values harmless", "[auth]") {
  World world;
  world.envelope.connection.helo = "a b\n\"c\" action=reject";
  world.envelope.queue_id = "4XYZ";
  const std::string line = auth::log_line(world.run(signed_by("bank.example", plain)));
  CHECK(line.find_first_of("\r\n") == std::string::npos);
  CHECK(contains(line, "qid=4XYZ client=192.0.2.1 helo=a\\x20b\\x0a\\x22c\\x22\\x20action=reject sender=alice@bank.example"));
  CHECK(contains(line, " spf.mailfrom=pass "));
  CHECK(contains(line, " dkim=pass:bank.example:s "));
  CHECK(contains(line, " dmarc=pass policy=p=reject policy_domain=bank.example action=accept reason=dmarc-pass "));
}

TEST_CASE("message check: by RFC 7489 the draw decides whether pct leaves a message out", "[auth]") {
  World world;
  world.come_from("192.0.2.9", "<x@elsewhere.example>");
  world.dns.txt("_dmarc.bank.example", {"v=DMARC1; p=reject; pct=25"});
  CHECK(world.run(plain).disposition.reason == "dmarc-reject");  // RFC 9989 has no pct
  world.options->suffix_list = dmarc::PublicSuffixList::parse("example\n");
  world.draw = 24;
  CHECK(world.run(plain).disposition.reason == "dmarc-reject");
  world.draw = 25;
  const auto report = world.run(plain);
  CHECK(report.disposition.reason == "dmarc-quarantine");
  CHECK(report.disposition.override_reason == auth::Override::other);
  CHECK(contains(auth::log_line(report), "policy=p=reject;sampled-out"));
}
