#include "cli/dmarc_findings.hpp"

#include <fmt/format.h>

#include "dmarc/evaluation.hpp"
#include "dmarc/tree_walk.hpp"

namespace cli {
namespace {

std::optional<DmarcFinding> look_by_walk(dns::View& view, const dmarc::DiscoveryInput& input) {
  const dmarc::TreeWalk walk(view, input.author);
  const auto discovery = dmarc::discover(view, input);
  const auto organization = dmarc::find_organizational_domain(view, input.author);
  if (!discovery || !organization) return std::nullopt;
  return DmarcFinding{walk.steps(), *discovery, organization->domain};
}

/// RFC 7489 §6.6.3: the Author Domain and, where it has no record, its Organizational Domain.
std::optional<DmarcFinding> look_by_list(dns::View& view, const dmarc::DiscoveryInput& input) {
  const auto discovery = dmarc::discover(view, input);
  if (!discovery) return std::nullopt;
  const base::Domain organization = input.suffix_list->organizational_domain(input.author);
  std::vector<dmarc::Step> steps{dmarc::look(view, input.author, dmarc::Standard::rfc7489)};
  const bool is_decided = steps[0].record || steps[0].has_several || steps[0].is_failed();
  if (!is_decided && organization != input.author) steps.push_back(dmarc::look(view, organization, dmarc::Standard::rfc7489));
  return DmarcFinding{steps, *discovery, organization};
}

std::string_view to_text(dmarc::DiscoveryStatus status) {
  switch (status) {
    case dmarc::DiscoveryStatus::found:
      return "applies";
    case dmarc::DiscoveryStatus::none:
      return "none applies";
    case dmarc::DiscoveryStatus::temperror:
      return "not known";
    case dmarc::DiscoveryStatus::permerror:
      return "unusable";
  }
  return "?";
}

std::string text_of(const std::optional<base::Domain>& domain) { return domain ? domain->text() : ""; }

/// What is to be done with a message that fails. pct leaves some out, under the next lower policy.
std::string handling(const dmarc::Discovery& discovery, base::Log& log) {
  const auto verdict = dmarc::evaluate(discovery, std::nullopt, {}, log);
  if (!verdict.is_policy_known) return "";
  if (discovery.record.pct == 100) return std::string(dmarc::to_text(verdict.policy));
  const auto left_out = dmarc::evaluate(discovery, std::nullopt, {}, log, discovery.record.pct);
  return fmt::format("{} for {}% of messages, else {}", dmarc::to_text(verdict.policy), discovery.record.pct,
                     dmarc::to_text(left_out.policy));
}

std::string alignment(dmarc::Result result) {
  switch (result) {
    case dmarc::Result::pass:
      return "aligned";
    case dmarc::Result::fail:
      return "not aligned";
    case dmarc::Result::temperror:
      return "not known";
    default:
      return "";
  }
}

/// By evaluating a message of which nothing else passed.
void add_alignments(std::vector<DmarcFact>& facts, const dmarc::Discovery& discovery, const base::Domain& domain,
                    base::Log& log) {
  const dmarc::Identifier identifier{domain, dmarc::IdentifierState::passed};
  facts.push_back({"SPF pass of " + domain.text(), alignment(dmarc::evaluate(discovery, identifier, {}, log).result)});
  facts.push_back({"DKIM pass of " + domain.text(),
                   alignment(dmarc::evaluate(discovery, std::nullopt, std::vector{identifier}, log).result)});
}

std::vector<DmarcFact> facts_of(const DmarcFinding& finding, const std::vector<base::Domain>& identifiers, base::Log& log) {
  const dmarc::Discovery& discovery = finding.discovery;
  const bool is_found = discovery.status == dmarc::DiscoveryStatus::found;
  std::vector<DmarcFact> facts = {
      {"record", std::string(to_text(discovery.status))},
      {"policy domain", text_of(discovery.policy_domain)},
      {"policy", is_found ? std::string(dmarc::to_text(discovery.policy)) : ""},
      {"on failure", handling(discovery, log)},
      {"Organizational Domain", finding.organizational_domain ? finding.organizational_domain->text() : "not known"},
  };
  for (const base::Domain& identifier : identifiers) add_alignments(facts, discovery, identifier, log);
  return facts;
}

}  // namespace

std::shared_ptr<dns::Inquiry<DmarcFinding>> start_dmarc_finding(dns::Resolver& resolver, const dmarc::DiscoveryInput& input) {
  return dns::Inquiry<DmarcFinding>::start(
      resolver, [input](dns::View& view) { return input.suffix_list ? look_by_list(view, input) : look_by_walk(view, input); });
}

DmarcFindings find_dmarc(dns::Resolver& resolver, const dmarc::DiscoveryInput& input,
                         std::shared_ptr<const dmarc::PublicSuffixList> list, base::SteadyTime deadline, base::Log& log) {
  dmarc::DiscoveryInput by_list = input;
  by_list.suffix_list = std::move(list);
  const auto walk = start_dmarc_finding(resolver, input);
  const auto old = start_dmarc_finding(resolver, by_list);
  DmarcFindings found{input.author, input.dkim_identifiers, walk->collect(deadline), old->collect(deadline), {}, {}};
  found.walk_facts = facts_of(found.by_walk, found.identifiers, log);
  found.list_facts = facts_of(found.by_list, found.identifiers, log);
  return found;
}

}  // namespace cli
