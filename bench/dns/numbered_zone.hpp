#pragma once
// A zone of very many domains that differ in a number only: what the zone file says of n0000000.example is true of
// every n and seven digits, wherever the label stands.

#include "tests/support/dns_server.hpp"

namespace bench {

/// Answers as the zone says, in which the number of the question stands for 0000000. Negative answers have a SOA record,
/// so that they are remembered for its minimum (RFC 2308 §5). EDNS is answered with EDNS.
[[nodiscard]] test::DnsServer::Handler answer_numbered(dns::Zone zone);

}  // namespace bench
