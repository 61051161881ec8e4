#pragma once
// The reverse-path of MAIL FROM. RFC 5321 §4.1.2 (syntax), §4.1.1.3 and appendix C (source routes are
// dropped), RFC 6531 (SMTPUTF8). SRS, BATV and VERP local parts are somebody else's business: untouched.

#include <optional>
#include <string>
#include <string_view>

#include "base/domain.hpp"

namespace message {

struct ReversePath {
  bool is_null = false;                // <>
  std::string local_part;              // unquoted; empty when null or unparsable
  std::optional<base::Domain> domain;  // none: null, no domain at all (local mail), an address literal, unparsable
  bool is_unparsable = false;          // not a reverse-path; SPF then knows no MAIL FROM domain
  std::string text;                    // as given, brackets and source route removed; for logs and results
};

/// `argument` is libmilter's: with or without angle brackets, without ESMTP parameters. At most 1,024 octets
/// are looked at; a longer one is unparsable.
[[nodiscard]] ReversePath parse_reverse_path(std::string_view argument);

}  // namespace message
