// The decision table, row by row. RFC 9989 §5.4, §7.4.
#include "auth/decision.hpp"

#include <catch2/catch.hpp>

namespace {

using auth::Action;
using dmarc::Policy;
using dmarc::Result;

base::Domain domain(std::string_view text) { return base::Domain::parse(text).value(); }

dmarc::Verdict verdict(Result result, Policy policy, bool known = true) {
  dmarc::Verdict out{.result = result, .author = domain("mail.bank.example")};
  out.policy_domain = domain("bank.example");
  out.is_policy_known = known;
  out.published_policy = out.policy = policy;
  out.policy_tag = "sp";
  return out;
}

auth::Facts facts(Result result, Policy policy, bool known = true) {
  auth::Facts out;
  out.dmarc = verdict(result, policy, known);
  return out;
}

}  // namespace

TEST_CASE("decision: DMARC's result and policy decide", "[auth]") {
  struct Row {
    Result result;
    Policy policy;
    bool known;
    Action action;
    std::string reason;
  };
  const auto row = GENERATE(values<Row>({
      {Result::pass, Policy::reject, true, Action::accept, "dmarc-pass"},           // authenticated
      {Result::none, Policy::none, false, Action::accept, "dmarc-none"},            // nobody asked for anything
      {Result::permerror, Policy::none, false, Action::accept, "dmarc-permerror"},  // RFC 9989: no policy is applied
      {Result::fail, Policy::none, true, Action::accept, "dmarc-policy-none"},      // p=none never changes handling
      {Result::fail, Policy::quarantine, true, Action::tag, "dmarc-quarantine"},    // tag is the default
      {Result::fail, Policy::reject, true, Action::reject, "dmarc-reject"},         // no sign of an indirect flow
      {Result::temperror, Policy::none, false, Action::accept, "dmarc-temperror"},  // policy unknown: never apply one
      {Result::temperror, Policy::none, true, Action::accept, "dmarc-temperror"},   // known, but asks for nothing
      {Result::temperror, Policy::quarantine, true, Action::defer, "dmarc-temperror"},
      {Result::temperror, Policy::reject, true, Action::defer, "dmarc-temperror"},  // else a sender picks a dead selector
  }));
  const auto got = auth::decide(facts(row.result, row.policy, row.known), {});
  CAPTURE(row.reason);
  CHECK(got.action == row.action);
  CHECK(got.reason == row.reason);
  CHECK(got.reply.has_value() == (row.action == Action::reject || row.action == Action::defer));
}

TEST_CASE("decision: a quarantine is made as the operator chose", "[auth]") {
  auth::DecisionRules rules;
  rules.quarantine = auth::QuarantineBy::hold;
  CHECK(auth::decide(facts(Result::fail, Policy::quarantine), rules).action == Action::hold);
  rules.quarantine = auth::QuarantineBy::reject;
  const auto refused = auth::decide(facts(Result::fail, Policy::quarantine), rules);
  CHECK(refused.action == Action::reject);
  CHECK(refused.reason == "dmarc-quarantine");
}

TEST_CASE("decision: p=reject is honoured as the operator chose", "[auth]") {
  auth::DecisionRules rules;
  auth::Facts found = facts(Result::fail, Policy::reject);

  SECTION("an indirect flow lowers it to quarantine, never to accept, and says why") {
    found.indirect = auth::Indirect::mailing_list;
    auto got = auth::decide(found, rules);
    CHECK(got.action == Action::tag);
    CHECK(got.override_reason == auth::Override::mailing_list);
    found.indirect = auth::Indirect::trusted_forwarder;
    got = auth::decide(found, rules);
    CHECK(got.action == Action::tag);
    CHECK(got.override_reason == auth::Override::trusted_forwarder);
  }
  SECTION("always: whatever way it came") {
    rules.reject = auth::HonourReject::always;
    found.indirect = auth::Indirect::mailing_list;
    CHECK(auth::decide(found, rules).action == Action::reject);
  }
  SECTION("never: quarantined, by local policy") {
    rules.reject = auth::HonourReject::never;
    const auto got = auth::decide(found, rules);
    CHECK(got.action == Action::tag);
    CHECK(got.override_reason == auth::Override::local_policy);
  }
}

TEST_CASE("decision: t=y lowered the policy, and the override says so", "[auth]") {
  auth::Facts found = facts(Result::fail, Policy::quarantine);
  found.dmarc->published_policy = Policy::reject;
  found.dmarc->is_testing = true;
  CHECK(auth::decide(found, {}).override_reason == auth::Override::policy_test_mode);
  found.dmarc->policy = Policy::none;
  found.dmarc->published_policy = Policy::quarantine;
  const auto got = auth::decide(found, {});
  CHECK(got.action == Action::accept);
  CHECK(got.override_reason == auth::Override::policy_test_mode);
}

TEST_CASE("decision: temporary errors are deferred or accepted as the operator chose", "[auth]") {
  auth::DecisionRules rules;
  rules.defer_on_temperror = false;
  CHECK(auth::decide(facts(Result::temperror, Policy::reject), rules).action == Action::accept);
  rules.defer_on_unknown_policy = true;
  CHECK(auth::decide(facts(Result::temperror, Policy::none, false), rules).action == Action::defer);
  CHECK(auth::decide(facts(Result::temperror, Policy::reject), rules).action == Action::accept);
}

TEST_CASE("decision: a message without one readable author is refused unless told otherwise", "[auth]") {
  struct Row {
    message::AuthorStatus status;
    std::string reason;
  };
  const auto row = GENERATE(values<Row>({
      {message::AuthorStatus::missing, "from-missing"},
      {message::AuthorStatus::several_fields, "from-several-fields"},
      {message::AuthorStatus::no_address, "from-no-address"},
      {message::AuthorStatus::unparsable, "from-unparsable"},
      {message::AuthorStatus::too_many, "from-too-many"},
  }));
  auth::Facts found;
  found.author = row.status;
  auth::DecisionRules rules;
  const auto refused = auth::decide(found, rules);
  CHECK(refused.action == Action::reject);
  CHECK(refused.reason == row.reason);
  CHECK(refused.reply->enhanced == "5.7.1");
  rules.refuse_bad_from = false;
  const auto accepted = auth::decide(found, rules);
  CHECK(accepted.action == Action::accept);
  CHECK(accepted.reason == row.reason);
}

TEST_CASE("decision: SPF refuses by itself only when told to", "[auth]") {
  auth::Facts found = facts(Result::none, Policy::none, false);
  found.spf_mail_from = spf::Result::fail;
  found.spf_domain = "bank.example";
  auth::DecisionRules rules;
  CHECK(auth::decide(found, rules).action == Action::accept);

  rules.spf_reject = {spf::Result::fail, spf::Result::permerror};
  found.spf_explanation = "see http://bank.example/why";
  auto got = auth::decide(found, rules);
  CHECK(got.action == Action::reject);
  CHECK(got.reason == "spf-fail");
  CHECK(got.reply->enhanced == "5.7.23");
  CHECK(got.reply->text == "SPF: bank.example explains: see http://bank.example/why");

  found.spf_mail_from = spf::Result::permerror;
  got = auth::decide(found, rules);
  CHECK(got.reply->enhanced == "5.7.24");

  found.indirect = auth::Indirect::trusted_forwarder;  // forwarding breaks SPF by nature
  CHECK(auth::decide(found, rules).action == Action::accept);
  found.indirect = auth::Indirect::mailing_list;  // a list uses its own MAIL FROM
  CHECK(auth::decide(found, rules).action == Action::reject);
}

TEST_CASE("decision: a listed From domain is judged but not refused", "[auth]") {
  auth::Facts found = facts(Result::fail, Policy::reject);
  found.from_is_exempt = true;
  const auto got = auth::decide(found, {});
  CHECK(got.action == Action::accept);
  CHECK(got.reason == "from-exempt");
  CHECK(got.override_reason == auth::Override::local_policy);
}

TEST_CASE("decision: the refusal names DMARC and the policy domain", "[auth]") {
  const auto own = auth::decide(facts(Result::fail, Policy::reject), {});
  CHECK(own.reply->code == "550");
  CHECK(own.reply->enhanced == "5.7.26");
  CHECK(own.reply->text.find("DMARC") != std::string::npos);
  CHECK(own.reply->text.find("bank.example") != std::string::npos);

  auth::DecisionRules rules;
  rules.reject_text = "100%% sure: %d breaks the policy of %p\r\n\x01";
  const auto custom = auth::decide(facts(Result::fail, Policy::reject), rules);
  CHECK(custom.reply->text == "100% sure: mail.bank.example breaks the policy of bank.example???");

  rules.reject_text = std::string(2000, 'x');
  CHECK(auth::decide(facts(Result::fail, Policy::reject), rules).reply->text.size() == auth::max_reply_octets);
}

TEST_CASE("decision: our own fault defers or accepts as the operator chose", "[auth]") {
  CHECK(auth::internal_error(true).action == Action::defer);
  CHECK(auth::internal_error(true).reply->code == "451");
  CHECK(auth::internal_error(false).action == Action::accept);
}
