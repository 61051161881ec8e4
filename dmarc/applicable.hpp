#pragma once
// From the name whose record applies to the policy: shared by both ways of discovery. RFC 9989 §4.10.1, RFC 7489 §6.6.3.

#include "dmarc/discovery.hpp"
#include "dmarc/lookup.hpp"

namespace dmarc {

/// The step whose record applies, or why there is none.
struct Applicable {
  DiscoveryStatus status = DiscoveryStatus::none;
  const Step* step = nullptr;  // found: of the record; temperror: where the DNS failed
};

/// Fills in all but the Organizational Domain and the alignments: p, sp or np. A record read by RFC 7489 has no np, so
/// that nothing more is asked. False: not known yet.
[[nodiscard]] bool apply(dns::View& view, Discovery& discovery, const Applicable& applicable);

}  // namespace dmarc
