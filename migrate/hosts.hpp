#pragma once
// Lists of hosts in the old files (opendkim.conf(5) PeerList) as networks, which is all that Signet goes by.

#include <string>
#include <vector>

#include "base/ip_address.hpp"
#include "migrate/context.hpp"
#include "migrate/data_set.hpp"

namespace migrate {

struct HostNetwork {
  base::IpNetwork network;  // without host bits
  std::string why;
};

/// The networks of a list of addresses, networks and names. "localhost" is both loopback addresses. Exclusions ("!")
/// are cut out of the networks around them. Names of hosts and what else is no network become findings.
[[nodiscard]] std::vector<HostNetwork> read_networks(const DataSet& set, std::string_view option, Findings& findings);

/// Without the bits behind the prefix.
[[nodiscard]] base::IpNetwork without_host_bits(const base::IpNetwork& network);

/// What of `network` is not in `hole`; at most one network for each bit of an address.
[[nodiscard]] std::vector<base::IpNetwork> subtract(const base::IpNetwork& network, const base::IpNetwork& hole);

}  // namespace migrate
