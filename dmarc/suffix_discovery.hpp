#pragma once
// RFC 7489's policy discovery (§6.6.3) and Organizational Domains by a public suffix list (§3.2): no tree walk, no np,
// psd or t, but pct. For comparison, and for those who must (docs/adr). Called through discover().

#include "dmarc/discovery.hpp"

namespace dmarc {

/// As discover(), which calls this where input.suffix_list is given. Two questions at most, asked together.
[[nodiscard]] std::optional<Discovery> discover_by_suffix(dns::View& view, const DiscoveryInput& input);

}  // namespace dmarc
