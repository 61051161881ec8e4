#pragma once
// Finding the policy record and the Organizational Domains: the tree walk. RFC 9989 §4.10.
// A pure function of its input and the DNS answers in the View. Decides nothing about the message.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/domain.hpp"
#include "dmarc/record.hpp"
#include "dns/view.hpp"

namespace dmarc {

enum class DiscoveryStatus {
  found,      // a usable policy record applies
  none,       // no record applies
  temperror,  // a DNS failure keeps the answer from being known
  permerror,  // the record that applies is unusable
};

struct DiscoveryInput {
  base::Domain author;                         // the Author Domain
  std::vector<base::Domain> spf_identifiers;   // domains that may come to pass; walked only if they could
  std::vector<base::Domain> dkim_identifiers;  // align under the mode the record asks for
};

struct Discovery {
  DiscoveryStatus status = DiscoveryStatus::none;
  base::Domain author;
  Record record;                              // the one that applies; when found
  std::optional<base::Domain> policy_domain;  // where it was found; when found or permerror
  /// Of the Author Domain; nothing when not known (DNS failure) or not needed.
  std::optional<base::Domain> organizational_domain;
  bool organizational_domain_unknown = false;  // needed, and a DNS failure hides it
  bool author_is_nonexistent = false;          // NXDOMAIN; only asked where np could matter
  Policy policy = Policy::none;                // of p, sp or np: the one that applies, before t=
  std::string policy_tag;                      // "p", "sp", "np": which one that was
  std::string reason;                          // for temperror and permerror; ASCII, bounded
  /// Organizational Domain of each identifier that needed a walk; nullopt: a DNS failure hides it.
  std::map<base::Domain, std::optional<base::Domain>> identifier_organizations;
};

/// Walks longer than this do not occur (§4.10: at most 8 questions each).
inline constexpr std::size_t max_walk_questions = 8;
/// Identifiers walked for at most; those beyond are treated as not aligned. More signatures than this are never verified.
inline constexpr std::size_t max_identifiers = 12;

[[nodiscard]] std::optional<Discovery> discover(dns::View& view, const DiscoveryInput& input);

}  // namespace dmarc
