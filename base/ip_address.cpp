#include "base/ip_address.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <algorithm>

#include "base/text.hpp"

namespace base {
namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::size_t max_address_octets = 45;  // "ffff:…:255.255.255.255"

}  // namespace

IpAddress IpAddress::v4(std::span<const std::uint8_t, 4> octets) {
  IpAddress address;
  std::copy(octets.begin(), octets.end(), address.octets_.begin());
  return address;
}

IpAddress IpAddress::v6(std::span<const std::uint8_t, 16> octets) {
  if (std::equal(mapped_prefix.begin(), mapped_prefix.end(), octets.begin())) return v4(octets.last<4>());
  IpAddress address;
  address.is_v4_ = false;
  std::copy(octets.begin(), octets.end(), address.octets_.begin());
  return address;
}

Result<IpAddress, ParseError> IpAddress::parse(std::string_view text) {
  if (text.empty() || text.size() > max_address_octets || text.find('\0') != std::string_view::npos)
    return parse_error(0, "not an IP address");
  const std::string terminated(text);
  std::array<std::uint8_t, 16> octets{};
  if (inet_pton(AF_INET, terminated.c_str(), octets.data()) == 1) return v4(std::span(octets).first<4>());
  if (inet_pton(AF_INET6, terminated.c_str(), octets.data()) == 1) return v6(octets);
  return parse_error(0, "not an IP address");
}

bool IpAddress::is_loopback() const {
  if (is_v4_) return octets_[0] == 127;
  return std::all_of(octets_.begin(), octets_.end() - 1, [](std::uint8_t o) { return o == 0; }) && octets_[15] == 1;
}

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  inet_ntop(is_v4_ ? AF_INET : AF_INET6, octets_.data(), buffer.data(), buffer.size());
  return buffer.data();
}

std::string IpAddress::reverse_name() const {
  std::string name;
  const auto all = octets();
  for (auto octet = all.rbegin(); octet != all.rend(); ++octet)
    name += is_v4_ ? fmt::format("{}.", *octet) : fmt::format("{:x}.{:x}.", *octet & 0xfU, *octet >> 4U);
  return name + (is_v4_ ? "in-addr.arpa" : "ip6.arpa");
}

bool IpAddress::shares_prefix(const IpAddress& other, unsigned prefix) const {
  if (is_v4_ != other.is_v4_ || prefix > bits()) return false;
  const std::size_t whole = prefix / 8;
  if (!std::equal(octets_.begin(), octets_.begin() + static_cast<std::ptrdiff_t>(whole), other.octets_.begin())) return false;
  const unsigned rest = prefix % 8;
  if (rest == 0) return true;
  return ((octets_[whole] ^ other.octets_[whole]) >> (8U - rest)) == 0;
}

Result<IpNetwork, ParseError> IpNetwork::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return tl::unexpected<ParseError>(address.error());
  if (slash == std::string_view::npos) return IpNetwork{*address, address->bits()};
  // A length written on a mapped address counts the 96 mapped bits too.
  const bool mapped = address->is_v4() && text.find(':') < slash;
  std::uint64_t prefix = 0;
  if (!parse_number(text.substr(slash + 1), mapped ? 128 : address->bits(), prefix) || (mapped && prefix < 96))
    return parse_error(slash + 1, "not a prefix length");
  return IpNetwork{*address, static_cast<unsigned>(mapped ? prefix - 96 : prefix)};
}

std::string IpNetwork::text() const { return fmt::format("{}/{}", address.text(), prefix); }

}  // namespace base
