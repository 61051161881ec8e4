#include "dmarc/evaluation.hpp"

#include <catch2/catch.hpp>

#include "tests/dmarc/kept_log.hpp"

using dmarc::Alignment;
using dmarc::Discovery;
using dmarc::DiscoveryStatus;
using dmarc::Identifier;
using dmarc::IdentifierState;
using dmarc::Policy;
using dmarc::Result;
using dmarc::Verdict;

namespace {

base::Domain domain(const std::string& text) { return base::Domain::parse(text).value(); }

/// Author Domain example.com with its own record. yes.example.com is aligned if relaxed, no.example.com is not,
/// maybe.example.com is behind a DNS failure.
Discovery found(const std::string& tags = "p=reject") {
  Discovery discovery{DiscoveryStatus::found, domain("example.com")};
  discovery.record = dmarc::parse_record("v=DMARC1; " + tags).record;
  discovery.policy_domain = domain("example.com");
  discovery.policy = discovery.record.p.value_or(Policy::none);
  discovery.policy_tag = "p";
  discovery.organizational_domain = domain("example.com");
  discovery.relaxed_alignments = {{domain("yes.example.com"), Alignment::yes},
                                  {domain("no.example.com"), Alignment::no},
                                  {domain("maybe.example.com"), Alignment::unknown}};
  return discovery;
}

constexpr auto passed = IdentifierState::passed;
constexpr auto failed = IdentifierState::failed;
constexpr auto unknown = IdentifierState::unknown;

Identifier identifier(const std::string& name, IdentifierState state) { return {domain(name), state}; }

Verdict evaluate(const Discovery& discovery, const std::optional<Identifier>& spf, const std::vector<Identifier>& dkim) {
  test::KeptLog log;
  Verdict verdict = dmarc::evaluate(discovery, spf, dkim, log);
  CHECK(log.lines.empty());  // libopendmarc agrees
  return verdict;
}

Verdict verdict_of(Result result, Policy policy = Policy::none, const std::string& author = "example.com") {
  Verdict verdict{result, domain(author)};
  verdict.policy = policy;
  return verdict;
}

}  // namespace

TEST_CASE("dmarc evaluation: one aligned identifier that passed is a pass", "[dmarc]") {
  struct Row {
    const char* name;
    IdentifierState state;
    Result result;
  };
  const Row rows[] = {
      {"example.com", passed, Result::pass},  // the Author Domain itself
      {"example.com", failed, Result::fail},
      {"example.com", unknown, Result::temperror},  // might have passed
      {"yes.example.com", passed, Result::pass},
      {"yes.example.com", failed, Result::fail},
      {"yes.example.com", unknown, Result::temperror},
      {"no.example.com", passed, Result::fail},
      {"no.example.com", unknown, Result::fail},         // had it passed, it would not help
      {"maybe.example.com", passed, Result::temperror},  // might be aligned
      {"maybe.example.com", failed, Result::fail},       // aligned or not, it failed
      {"maybe.example.com", unknown, Result::temperror},
      {"example.net", passed, Result::fail},  // not walked for
      {"example.net", unknown, Result::fail},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const Verdict by_spf = evaluate(found(), identifier(row.name, row.state), {});
    CHECK(by_spf.result == row.result);
    CHECK(by_spf.aligned_spf == (row.result == Result::pass));
    CHECK_FALSE(by_spf.aligned_dkim);
    const Verdict by_dkim = evaluate(found(), std::nullopt, {identifier(row.name, row.state)});
    CHECK(by_dkim.result == row.result);
    CHECK(by_dkim.aligned_dkim == (row.result == Result::pass));
    CHECK(by_dkim.aligned_dkim_domain.has_value() == by_dkim.aligned_dkim);
    CHECK_FALSE(by_dkim.aligned_spf);
  }
}

TEST_CASE("dmarc evaluation: strict alignment is equality, for each mechanism as it asks", "[dmarc]") {
  struct Row {
    const char *tags, *name;
    Result by_spf, by_dkim;
  };
  const Row rows[] = {
      {"p=reject", "yes.example.com", Result::pass, Result::pass},
      {"p=reject; aspf=s", "yes.example.com", Result::fail, Result::pass},
      {"p=reject; adkim=s", "yes.example.com", Result::pass, Result::fail},
      {"p=reject; aspf=s; adkim=s", "yes.example.com", Result::fail, Result::fail},
      {"p=reject; aspf=s; adkim=s", "example.com", Result::pass, Result::pass},
      {"p=reject; aspf=s; adkim=s", "maybe.example.com", Result::fail, Result::fail},  // needs no walk
  };
  for (const Row& row : rows) {
    INFO(row.tags << " " << row.name);
    CHECK(evaluate(found(row.tags), identifier(row.name, passed), {}).result == row.by_spf);
    CHECK(evaluate(found(row.tags), std::nullopt, {identifier(row.name, passed)}).result == row.by_dkim);
  }
}

TEST_CASE("dmarc evaluation: a pass outweighs what is not known, and that outweighs a fail", "[dmarc]") {
  const auto spf = identifier("maybe.example.com", passed);
  CHECK(evaluate(found(), spf, {identifier("example.com", passed)}).result == Result::pass);
  CHECK(evaluate(found(), spf, {identifier("example.com", failed)}).result == Result::temperror);
  CHECK(evaluate(found(), identifier("example.com", failed), {identifier("no.example.com", passed)}).result == Result::fail);
  CHECK(evaluate(found(), std::nullopt, {}).result == Result::fail);
  const Verdict several = evaluate(found(), std::nullopt,
                                   {identifier("no.example.com", passed), identifier("example.com", failed),
                                    identifier("yes.example.com", passed), identifier("example.com", passed)});
  CHECK(several.result == Result::pass);
  CHECK(several.aligned_dkim_domain == domain("yes.example.com"));  // the first that did
}

TEST_CASE("dmarc evaluation: without a usable record nothing passes or fails", "[dmarc]") {
  const std::pair<DiscoveryStatus, Result> rows[] = {{DiscoveryStatus::none, Result::none},
                                                     {DiscoveryStatus::temperror, Result::temperror},
                                                     {DiscoveryStatus::permerror, Result::permerror}};
  for (const auto& [status, result] : rows) {
    Discovery discovery{status, domain("example.com")};
    discovery.reason = "why";
    const Verdict verdict = evaluate(discovery, identifier("example.com", passed), {identifier("example.com", passed)});
    CHECK(verdict.result == result);
    CHECK(verdict.reason == "why");
    CHECK_FALSE(verdict.is_policy_known);
    CHECK_FALSE(verdict.aligned_spf);
    CHECK_FALSE(verdict.aligned_dkim);
    CHECK_FALSE(verdict.record);
    CHECK(verdict.policy == Policy::none);
  }
}

TEST_CASE("dmarc evaluation: t=y lowers the policy by one", "[dmarc]") {
  struct Row {
    const char* tags;
    Policy published, policy;
  };
  const Row rows[] = {
      {"p=reject", Policy::reject, Policy::reject},
      {"p=quarantine", Policy::quarantine, Policy::quarantine},
      {"p=none", Policy::none, Policy::none},
      {"p=reject; t=y", Policy::reject, Policy::quarantine},
      {"p=quarantine; t=y", Policy::quarantine, Policy::none},
      {"p=none; t=y", Policy::none, Policy::none},
  };
  for (const Row& row : rows) {
    INFO(row.tags);
    const Verdict verdict = evaluate(found(row.tags), std::nullopt, {});
    CHECK(verdict.published_policy == row.published);
    CHECK(verdict.policy == row.policy);
    CHECK(verdict.is_testing == (std::string(row.tags).find("t=y") != std::string::npos));
    CHECK(verdict.is_policy_known);
  }
}

TEST_CASE("dmarc evaluation: a verdict tells the policy whatever the result", "[dmarc]") {
  for (const auto& [name, state] : {std::pair{"example.com", passed}, {"example.com", failed}, {"example.com", unknown}}) {
    const Verdict verdict = evaluate(found("p=quarantine"), identifier(name, state), {});
    CHECK(verdict.is_policy_known);
    CHECK(verdict.policy == Policy::quarantine);
    CHECK(verdict.policy_tag == "p");
    CHECK(verdict.policy_domain == domain("example.com"));
    CHECK(verdict.organizational_domain == domain("example.com"));
    CHECK(verdict.record == found("p=quarantine").record);
  }
}

TEST_CASE("dmarc evaluation: the reason tells why it is no pass", "[dmarc]") {
  CHECK(evaluate(found(), identifier("example.com", passed), {}).reason.empty());
  CHECK(evaluate(found(), std::nullopt, {}).reason == "no identifier passed");
  CHECK(evaluate(found(), identifier("no.example.com", passed), {}).reason == "no identifier that passed is aligned");
  CHECK(evaluate(found(), identifier("example.com", unknown), {}).reason == "SPF for example.com not known");
  CHECK(evaluate(found(), {}, {identifier("example.com", unknown)}).reason == "DKIM for example.com not known");
  CHECK(evaluate(found(), {}, {identifier("maybe.example.com", passed)}).reason ==
        "DNS failure: alignment of maybe.example.com not known");
  Discovery noted = found();
  noted.reason = "existence of example.com not known (timeout)";
  CHECK(evaluate(noted, {}, {}).reason == "no identifier passed; existence of example.com not known (timeout)");
  CHECK(evaluate(noted, identifier("example.com", passed), {}).reason.empty());
}

TEST_CASE("dmarc evaluation: libopendmarc agrees, whatever is asked of it", "[dmarc]") {
  for (const bool is_inherited : {false, true})
    for (const Policy policy : {Policy::none, Policy::quarantine, Policy::reject})
      for (const bool testing : {false, true})
        for (const auto spf : {passed, failed})
          for (const auto dkim : {passed, failed}) {
            Discovery discovery = found("p=none");
            discovery.is_inherited = is_inherited;
            discovery.policy = policy;
            discovery.record.testing = testing;
            const Verdict verdict = evaluate(discovery, identifier("example.com", spf), {identifier("yes.example.com", dkim)});
            CHECK(verdict.result == (spf == passed || dkim == passed ? Result::pass : Result::fail));
          }
}

TEST_CASE("dmarc evaluation: several Author Domains pass only together", "[dmarc]") {
  struct Row {
    std::vector<Verdict> verdicts;
    Result result;
    Policy policy;
  };
  const Verdict pass = verdict_of(Result::pass, Policy::reject), none = verdict_of(Result::none);
  const Verdict temperror = verdict_of(Result::temperror, Policy::reject), permerror = verdict_of(Result::permerror);
  const auto fail = [](Policy policy) { return verdict_of(Result::fail, policy); };
  const Row rows[] = {
      {{pass}, Result::pass, Policy::reject},
      {{pass, pass}, Result::pass, Policy::reject},
      {{pass, fail(Policy::none)}, Result::fail, Policy::none},
      {{fail(Policy::none), pass, fail(Policy::reject), fail(Policy::quarantine)}, Result::fail, Policy::reject},
      {{fail(Policy::quarantine), fail(Policy::none)}, Result::fail, Policy::quarantine},
      {{pass, none}, Result::none, Policy::none},  // one of them is not validated
      {{pass, none, permerror}, Result::permerror, Policy::none},
      {{temperror, permerror, pass}, Result::temperror, Policy::reject},
      {{temperror, fail(Policy::none)}, Result::fail, Policy::none},  // a fail is known
      {{none, none}, Result::none, Policy::none},
  };
  for (const Row& row : rows) {
    const Verdict combined = dmarc::combine(row.verdicts);
    CHECK(combined.result == row.result);
    CHECK(combined.policy == row.policy);
  }
  const std::vector<Verdict> equal = {verdict_of(Result::fail, Policy::reject, "a.example"),
                                      verdict_of(Result::fail, Policy::reject, "b.example")};
  CHECK(dmarc::combine(equal).author == domain("a.example"));  // the first of equals
}

TEST_CASE("dmarc evaluation: results have their RFC names", "[dmarc]") {
  CHECK(dmarc::to_text(Result::none) == "none");
  CHECK(dmarc::to_text(Result::pass) == "pass");
  CHECK(dmarc::to_text(Result::fail) == "fail");
  CHECK(dmarc::to_text(Result::temperror) == "temperror");
  CHECK(dmarc::to_text(Result::permerror) == "permerror");
}
