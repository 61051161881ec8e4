#include "dmarc/discovery.hpp"

#include <algorithm>
#include <set>

#include "dmarc/applicable.hpp"
#include "dmarc/suffix_discovery.hpp"
#include "dmarc/tree_walk.hpp"

namespace dmarc {
namespace {

/// RFC 9989 §4.10.1: the Author Domain's record, else that of its Organizational Domain, else of its Public Suffix
/// Domain. A failure before the walk's end may hide a record with psd=n, so it always matters. Nothing: not known yet.
std::optional<Applicable> find_applicable(const TreeWalk& walk) {
  for (const Step& step : walk.steps()) {
    if (!step.is_answered) return std::nullopt;
    if (step.is_failed()) return Applicable{DiscoveryStatus::temperror, &step};
    if (step.is_start && step.record) return Applicable{DiscoveryStatus::found, &step};
  }
  const Step* organization = walk.find(possible_organizations(walk).front());
  if (organization != nullptr && organization->record) return Applicable{DiscoveryStatus::found, organization};
  const Step& last = walk.steps().back();
  return last.is_end() ? Applicable{DiscoveryStatus::found, &last} : Applicable{};
}

/// Identifiers whose alignment is not plain from their names: neither the Author Domain itself nor of another
/// top-level domain. Each once.
std::vector<base::Domain> undecided_identifiers(const DiscoveryInput& input, bool with_spf, bool with_dkim) {
  std::vector<base::Domain> undecided;
  std::set<base::Domain> seen{input.author};
  const base::Domain top = input.author.last_labels(1);
  const auto add = [&](const std::vector<base::Domain>& identifiers) {
    for (const base::Domain& identifier : identifiers)
      if (identifier.is_or_is_below(top) && seen.insert(identifier).second) undecided.push_back(identifier);
  };
  if (with_spf) add(input.spf_identifiers);
  if (with_dkim) add(input.dkim_identifiers);
  return undecided;
}

/// Asks in the first round for the walks of identifiers that will most likely be needed: those with whom the Author
/// Domain shares two labels. Others wait until it is known that its Organizational Domain is a single label.
void prefetch_likely(dns::View& view, const DiscoveryInput& input) {
  const base::Domain likely = input.author.last_labels(2);
  std::size_t count = 0;
  for (const base::Domain& identifier : undecided_identifiers(input, true, true)) {
    if (++count > max_identifiers) return;  // also of those not likely: then no others are walked than align() may walk
    if (!identifier.is_or_is_below(likely)) continue;
    static_cast<void>(TreeWalk(view, identifier));
  }
}

/// RFC 9989 §4.10.2. False: not known yet.
bool align(dns::View& view, Discovery& discovery, const TreeWalk& author, const DiscoveryInput& input) {
  const auto identifiers = undecided_identifiers(input, discovery.record.aspf == AlignmentMode::relaxed,
                                                 discovery.record.adkim == AlignmentMode::relaxed);
  if (identifiers.empty() && !discovery.is_inherited) return true;
  if (!author.is_complete()) return false;
  const std::vector<base::Domain> organizations = possible_organizations(author);
  if (organizations.size() == 1) discovery.organizational_domain = organizations.front();
  std::vector<TreeWalk> walks;
  for (const base::Domain& identifier : identifiers) {
    if (!identifier.is_or_is_below(organizations.front())) continue;  // has no way to the same Organizational Domain
    if (walks.size() == max_identifiers) break;
    walks.emplace_back(view, identifier);
  }
  discovery.organizational_domain_unknown = !walks.empty() && organizations.size() > 1;
  // Compared once all is known: with failing names that is dear, and this runs anew with every answer.
  if (!std::all_of(walks.begin(), walks.end(), [](const TreeWalk& walk) { return walk.is_complete(); })) return false;
  for (const TreeWalk& walk : walks) discovery.relaxed_alignments.emplace(walk.start(), compare_organizations(author, walk));
  return true;
}

}  // namespace

std::optional<Discovery> discover(dns::View& view, const DiscoveryInput& input) {
  if (input.suffix_list) return discover_by_suffix(view, input);
  const TreeWalk author(view, input.author);
  prefetch_likely(view, input);
  const auto applicable = find_applicable(author);
  if (!applicable) return std::nullopt;
  Discovery discovery{DiscoveryStatus::none, input.author};
  const bool is_applied = apply(view, discovery, *applicable);
  if (discovery.status != DiscoveryStatus::found) return discovery;
  const bool is_aligned = align(view, discovery, author, input);
  if (!is_applied || !is_aligned) return std::nullopt;
  return discovery;
}

std::optional<OrganizationalDomain> find_organizational_domain(dns::View& view, const base::Domain& name,
                                                               const PublicSuffixList* suffix_list) {
  if (suffix_list != nullptr) return OrganizationalDomain{suffix_list->organizational_domain(name)};
  const TreeWalk walk(view, name);
  if (!walk.is_complete()) return std::nullopt;
  const std::vector<base::Domain> possible = possible_organizations(walk);
  return OrganizationalDomain{possible.size() == 1 ? std::optional(possible.front()) : std::nullopt};
}

}  // namespace dmarc
