#pragma once
// Base64 as DKIM tags carry it (RFC 4648 §4; RFC 6376 §2.10: white space anywhere means nothing).

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace base {

/// Decodes text, skipping spaces, tabs, CRs and LFs. Missing padding at the end is accepted, other
/// characters, padding inside, or a lone final digit are not.
[[nodiscard]] Result<std::vector<std::uint8_t>, ParseError> decode_base64(std::string_view text);

/// One unbroken line with padding.
[[nodiscard]] std::string encode_base64(std::span<const std::uint8_t> octets);

}  // namespace base
