#pragma once
// Text from outside, made fit to stand in a comment, a quoted-string or a reason of a field that we write.

#include <cstddef>
#include <string>
#include <string_view>

namespace message {

/// Octets that a careless reader may take for the start or the end of something even inside quotes.
inline constexpr std::string_view unsafe_octets = "()\"\\";

/// The first `most` octets of text, less a character of UTF-8 that this would cut in two.
[[nodiscard]] std::string_view cut(std::string_view text, std::size_t most);

/// Text on one line, with nothing in it that opens, closes or escapes: parentheses become brackets, a quote an
/// apostrophe, a backslash a slash, a control '?'; and so do octets above 0x7F, unless UTF-8 may stay and it is such.
[[nodiscard]] std::string make_harmless(std::string_view text, bool keep_utf8);

}  // namespace message
