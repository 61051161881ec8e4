#pragma once
// What a file must be before the TOML library may see it: not too large, UTF-8, no NUL, and nested no deeper
// than any configuration is. The library recurses on what it reads (and destroys), so depth is bounded here.

#include <cstddef>
#include <string>
#include <string_view>

namespace conf {

inline constexpr std::size_t max_file_octets = 16 * 1024 * 1024;  // some hundred thousand [[sign.rule]] tables
inline constexpr std::size_t max_nesting = 16;                    // brackets and braces within one another
inline constexpr std::size_t max_key_parts = 16;                  // of one dotted key

/// Throws Error at the first octet that breaks a rule.
void guard(std::string_view text, const std::string& file);

}  // namespace conf
