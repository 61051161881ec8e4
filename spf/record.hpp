#pragma once
// SPF records: which TXT record of a domain is one, and what it says. RFC 7208 §4.5, §4.6.1, §5, §6, §12.
// Pure text to value: no DNS. The whole record is parsed at once, because a syntax error anywhere is a
// permerror even where an earlier term would match (§4.6).

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.hpp"
#include "base/result.hpp"
#include "spf/check_host.hpp"
#include "spf/macro.hpp"

namespace spf {

enum class Mechanism { all, include, a, mx, ptr, ip4, ip6, exists };

/// Does it count against Limits::terms (§4.6.4)?
[[nodiscard]] constexpr bool causes_lookups(Mechanism m) {
  return m != Mechanism::all && m != Mechanism::ip4 && m != Mechanism::ip6;
}

struct Directive {
  std::string_view text;            // as written: visible ASCII. Of the text that was parsed
  Result qualifier = Result::pass;  // the result when it matches: pass, fail, softfail or neutral
  Mechanism mechanism = Mechanism::all;
  std::optional<MacroString> domain_spec;  // none: the domain that is checked
  std::optional<base::IpNetwork> network;  // of ip4 and ip6; none: no client can be in it
  unsigned ip4_prefix = 32;                // of a and mx
  unsigned ip6_prefix = 128;
};

struct Modifier {
  std::string text;  // as written
  MacroString domain_spec;
};

struct Record {
  static constexpr std::size_t max_octets = 16384;  // §3.4 asks publishers to stay below 512
  static constexpr std::size_t max_terms = 512;     // kept; a longer record is not a record
  static constexpr std::size_t max_macros = 256;    // in all directives that are kept

  std::vector<Directive> directives;  // up to the first `all`: nothing after it is ever evaluated (§5.1)
  std::size_t macros = 0;             // in them
  std::optional<Modifier> redirect;
  std::optional<Modifier> exp;
};

/// Does text begin with "v=spf1", then a space or nothing (§4.5)? Letters in either case, as in all of §12.
[[nodiscard]] bool is_record(std::string_view text);

/// Parses a record, the version section included. Borrows from text. Fails with the offset of the first
/// offending octet: a permerror (§4.6).
[[nodiscard]] base::Result<Record, base::ParseError> parse_record(std::string_view text);

/// What the TXT records of one name amount to (§4.5).
struct Selection {
  std::size_t count = 0;  // SPF records among them
  Record record;          // when count is 1 and it is well formed
  std::optional<base::ParseError> fault;

  [[nodiscard]] std::size_t octets() const;  // roughly the memory this holds
};

/// Borrows from the one record.
[[nodiscard]] Selection select_record(const std::vector<std::string>& texts);

}  // namespace spf
