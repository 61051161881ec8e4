#include "dmarc/suffix_discovery.hpp"

#include "dmarc/applicable.hpp"

namespace dmarc {
namespace {

/// What one name says to the whole: it decides, or leaves it to the next. §6.6.3 step 5: where several records
/// remain, no DMARC processing is applied; the next name is asked only where there is none at all (step 3).
struct Said {
  bool is_decided = false;
  Applicable applicable{};
};

Said listen(const Step& step) {
  if (step.is_failed()) return {true, {DiscoveryStatus::temperror, &step}};
  if (step.record) return {true, {DiscoveryStatus::found, &step}};
  return {step.has_several, {}};
}

/// §3.2 and §3.1: identifiers with the Author Domain's Organizational Domain. What is not named is not aligned.
void align(Discovery& discovery, const DiscoveryInput& input) {
  const auto add = [&](const std::vector<base::Domain>& identifiers) {
    for (const base::Domain& identifier : identifiers)
      if (input.suffix_list->organizational_domain(identifier) == discovery.organizational_domain)
        discovery.relaxed_alignments.emplace(identifier, Alignment::yes);
  };
  add(input.spf_identifiers);
  add(input.dkim_identifiers);
}

}  // namespace

std::optional<Discovery> discover_by_suffix(dns::View& view, const DiscoveryInput& input) {
  const base::Domain organization = input.suffix_list->organizational_domain(input.author);
  Step own = look(view, input.author, Standard::rfc7489);
  own.is_start = true;
  const Step above = organization == input.author ? own : look(view, organization, Standard::rfc7489);
  if (!own.is_answered) return std::nullopt;
  Said said = listen(own);
  if (!said.is_decided && !above.is_answered) return std::nullopt;
  if (!said.is_decided) said = listen(above);
  Discovery discovery{DiscoveryStatus::none, input.author};
  if (!apply(view, discovery, said.applicable)) return std::nullopt;
  if (discovery.status != DiscoveryStatus::found) return discovery;
  discovery.organizational_domain = organization;
  align(discovery, input);
  return discovery;
}

}  // namespace dmarc
