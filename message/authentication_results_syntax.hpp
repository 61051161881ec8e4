#pragma once
// Character classes of Authentication-Results, shared by its reader and its writer. RFC 8601 §2.2.

#include <string_view>

#include "base/text.hpp"

namespace message {

/// token of RFC 2045 §5.1: visible ASCII but no tspecials.
[[nodiscard]] constexpr bool is_token_char(char c) {
  constexpr std::string_view tspecials = "()<>@,;:\\\"/[]?=";
  return base::is_visible(c) && tspecials.find(c) == std::string_view::npos;
}

/// Keyword of RFC 5321 §4.1.2.
[[nodiscard]] constexpr bool is_keyword_char(char c) { return base::is_alnum(c) || c == '-'; }
[[nodiscard]] constexpr bool is_method_char(char c) { return is_keyword_char(c) || c == '.'; }

/// What can stand in an unquoted value without ending it.
[[nodiscard]] constexpr bool is_loose_value_char(char c) {
  constexpr std::string_view ends = "();\"\\";
  return (base::is_visible(c) || !base::is_ascii(c)) && ends.find(c) == std::string_view::npos;
}

/// Names beginning "x-" follow no document; their authors write properties without a ptype.
[[nodiscard]] inline bool is_experimental(std::string_view name) { return base::istarts_with(name, "x-"); }

}  // namespace message
