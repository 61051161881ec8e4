#pragma once
// One DKIM-Signature field: its value as text, its tags as values. RFC 6376 §3.5; RFC 8616 §5 (U-labels).
// Pure text to value: no DNS, no OpenSSL, no clock. Every fault found here is a permerror (RFC 6376 §6.1.1).

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/domain.hpp"
#include "base/result.hpp"
#include "dkim/canonicalization.hpp"
#include "dkim/crypto.hpp"

namespace dkim {

/// a=, in the RFC's order of importance. The last two are never verified with (RFC 8301 §3.1).
enum class Algorithm { rsa_sha256, ed25519_sha256, rsa_sha1, unknown };

struct Signature {
  static constexpr std::size_t max_signed_fields = 200;  // names in h=; more is refused
  static constexpr std::size_t max_length_digits = 76;   // of l= (RFC 6376 §3.5)
  static constexpr std::size_t max_time_digits = 12;     // of t= and x= (RFC 6376 §3.5)

  explicit Signature(base::Domain d) : domain(std::move(d)) {}

  base::Domain domain;                                                  // d=
  std::string selector;                                                 // s=, as A-labels
  std::string identity;                                                 // i=, decoded; without one "@" and d=
  std::optional<base::Domain> identity_domain;                          // of i=; always there after parsing
  Algorithm algorithm = Algorithm::unknown;                             // a=
  Octets signature;                                                     // b=
  Octets body_hash;                                                     // bh=
  Canonicalization header_canonicalization = Canonicalization::simple;  // c=, first part
  Canonicalization body_canonicalization = Canonicalization::simple;    // c=, second part
  std::vector<std::string> signed_fields;                               // h=, lower case, as often as listed
  std::optional<std::uint64_t> length;                                  // l=; beyond 2^64-1: that
  std::optional<std::uint64_t> timestamp;                               // t=
  std::optional<std::uint64_t> expiration;                              // x=
};

/// The syntax of a field's value (folded or not). Tags may be in any order, unknown ones are skipped. Fails on
/// what RFC 6376 §3.5 does not allow: v= other than 1, a missing tag, a q= without dns/txt, x= not after t=, …
[[nodiscard]] base::Result<Signature, base::ParseError> parse_signature(std::string_view value);

/// The rules beyond syntax that need neither key nor message: an algorithm we verify with, the length of bh=, From
/// in h= (RFC 6376 §5.4), i= at or below d=. Static text; empty: none is broken.
[[nodiscard]] std::string_view find_fault(const Signature& signature);

/// The value with that of its b= tag removed, white space around it included, nothing else touched: what the
/// header hash covers of the signature's own field (RFC 6376 §3.7). Tag names are case-sensitive (§3.2).
[[nodiscard]] std::string without_signature_value(std::string_view value);

}  // namespace dkim
