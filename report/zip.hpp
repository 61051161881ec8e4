#pragma once
// Zip archives in memory, the one file that knows libzip.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace report {

inline constexpr std::size_t max_zip_entries = 16;  // reporters send one

/// The files in the archive, in its order. All of them together have at most `most` octets. Fails on damage, on more than
/// that, on a bomb (GzipLimits), on encryption, and on more entries than max_zip_entries.
[[nodiscard]] base::Result<std::vector<std::string>, base::ParseError> unzip(std::string_view octets, std::size_t most);

}  // namespace report
