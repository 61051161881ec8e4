#include "cli/verify.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "cli/reasons.hpp"
#include "tests/auth/world.hpp"
#include "tests/cli/folder.hpp"

using nlohmann::json;

namespace {

std::string zone() {
  return "bank.example. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n_dmarc.bank.example. TXT \"v=DMARC1; p=reject\"\n"
         "s._domainkey.bank.example. TXT \"v=DKIM1; k=ed25519; p=" +
         test::test_key().public_key().record_value() + "\"\n";
}

constexpr const char* log_lines =
    "2026-09-21T14:13:20Z mx signetd[7]: qid=AB1 client=198.51.100.9 helo=old.example sender=<> action=accept "
    "reason=dmarc-none\n"
    "2026-09-21T14:13:20Z mx signetd[7]: qid=AB1 client=192.0.2.1 helo=mail.bank.example sender=alice@bank.example "
    "from=bank.example role=judge(outside) spf.mailfrom=pass spf.helo=none dkim=pass:bank.example:s dmarc=fail policy=p=reject "
    "policy_domain=bank.example action=tag reason=dmarc-quarantine override=mailing_list mode=monitor dns_ms=1.0 "
    "total_ms=2.0\n";

constexpr const char* log_explained = R"(Logged     queue id AB1, 2026-09-21T14:13:20Z, the last of 2 lines with it
Client     192.0.2.1, HELO mail.bank.example
MAIL FROM  alice@bank.example
From       bank.example
Role       judge(outside): from outside: judged
SPF        MAIL FROM pass, HELO none
DKIM       pass:bank.example:s
DMARC      fail; policy p=reject of bank.example
Action     tag, reason dmarc-quarantine
           nothing aligned passed, and the policy in force is quarantine; `quarantine` says how that is done
           mailing_list: the published policy was reject, but the message seems to come by a mailing list
           in mode monitor: nothing of this was done to the message
)";

/// Of test::plain, signed by test::test_key(), whose signatures are the same every time.
constexpr const char* explained = R"(From       bank.example
SPF        MAIL FROM bank.example: pass: the client may send for the domain; matched ip4:192.0.2.1 in the record of bank.example (RFC 7208 §5.6)
           bank.example: v=spf1 ip4:192.0.2.1 -all
             ip4:192.0.2.1: match
           0 of 10 lookup terms, 0 of 2 void lookups
SPF        HELO mail.bank.example: none: nothing is known; no such domain (RFC 7208 §4.3)
           mail.bank.example: no such domain
           0 of 10 lookup terms, 0 of 2 void lookups
)";

class VerifyFixture {
 public:
  VerifyFixture() {
    options.sources.zone_file = folder.file("zone", zone());
    options.sources.now = test::now.time_since_epoch().count();
    options.ip = "192.0.2.1";
    options.helo = "mail.bank.example";
    options.from = "alice@bank.example";
    options.has_from = true;
  }
  int run(const std::string& octets) {
    options.file = folder.file("message", octets);
    return run();
  }
  int run() {
    std::ostringstream out, notes_out;
    const int status = cli::run_verify(options, out, notes_out);
    text = out.str();
    notes = notes_out.str();
    return status;
  }
  [[nodiscard]] bool says(const std::string& part) const { return text.find(part) != std::string::npos; }

  test::Folder folder;
  cli::VerifyOptions options;
  std::string text, notes;
};

const std::string signed_message = test::signed_by("bank.example", test::plain);

}  // namespace

TEST_CASE_METHOD(VerifyFixture, "signet verify: SPF of both identities, term by term", "[cli]") {
  CHECK(run(signed_message) == 0);
  CHECK(text.substr(0, std::string(explained).size()) == explained);
}

TEST_CASE_METHOD(VerifyFixture, "signet verify: a signature with its tags, its key and its two hashes", "[cli]") {
  CHECK(run(signed_message) == 0);
  CHECK(says("DKIM       signature 1 by bank.example selector s ed25519-sha256: pass; key of 256 bits\n           v=1\n"));
  CHECK(says("           key: s._domainkey.bank.example, found\n           body hash: "));
  CHECK(says(", as bh= says\n           header hash: of "));
  CHECK(says(" octets, b= is the key's signature of it\n"));
  CHECK_FALSE(says("           | from:"));
}

TEST_CASE_METHOD(VerifyFixture, "signet verify: a body that was changed is told from a header that was", "[cli]") {
  std::string changed = signed_message;
  changed.replace(changed.find("Hello Bob"), 9, "Hello Rob");
  CHECK(run(changed) == 0);
  CHECK(says("fail, body hash did not verify"));
  CHECK(says(": the body was changed after it was signed\n"));
  CHECK(says(" octets, not compared, for what was said above decides\n"));
  changed = signed_message;
  changed.replace(changed.find("Subject: hello"), 14, "Subject: hallo");
  CHECK(run(changed) == 0);
  CHECK(says("b= is not the key's signature of it: a signed field was changed, or the key is another\n"));
}

TEST_CASE_METHOD(VerifyFixture, "signet verify: what the header hash is of can be seen, octet for octet", "[cli]") {
  options.shows_canonical = true;
  CHECK(run(signed_message) == 0);
  CHECK(says("           | from:Alice <alice@bank.example>\\r\\n\n"));
  CHECK(says("           | subject:hello\\r\\n\n"));
  CHECK(says("           | dkim-signature:v=1; a=ed25519-sha256; "));
  CHECK(says("; b=\n"));
}

TEST_CASE_METHOD(VerifyFixture, "signet verify: each step of the walk, and which rule decides", "[cli]") {
  CHECK(run(signed_message) == 0);
  CHECK(
      says("           _dmarc.bank.example: v=DMARC1; p=reject\n           _dmarc.example: no such name\n"
           "           because: p, for the record is the domain's own\nAction     accept, reason dmarc-pass\n"
           "           an identifier that passed, SPF's or a signature's, is aligned with the From domain (RFC 9989 §5.3)\n"));
}

TEST_CASE_METHOD(VerifyFixture, "signet verify: the JSON says the same", "[cli]") {
  options.json = options.shows_canonical = true;
  CHECK(run(signed_message) == 0);
  const json found = json::parse(text);
  CHECK(found.at("spf").at("mailfrom").at("steps").size() == 2);
  const json evidence = found.at("dkim").at(0).at("evidence");
  CHECK(evidence.at("body_hash") == evidence.at("found_body_hash"));
  CHECK(evidence.at("tags").at("d") == "bank.example");
  CHECK(evidence.at("header_octets").get<std::string>().find("from:Alice <alice@bank.example>\\r\\n") == 0);
  CHECK(found.at("dmarc").at("discovery").at(0).at("steps").at(0).at("record") == "v=DMARC1; p=reject");
  CHECK(found.at("meaning") == cli::explain_reason("dmarc-pass"));
}

TEST_CASE_METHOD(VerifyFixture, "signet verify --queue-id: the line is put into words", "[cli]") {
  options.queue_id = "AB1";
  options.log = folder.file("log", log_lines);
  CHECK(run() == 0);
  CHECK(text == log_explained);
  options.queue_id = "AB2";
  CHECK(run() == cli::exit_not_logged);
  CHECK(text.empty());
  CHECK(notes == "signet: no line of the log has qid=AB2\n");
}

TEST_CASE_METHOD(VerifyFixture, "signet verify --queue-id: with a file, the envelope and the time are those of the line",
                 "[cli]") {
  options = {};
  options.sources.zone_file = folder.file("zone", zone());
  options.queue_id = "AB1";
  options.log = folder.file("log", log_lines);
  CHECK(run(signed_message) == 0);
  CHECK(says("SPF        MAIL FROM bank.example: pass"));
  CHECK(says("SPF        HELO mail.bank.example"));
  options.ip = "198.51.100.1";
  options.json = true;
  CHECK(run(signed_message) == 0);
  const json found = json::parse(text);
  CHECK(found.at("spf").at("mailfrom").at("result") == "fail");
  CHECK(found.at("log").at("count") == 2);
  CHECK(found.at("log").at("fields").at("qid") == "AB1");
}

TEST_CASE_METHOD(VerifyFixture, "signet verify: what it cannot use it refuses by name", "[cli]") {
  CHECK_THROWS_WITH(run(), "FILE: found none and no --queue-id, expected one of the two");
  options.has_from = false;
  options.from.clear();
  options.queue_id = "AB1";
  options.log = folder.file("log", "qid=AB1 sender=" + std::string(128, 'a') + "...\n");
  CHECK_THROWS_WITH(run(signed_message), "--queue-id: the log holds only a part of sender=, say it yourself");
  options.ip = "x";
  CHECK_THROWS_AS(run(signed_message), std::invalid_argument);
}

TEST_CASE("signet verify: every reason that a decision can have is put into words", "[cli]") {
  auth::DecisionRules rules;
  rules.refuse_bad_from = false;
  for (const auto status :
       {message::AuthorStatus::missing, message::AuthorStatus::several_fields, message::AuthorStatus::no_address,
        message::AuthorStatus::unparsable, message::AuthorStatus::too_many}) {
    auth::Facts facts;
    facts.author = status;
    CHECK_FALSE(cli::explain_reason(auth::decide(facts, rules).reason).empty());
  }
  for (const auto result :
       {dmarc::Result::none, dmarc::Result::pass, dmarc::Result::fail, dmarc::Result::temperror, dmarc::Result::permerror})
    for (const auto policy : {dmarc::Policy::none, dmarc::Policy::quarantine, dmarc::Policy::reject})
      for (const bool is_exempt : {false, true}) {
        auth::Facts facts;
        facts.dmarc = dmarc::Verdict{result, test::domain("bank.example")};
        facts.dmarc->policy = policy;
        facts.from_is_exempt = is_exempt;
        CHECK_FALSE(cli::explain_reason(auth::decide(facts, {}).reason).empty());
      }
  for (const auto result : {spf::Result::fail, spf::Result::softfail, spf::Result::permerror}) {
    auth::Facts facts;
    facts.spf_mail_from = result;
    rules.spf_reject = {result};
    CHECK_FALSE(cli::explain_reason(auth::decide(facts, rules).reason).empty());
  }
  auth::Facts flood;
  flood.is_flooded = true;
  CHECK_FALSE(cli::explain_reason(auth::decide(flood, rules).reason).empty());
  CHECK_FALSE(cli::explain_reason(auth::internal_error(false).reason).empty());
  for (const auto why : {auth::Override::local_policy, auth::Override::mailing_list, auth::Override::trusted_forwarder,
                         auth::Override::policy_test_mode, auth::Override::other})
    CHECK_FALSE(cli::explain_override(auth::to_text(why)).empty());
}
