#pragma once
// Zones from text, for tests, demonstrations and saved messages: master files as in RFC 1035 §5.1 with $TTL
// (RFC 2308 §4) and wildcards (RFC 4592).
//
// Read: $ORIGIN, $TTL, comments, parentheses, quoted strings, \X and \DDD, "@", relative names, a blank owner (the
// one before), TTL and class in either order, and the types A AAAA MX TXT CNAME PTR NS. SOA must have its seven fields and
// is ignored. Not read: $INCLUDE, classes other than IN, \# (RFC 3597), TTLs with units, a label that holds a '.'
// octet. Of our own, to see what failures do:
//
//     $FAIL name TYPE timeout|servfail     TYPE may be ANY: every type that the name has no record of

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "dns/zone.hpp"

namespace dns {

struct ZoneError {
  std::size_t line = 1;
  std::size_t column = 1;  // in octets, from 1
  std::string_view text;   // static storage

  friend bool operator==(const ZoneError&, const ZoneError&) = default;
};

/// The most that is read as one zone, in octets.
inline constexpr std::size_t max_zone_octets = 16U * 1024 * 1024;

/// Reads a whole zone; the first thing wrong ends it. The origin is the root until $ORIGIN says otherwise. Without a
/// TTL a record has that of $TTL, else the last one stated, else 300 seconds.
[[nodiscard]] base::Result<Zone, ZoneError> parse_zone(std::string_view text);

/// Reads a file. Throws std::runtime_error, "FILE:LINE:COLUMN: what is wrong", as start-up errors are reported.
[[nodiscard]] Zone load_zone(const std::string& path);

}  // namespace dns
