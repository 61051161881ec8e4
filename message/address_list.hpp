#pragma once
// The address list of a From field. RFC 5322 §3.4 with the obsolete forms of §4.4, RFC 6854, RFC 6532.
// Looser than the grammar only in unquoted display names, where mail in use has dots, brackets, raw 8-bit octets
// and single "@": none of these is accepted where it could be read as an address, too. Not a parser for To or Cc.

#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "message/author.hpp"

namespace message {

/// All addresses in order, those in groups included; at most one more than Author::max_addresses, then it
/// stops. Fails at the first octet that does not fit. Linear time, no recursion.
[[nodiscard]] base::Result<std::vector<Address>, base::ParseError> parse_address_list(std::string_view value);

}  // namespace message
