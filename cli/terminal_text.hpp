#pragma once
// Text for a person at a terminal: emphasis where it is shown, and text from outside that can do the terminal no harm.

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "base/text.hpp"

namespace cli {

/// Emphasis where a terminal shows it.
struct Paint {
  bool is_on = false;
  std::string operator()(std::string_view code, std::string_view text) const {
    return is_on ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
  }
};

inline constexpr std::string_view plain = "0", bold = "1", red = "31", green = "32", yellow = "33";

/// base::printable, but of any length, and spaces, quotes and backslashes stay: for people, not for log lines.
[[nodiscard]] inline std::string readable(std::string_view text) {
  std::string out;
  for (const char c : text) out += base::is_visible(c) || c == ' ' ? std::string(1, c) : base::printable({&c, 1});
  return out;
}

/// As wide as what readable() makes of the octets before `at`: a "^" behind it points at that octet.
[[nodiscard]] inline std::string space_before(std::string_view text, std::size_t at) {
  return std::string(readable(text.substr(0, at)).size(), ' ');
}

}  // namespace cli
