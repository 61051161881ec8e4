#pragma once
// IP addresses and networks. An IPv4-mapped IPv6 address *is* the IPv4 address (RFC 7208 §5), so it is
// made one when it is read; nothing later needs to ask.

#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace base {

class IpAddress {
 public:
  IpAddress() = default;  // 0.0.0.0
  [[nodiscard]] static IpAddress v4(std::span<const std::uint8_t, 4> octets);
  [[nodiscard]] static IpAddress v6(std::span<const std::uint8_t, 16> octets);
  /// Presentation form, without brackets, prefix or zone ("192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1").
  [[nodiscard]] static Result<IpAddress, ParseError> parse(std::string_view text);

  [[nodiscard]] bool is_v4() const { return is_v4_; }
  [[nodiscard]] unsigned bits() const { return is_v4_ ? 32 : 128; }
  /// 4 or 16 octets, network order. Borrows from this.
  [[nodiscard]] std::span<const std::uint8_t> octets() const { return {octets_.data(), is_v4_ ? 4U : 16U}; }
  [[nodiscard]] bool is_loopback() const;
  /// RFC 5952 form.
  [[nodiscard]] std::string text() const;
  /// The name under in-addr.arpa or ip6.arpa, no final dot (RFC 1035 §3.5, RFC 3596 §2.5).
  [[nodiscard]] std::string reverse_name() const;
  /// Same family and the same first `prefix` bits; prefix is at most bits().
  [[nodiscard]] bool shares_prefix(const IpAddress& other, unsigned prefix) const;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  bool is_v4_ = true;
  std::array<std::uint8_t, 16> octets_{};
};

/// An address with a prefix length: 192.0.2.0/24, 2001:db8::/32, or one address.
struct IpNetwork {
  IpAddress address;
  unsigned prefix = 32;

  /// "ADDRESS" or "ADDRESS/LENGTH". Host bits may be set; they are ignored when matching.
  [[nodiscard]] static Result<IpNetwork, ParseError> parse(std::string_view text);
  [[nodiscard]] bool contains(const IpAddress& candidate) const { return address.shares_prefix(candidate, prefix); }
  [[nodiscard]] std::string text() const;

  friend bool operator==(const IpNetwork&, const IpNetwork&) = default;
};

}  // namespace base
