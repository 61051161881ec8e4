#include "auth/shadow.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "auth/report.hpp"
#include "world.hpp"

namespace {

using auth::OldResults;
using auth::OldSignature;
using test::plain;
using test::signed_by;
using test::World;

const std::string good_dkim = "dkim=pass header.d=bank.example header.s=s";
const std::string spf_of_mail_from = "spf=pass smtp.mailfrom=alice@bank.example";

struct ShadowWorld : World {
  ShadowWorld() { options->is_monitor = options->shadow.is_on = true; }
};

std::string results(const std::string& text, const std::string& id = "mx.receiver.example") {
  return "Authentication-Results: " + id + "; " + text + "\r\n";
}

std::string summary(const auth::Report& report) {
  REQUIRE(report.shadow);
  std::string out;
  for (const auto& d : *report.shadow)
    out += std::string(out.empty() ? "" : " ") + std::string(d.mechanism) + "(" + d.ours + "," + d.theirs + "," +
           std::string(d.reason) + ")";
  return out;
}

OldResults read(const std::string& header) {
  return auth::read_old_results(message::parse_message_file(header + "\r\n").header, {"mx.receiver.example", "old"});
}

}  // namespace

TEST_CASE("shadow: a message of which both say the same has no difference, and nothing is changed", "[auth][shadow]") {
  ShadowWorld world;
  const auto report = world.run(results(good_dkim + "; dmarc=pass header.from=bank.example") + results(spf_of_mail_from) +
                                "Received: from mail.bank.example\r\n" + signed_by("bank.example", plain));
  CHECK(summary(report).empty());
  CHECK(report.changes.empty());
  CHECK(auth::action_to_take(report) == auth::Action::accept);
}

TEST_CASE("shadow: results that came with the message are not believed", "[auth][shadow]") {
  ShadowWorld world;
  const auto report = world.run("Received: from x\r\n" + results("spf=pass; dkim=pass header.d=bank.example; dmarc=pass") +
                                signed_by("bank.example", plain));
  CHECK(summary(report) == "spf(pass,-,theirs_below) dkim(pass,-,theirs_below) dmarc(pass,-,theirs_below)");
}

TEST_CASE("shadow: results of another name are nobody's, unless they are named", "[auth][shadow]") {
  ShadowWorld world;
  const std::string octets = results(spf_of_mail_from + "; " + good_dkim + "; dmarc=pass", "old.example") + "Received: x\r\n" +
                             signed_by("bank.example", plain);
  CHECK(summary(world.run(octets)) == "spf(pass,-,theirs_missing) dkim(pass,-,theirs_missing) dmarc(pass,-,theirs_missing)");
  world.options->shadow.authserv_ids = {"old.example"};
  CHECK(summary(world.run(octets)).empty());
}

TEST_CASE("shadow: what they say otherwise has its reason from the facts", "[auth][shadow]") {
  struct Row {
    const char* theirs;
    const char* wanted;
  };
  const auto row = GENERATE(
      Row{"spf=fail smtp.mailfrom=a@bank.example; dkim=pass header.d=bank.example; dmarc=pass", "spf(pass,fail,unexplained)"},
      Row{"spf=temperror smtp.mailfrom=a@bank.example; dkim=pass header.d=bank.example; dmarc=pass",
          "spf(pass,temperror,temperror)"},
      Row{"spf=none smtp.helo=x; dkim=pass header.d=bank.example; dmarc=pass", "spf(pass,none,other_identity)"},
      Row{"spf=pass; dkim=fail header.d=bank.example; dmarc=pass", "dkim(pass:bank.example,fail:bank.example,ed25519_unknown)"},
      Row{"spf=pass; dkim=none; dmarc=fail",
          "dkim(pass:bank.example,-:bank.example,ed25519_unknown) dmarc(pass,fail,follows_spf_or_dkim)"},
      Row{"spf=pass; dkim=pass header.d=bank.example; dmarc=none", "dmarc(pass,none,unexplained)"},
      Row{"spf=pass; dkim=pass header.d=bank.example; dkim=pass header.d=x.example; dmarc=pass",
          "dkim(-:x.example,pass:x.example,unexplained)"});
  ShadowWorld world;
  CHECK(summary(world.run(results(row.theirs) + signed_by("bank.example", plain))) == row.wanted);
}

TEST_CASE("shadow: a verdict that RFC 7489 would give is told apart from one that nothing explains", "[auth][shadow]") {
  ShadowWorld world;
  world.options->shadow.suffix_list = dmarc::PublicSuffixList::parse("example\nhost.example\n");
  world.dns.txt("_dmarc.host.example", {"v=DMARC1; p=reject"});  // the list calls it a public suffix, RFC 9989 does not
  world.envelope.reverse_path = message::parse_reverse_path("<a@other.example>");
  const std::string octets = "From: a@me.host.example\r\nSubject: x\r\n\r\nx\r\n";
  CHECK(summary(world.run(results("spf=none smtp.mailfrom=x; dmarc=none") + octets)) == "dmarc(fail,none,rfc9989_treewalk)");
  CHECK(summary(world.run(results("spf=none smtp.mailfrom=x; dmarc=pass") + octets)) == "dmarc(fail,pass,unexplained)");
}

TEST_CASE("shadow: our reason for refusing a signature is the reason of the difference", "[auth][shadow]") {
  struct Row {
    const char* text;
    const char* wanted;
  };
  const auto row =
      GENERATE(Row{"RSA key too small", "key_weak"}, Row{"rsa-sha1 is not acceptable", "algorithm_refused"},
               Row{"l= leaves part of the body unsigned", "length_refused"}, Row{"signature expired", "signature_time"},
               Row{"too many signatures", "too_many_signatures"}, Row{"body hash differs", "unexplained"});
  auth::Report report;
  dkim::Outcome outcome;
  outcome.result = dkim::Result::permerror;
  outcome.domain = "Bank.example";
  outcome.reason = row.text;
  report.dkim.push_back(outcome);
  report.spf_mail_from.verdict.result = spf::Result::none;
  OldResults old;
  old.dkim = {OldSignature{"pass", "bank.example"}};
  old.dmarc = "permerror";
  const auto found = auth::compare_with_old(report, old, std::nullopt);
  REQUIRE(found.size() == 1);
  CHECK(found.front().reason == row.wanted);
}

TEST_CASE("shadow: signatures that the old chain made are compared with those we would make", "[auth][shadow]") {
  ShadowWorld world;
  world.envelope.authentication_type = "PLAIN";
  world.options->shadow.authserv_ids = {"mx"};
  CHECK(summary(world.run(plain)).empty());
  CHECK(summary(world.run("DKIM-Signature: v=1; d=Bank.example; s=old; b=x\r\n" + plain)) ==
        "sign(no-rule-for-domain,bank.example:old,ours_unsigned)");
  CHECK(summary(world.run("DKIM-Signature: v=1; d=customer.example; s=old; b=x\r\n" + plain)).empty());  // came with it
  const auto rule = world.options->signing_table.add_rule({std::nullopt, {{"s", test::test_key()}}});
  REQUIRE(world.options->signing_table.add("bank.example", rule));
  const auto report = world.run(plain);
  CHECK(summary(report) == "sign(bank.example:s,-,theirs_unsigned)");
  CHECK(report.changes.empty());
  CHECK(summary(world.run("DKIM-Signature: v=1; d=bank.example; s=s; b=x\r\n" + plain)).empty());
  CHECK(summary(world.run("DKIM-Signature: v=1; d=bank.example; s=t; b=x\r\n" + plain)) ==
        "sign(bank.example:s,bank.example:t,other_selector)");
}

TEST_CASE("shadow: a relay's message is not compared", "[auth][shadow]") {
  ShadowWorld world;
  world.options->roles.relays = {*base::IpNetwork::parse("192.0.2.1")};
  CHECK_FALSE(world.run(results("spf=fail") + plain).shadow);
}

TEST_CASE("shadow: of one method the topmost field counts, whoever wrote it", "[auth][shadow]") {
  const auto old = read(results("dmarc=fail header.from=a", "old") + results("dmarc=pass; dkim=PASS header.d=A.example") +
                        "Received-SPF: Softfail (mailfrom) identity=mailfrom; client-ip=192.0.2.1\r\n");
  CHECK(old.dmarc == "fail");
  CHECK(old.spf == "softfail");
  REQUIRE((old.dkim && old.dkim->size() == 1));
  CHECK(old.dkim->front().result == "pass");
  CHECK(old.dkim->front().domain == "a.example");
}

TEST_CASE("shadow: of SPF the result for MAIL FROM counts before that for HELO", "[auth][shadow]") {
  CHECK(read("Received-SPF: Pass identity=helo; x\r\nReceived-SPF: Fail identity=mailfrom; x\r\n").spf == "fail");
  CHECK(read("Received-SPF: Fail identity=mailfrom; x\r\nReceived-SPF: Pass identity=helo; x\r\n").spf == "fail");
  CHECK(read(results("spf=pass smtp.helo=a; spf=fail smtp.mailfrom=b")).spf == "fail");
  CHECK(read(results("spf=fail smtp.mailfrom=b; spf=pass smtp.helo=a")).spf == "fail");
  CHECK(read("Received-SPF: Pass identity=helo; x\r\n").is_spf_of_helo);
  CHECK(read(results("spf=neutral") + "Received-SPF: Pass x\r\n").spf == "neutral");
}

TEST_CASE("shadow: whatever stands in the fields of others, reading ends and believes nothing broken",
          "[auth][shadow][hostile]") {
  for (const std::string text : {"", ";", "mx.receiver.example", "mx.receiver.example;", "mx.receiver.example; dmarc",
                                 "mx.receiver.example; dmarc=\xff", "\"mx.receiver.example\"; dmarc=("})
    CHECK_FALSE(read("Authentication-Results: " + text + "\r\nReceived-SPF:\r\nDKIM-Signature: ;\r\n").dmarc);
  std::string many;
  for (int i = 0; i < 60; ++i) many += "X-Other: x\r\n";
  CHECK_FALSE(read(many + results("dmarc=pass")).dmarc);
}

TEST_CASE("shadow: at most eight differences of a message are listed", "[auth][shadow][limits]") {
  auth::Report report;
  OldResults old;
  old.dkim.emplace();
  for (int i = 0; i < 20; ++i) old.dkim->push_back({"pass", std::to_string(i) + ".example"});
  CHECK(auth::compare_with_old(report, old, std::nullopt).size() == auth::max_shadow_differences);
}

TEST_CASE("shadow: reasons have different names", "[auth][shadow]") {
  std::set<std::string_view> tokens;
  for (const auto& reason : auth::shadow_reasons) tokens.insert(reason.token);
  CHECK(tokens.size() == auth::shadow_reasons.size());
  CHECK(auth::find_shadow_reason("nothing") == nullptr);
}
