#pragma once
// What `signet dmarc` found: by each way the names looked at and what follows from them.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "base/time.hpp"
#include "dmarc/discovery.hpp"
#include "dmarc/lookup.hpp"
#include "dns/inquiry.hpp"
#include "dns/resolver.hpp"

namespace cli {

/// By one way of discovery.
struct DmarcFinding {
  std::vector<dmarc::Step> steps;  // the names that decide, in the order they count
  dmarc::Discovery discovery;
  std::optional<base::Domain> organizational_domain;  // nothing: a DNS failure hides it
};

/// Something that can be compared: "policy", "reject".
struct DmarcFact {
  std::string name, value;  // value empty: there is none
};

struct DmarcFindings {
  base::Domain domain;
  std::vector<base::Domain> identifiers;
  DmarcFinding by_walk, by_list;
  std::vector<DmarcFact> walk_facts, list_facts;  // the same names in both
};

/// By the tree walk or, where the input has one, by the list.
[[nodiscard]] std::shared_ptr<dns::Inquiry<DmarcFinding>> start_dmarc_finding(dns::Resolver& resolver,
                                                                              const dmarc::DiscoveryInput& input);

/// By both. Waits for the DNS until the deadline.
[[nodiscard]] DmarcFindings find_dmarc(dns::Resolver& resolver, const dmarc::DiscoveryInput& input,
                                       std::shared_ptr<const dmarc::PublicSuffixList> list, base::SteadyTime deadline,
                                       base::Log& log);

}  // namespace cli
