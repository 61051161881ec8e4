#pragma once
// The Author Domains of a message: who its From field says wrote it. RFC 5322 §3.6.2, §3.4 and the obsolete
// forms of §4.4; RFC 6854 (groups in From); RFC 6532 (UTF-8); RFC 9989 §4.5 (what DMARC makes of it).
// A strict parser with a defined answer for everything: an attacker chooses these octets so that two
// readers disagree, so whatever is ambiguous is unparsable, never "the first address".

#include <string>
#include <string_view>
#include <vector>

#include "base/domain.hpp"
#include "message/header_block.hpp"

namespace message {

struct Address {
  std::string local_part;  // unquoted, as written otherwise
  base::Domain domain;

  friend bool operator==(const Address&, const Address&) = default;
};

enum class AuthorStatus {
  ok,              // at least one address, every domain valid
  missing,         // no From field
  several_fields,  // more than one From field
  no_address,      // parses but names nobody: an empty group
  unparsable,      // is not an address list, or has a domain that is not one (an address literal, too)
  too_many,        // more than max_author_domains different domains, or more than max_addresses
};

struct Author {
  static constexpr std::size_t max_addresses = 100;
  static constexpr std::size_t max_domains = 10;  // RFC 9989 §11 leaves a bound to us

  AuthorStatus status = AuthorStatus::missing;
  std::vector<Address> addresses;     // in order; only when ok
  std::vector<base::Domain> domains;  // different ones, in order of appearance; only when ok
  std::string fault;                  // what was wrong, for the log and the reply: ASCII, one line, bounded
};

/// Parses the value of one From field (what follows the colon; folds may be CRLF or LF).
[[nodiscard]] Author parse_author(std::string_view from_value);

/// Finds the From field(s) of a header block and parses the one.
[[nodiscard]] Author find_author(const HeaderBlock& header);

[[nodiscard]] std::string_view to_text(AuthorStatus status);

}  // namespace message
