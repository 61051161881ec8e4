#pragma once
// Octets as text: the few operations every room needs, all of them ASCII only and locale-free.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace base {

[[nodiscard]] constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
[[nodiscard]] constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
[[nodiscard]] constexpr bool is_alpha(char c) { return is_upper(c) || (c >= 'a' && c <= 'z'); }
[[nodiscard]] constexpr bool is_alnum(char c) { return is_alpha(c) || is_digit(c); }
[[nodiscard]] constexpr bool is_wsp(char c) { return c == ' ' || c == '\t'; }
[[nodiscard]] constexpr bool is_fws(char c) { return is_wsp(c) || c == '\r' || c == '\n'; }
[[nodiscard]] constexpr bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }
[[nodiscard]] constexpr bool is_visible(char c) { return c > ' ' && c < 0x7f; }
[[nodiscard]] constexpr char to_lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

[[nodiscard]] std::string to_lower(std::string_view text);
[[nodiscard]] bool is_ascii(std::string_view text);
/// Well-formed UTF-8 (RFC 3629): no surrogates, no overlong forms.
[[nodiscard]] bool is_utf8(std::string_view text);
/// Equal without regard to the case of ASCII letters.
[[nodiscard]] bool iequals(std::string_view a, std::string_view b);
[[nodiscard]] bool istarts_with(std::string_view text, std::string_view prefix);
/// Without the spaces, tabs, CRs and LFs at both ends. Borrows from text.
[[nodiscard]] std::string_view trim(std::string_view text);
/// At every separator; n separators give n + 1 parts. Borrows from text.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

/// Reads the whole of text as a decimal number of at most `most`; false: not one (sign, blank, too large).
[[nodiscard]] bool parse_number(std::string_view text, std::uint64_t most, std::uint64_t& out);

/// For log lines: at most `most` octets of text, every octet that is not visible ASCII (and `"`, `\`)
/// written as \xNN, and "..." at the end if something was cut off.
[[nodiscard]] std::string printable(std::string_view text, std::size_t most = 256);

}  // namespace base
