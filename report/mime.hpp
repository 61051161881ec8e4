#pragma once
// The parts of a MIME message, decoded. RFC 2045 (base64, quoted-printable), RFC 2046 §5.1 (multipart), §5.2.1 (message).
// For finding an attachment, whatever a reporter calls it: character sets and names are not interpreted.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace report {

struct MimeLimits {
  static constexpr std::size_t max_parts = 100;  // of all levels together
  static constexpr std::size_t max_depth = 8;    // multiparts and messages within each other
  static constexpr std::size_t max_header_octets = std::size_t{256} << 10U;
};

/// The contents of all parts that are neither multipart nor a message, in their order; a part whose encoding is broken is
/// left out. Fails on what has no header, and beyond a limit.
[[nodiscard]] base::Result<std::vector<std::string>, base::ParseError> find_parts(std::string_view message);

}  // namespace report
