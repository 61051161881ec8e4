#pragma once
// Whether the keys that the new file names can be used: readable by signetd, strong enough, and what the DNS shows.

#include <string>
#include <vector>

#include "base/time.hpp"
#include "dns/resolver.hpp"
#include "migrate/context.hpp"

namespace migrate {

inline constexpr std::size_t max_keys_asked = 2000;  // questions to the DNS of one import

/// One key as one domain signs with it.
struct KeyUse {
  std::string domain;  // d=; empty: a From domain that only a message tells
  std::string selector;
  std::string file;
  friend auto operator<=>(const KeyUse&, const KeyUse&) = default;
};

/// All uses in the rules, each once.
[[nodiscard]] std::vector<KeyUse> key_uses(const std::vector<DraftRule>& rules);

/// Looks at the files and asks the DNS. A DNS that does not answer before the deadline is a note, no error.
void check_keys(const std::vector<KeyUse>& uses, dns::Resolver& resolver, base::SteadyTime deadline, Findings& findings);

}  // namespace migrate
