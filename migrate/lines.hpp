#pragma once
// Old configuration files as numbered lines. What cannot be text of such a file (NUL, endless lines, octets that are
// no UTF-8) becomes a finding here, so that no parser meets it.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/finding.hpp"

namespace migrate {

inline constexpr std::size_t max_file_octets = 4 * 1024 * 1024;
inline constexpr std::size_t max_line_octets = 16 * 1024;
inline constexpr std::size_t max_lines = 100'000;

struct Line {
  std::uint32_t number = 0;  // from 1
  std::string text;          // without its end, CR LF or LF
};

/// Lines that cannot be used are left out, each with a finding; so is what is beyond the limits.
[[nodiscard]] std::vector<Line> split_lines(std::string_view text, const std::string& file, Findings& findings);

/// Nothing, and a problem, when the file cannot be read or is no regular file.
[[nodiscard]] std::optional<std::vector<Line>> read_lines(const std::string& path, Findings& findings);

/// Without what follows a "#", and without blanks at both ends. Borrows.
[[nodiscard]] std::string_view strip_comment(std::string_view text);

}  // namespace migrate
