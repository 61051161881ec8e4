#pragma once
// Finding the policy record and the Organizational Domains: the tree walk of RFC 9989 §4.10 or, where a public suffix
// list is given, RFC 7489 §6.6.3. A pure function of its input and the DNS answers in the View. Decides nothing about
// the message.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/domain.hpp"
#include "dmarc/public_suffix_list.hpp"
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
  base::Domain author;                                    // the Author Domain
  std::vector<base::Domain> spf_identifiers;              // domains that may come to pass; walked only if they could
  std::vector<base::Domain> dkim_identifiers;             // align under the mode the record asks for
  std::shared_ptr<const PublicSuffixList> suffix_list{};  // null: the tree walk
};

/// Have two domains the same Organizational Domain? unknown: that depends on what a failing name holds.
enum class Alignment { no, yes, unknown };

struct Discovery {
  DiscoveryStatus status = DiscoveryStatus::none;
  base::Domain author;
  Record record{};                              // the one that applies; when found
  std::optional<base::Domain> policy_domain{};  // where it was found; when found or permerror
  bool is_inherited = false;                    // found, and not at the Author Domain itself
  /// Of the Author Domain; nothing when not known (DNS failure) or not needed.
  std::optional<base::Domain> organizational_domain{};
  bool organizational_domain_unknown = false;  // needed, and a DNS failure hides it
  bool author_is_nonexistent = false;          // NXDOMAIN; only asked where np changes the policy
  Policy policy = Policy::none;                // of p, sp or np: the one that applies, before t=
  std::string policy_tag{};                    // "p", "sp", "np": which one that was
  std::string reason{};  // for temperror and permerror; when found: existence is not known, so taken to exist. ASCII
  /// Of each identifier that needed a walk. What is not here is aligned only if it equals the Author Domain.
  std::map<base::Domain, Alignment> relaxed_alignments{};
};

/// Identifiers walked for at most; those beyond are treated as not aligned. More signatures than this are never verified.
inline constexpr std::size_t max_identifiers = 12;
/// Of all answers for one Author Domain and what is made of them, for the Inquiry.
inline constexpr std::size_t max_answer_octets = 24UL * 1024;

/// Nothing: questions are open. All of a walk are asked in one round, for the author and the likely identifiers together.
[[nodiscard]] std::optional<Discovery> discover(dns::View& view, const DiscoveryInput& input);

struct OrganizationalDomain {
  std::optional<base::Domain> domain;  // nothing: a DNS failure hides it
};

/// The Organizational Domain of any name (§4.10.2), by a tree walk of its own, or by the list where there is one.
/// Nothing: questions are open.
[[nodiscard]] std::optional<OrganizationalDomain> find_organizational_domain(dns::View& view, const base::Domain& name,
                                                                             const PublicSuffixList* suffix_list = nullptr);

}  // namespace dmarc
