#pragma once
// Where a DNS server listens, as an administrator writes it.

#include <cstdint>
#include <string_view>

#include "base/ip_address.hpp"

namespace dns {

struct ServerAddress {
  base::IpAddress address;
  std::uint16_t port = 53;

  /// "ADDRESS", "ADDRESS:PORT", "[V6ADDRESS]" or "[V6ADDRESS]:PORT"; the port is not 0.
  [[nodiscard]] static base::Result<ServerAddress, base::ParseError> parse(std::string_view text);

  friend bool operator==(const ServerAddress&, const ServerAddress&) = default;
};

}  // namespace dns
