// RFC 7489's way: discovery by a public suffix list, and what it makes of the same records.
#include <catch2/catch.hpp>

#include "dmarc/evaluation.hpp"
#include "tests/dmarc/kept_log.hpp"
#include "tests/support/map_resolver.hpp"

using dmarc::Discovery;
using dmarc::DiscoveryStatus;
using dmarc::Policy;
using dmarc::Result;

namespace {

base::Domain domain(const std::string& text) { return base::Domain::parse(text).value(); }

const auto list = dmarc::PublicSuffixList::parse("com\nuk\nco.uk\n");

Discovery discover(dns::Resolver& resolver, const std::string& author, const std::vector<std::string>& identifiers = {}) {
  dmarc::DiscoveryInput input{domain(author), {}, {}, list};
  for (const auto& identifier : identifiers) input.dkim_identifiers.push_back(domain(identifier));
  return test::decide<Discovery>(resolver, [&](dns::View& view) { return dmarc::discover(view, input); });
}

dmarc::Verdict evaluate(const Discovery& discovery, const std::vector<dmarc::Identifier>& dkim, std::uint32_t sample = 0) {
  test::KeptLog log;
  dmarc::Verdict verdict = dmarc::evaluate(discovery, std::nullopt, dkim, log, sample);
  CHECK(log.lines.empty());
  return verdict;
}

}  // namespace

TEST_CASE("dmarc by suffix list: the Author Domain's record, else its Organizational Domain's, and none between", "[dmarc]") {
  struct Row {
    std::vector<std::pair<std::string, std::string>> zone;
    const char *policy_domain, *policy, *tag;  // "": no record applies
  };
  const Row rows[] = {
      {{}, "", "", ""},
      {{{"a.b.bank.co.uk", "p=reject; sp=none"}, {"bank.co.uk", "p=none"}}, "a.b.bank.co.uk", "reject", "p"},
      {{{"bank.co.uk", "p=reject"}}, "bank.co.uk", "reject", "p"},
      {{{"bank.co.uk", "p=reject; sp=quarantine"}}, "bank.co.uk", "quarantine", "sp"},
      {{{"b.bank.co.uk", "p=reject"}}, "", "", ""},  // a tree walk stops there
      {{{"co.uk", "p=reject; psd=y"}}, "", "", ""},  // nor above
      {{{"b.bank.co.uk", "p=reject; psd=n"}, {"bank.co.uk", "p=none"}}, "bank.co.uk", "none", "p"},
      {{{"bank.co.uk", "p=none; np=reject"}}, "bank.co.uk", "none", "p"},                   // np is an unknown tag
      {{{"bank.co.uk", "p=reject; np=nonsense"}}, "bank.co.uk", "reject", "p"},             // so it spoils nothing
      {{{"bank.co.uk", "sp=reject; rua=mailto:a@bank.co.uk"}}, "bank.co.uk", "none", "p"},  // §6.6.3 step 6
      {{{"bank.co.uk", "sp=reject"}}, "bank.co.uk", "", ""},
  };
  for (const Row& row : rows) {
    test::MapResolver resolver;
    for (const auto& [name, tags] : row.zone) resolver.txt("_dmarc." + name, {"v=DMARC1; " + tags});
    const Discovery found = discover(resolver, "a.b.bank.co.uk");
    INFO(row.policy_domain << " " << row.policy);
    CHECK((found.policy_domain ? found.policy_domain->text() : "") == row.policy_domain);
    CHECK(found.policy_tag == row.tag);
    CHECK((found.status == DiscoveryStatus::found ? dmarc::to_text(found.policy) : "") == row.policy);
    CHECK(resolver.asked().size() == 2);
  }
}

TEST_CASE("dmarc by suffix list: several records end it, without a look at the Organizational Domain's", "[dmarc]") {
  test::MapResolver resolver;
  resolver.txt("_dmarc.mail.bank.com", {"v=DMARC1; p=reject", "v=DMARC1; p=none"});
  resolver.txt("_dmarc.bank.com", {"v=DMARC1; p=reject"});
  CHECK(discover(resolver, "mail.bank.com").status == DiscoveryStatus::none);  // RFC 7489 §6.6.3 step 5
  CHECK(discover(resolver, "other.bank.com").status == DiscoveryStatus::found);
}

TEST_CASE("dmarc by suffix list: a failure matters only where the record is looked for", "[dmarc]") {
  test::MapResolver resolver;
  resolver.txt("_dmarc.mail.bank.com", {"v=DMARC1; p=reject"});
  resolver.fail("_dmarc.bank.com", dns::Type::txt, dns::Status::timeout);
  CHECK(discover(resolver, "mail.bank.com").status == DiscoveryStatus::found);
  CHECK(discover(resolver, "other.bank.com").status == DiscoveryStatus::temperror);
  resolver.fail("_dmarc.b.com", dns::Type::txt, dns::Status::server_failure);
  CHECK(discover(resolver, "b.com").reason == "DNS server failure for _dmarc.b.com");
}

TEST_CASE("dmarc by suffix list: relaxed alignment is to have the same Organizational Domain", "[dmarc]") {
  struct Row {
    const char *tags, *identifier;
    Result result;
  };
  const Row rows[] = {
      {"p=reject", "mail.bank.co.uk", Result::pass},
      {"p=reject", "bank.co.uk", Result::pass},
      {"p=reject", "a.b.other.bank.co.uk", Result::pass},
      {"p=reject", "other.co.uk", Result::fail},
      {"p=reject", "co.uk", Result::fail},
      {"p=reject", "bank.com", Result::fail},
      {"p=reject; adkim=s", "bank.co.uk", Result::fail},
      {"p=reject; adkim=s", "mail.bank.co.uk", Result::pass},
  };
  for (const Row& row : rows) {
    INFO(row.tags << " " << row.identifier);
    test::MapResolver resolver;
    resolver.txt("_dmarc.bank.co.uk", {std::string("v=DMARC1; ") + row.tags});
    const Discovery found = discover(resolver, "mail.bank.co.uk", {row.identifier});
    CHECK(found.organizational_domain == domain("bank.co.uk"));
    CHECK(evaluate(found, {{domain(row.identifier), dmarc::IdentifierState::passed}}).result == row.result);
    CHECK(resolver.asked().size() == 2);  // identifiers cost nothing
  }
}

TEST_CASE("dmarc by suffix list: a message that pct leaves out is under the next lower policy", "[dmarc]") {
  struct Row {
    const char* tags;
    std::uint32_t sample;
    Policy policy;
    bool is_sampled_out;
  };
  const Row rows[] = {
      {"p=reject; pct=0", 0, Policy::quarantine, true},
      {"p=reject; pct=25", 24, Policy::reject, false},
      {"p=reject; pct=25", 25, Policy::quarantine, true},
      {"p=reject; pct=100", 99, Policy::reject, false},
      {"p=reject", 99, Policy::reject, false},
      {"p=reject; pct=101", 99, Policy::reject, false},  // a syntax error is the default
      {"p=reject; pct=-1", 99, Policy::reject, false},
      {"p=quarantine; pct=99", 99, Policy::none, true},
      {"p=none; pct=0", 0, Policy::none, true},
      {"p=reject; t=y", 99, Policy::reject, false},  // an unknown tag
  };
  for (const Row& row : rows) {
    INFO(row.tags << " " << row.sample);
    test::MapResolver resolver;
    resolver.txt("_dmarc.bank.com", {std::string("v=DMARC1; ") + row.tags});
    const dmarc::Verdict verdict = evaluate(discover(resolver, "bank.com"), {}, row.sample);
    CHECK(verdict.result == Result::fail);
    CHECK(verdict.policy == row.policy);
    CHECK(verdict.is_sampled_out == row.is_sampled_out);
  }
}

TEST_CASE("dmarc by suffix list: both standards read one answer each by its own tags", "[dmarc]") {
  test::MapResolver resolver;
  resolver.txt("_dmarc.bank.com", {"v=DMARC1; p=reject; pct=0; t=y; np=none"});
  for (int round = 0; round < 2; ++round) {  // a record is parsed once and kept with its answer
    CHECK(discover(resolver, "bank.com").record.pct == 0);
    CHECK_FALSE(discover(resolver, "bank.com").record.testing);
    const dmarc::DiscoveryInput by_walk{domain("bank.com"), {}, {}};
    const auto walked = test::decide<Discovery>(resolver, [&](dns::View& view) { return dmarc::discover(view, by_walk); });
    CHECK(walked.record.testing);
    CHECK(walked.record.pct == 100);
  }
}
