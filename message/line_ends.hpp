#pragma once
// Line ends as SMTP has them. RFC 5322 §2.1: CRLF, and nothing else, ends a line; files and libmilter say LF.

#include <cstddef>
#include <string>
#include <string_view>

namespace message {

/// Appends text to out; an LF without a CR before it becomes CRLF, a CR alone stays what it is.
void append_with_crlf(std::string& out, std::string_view text);

/// How many LFs of text have no CR before them.
[[nodiscard]] std::size_t count_bare_lf(std::string_view text);

/// Without one LF or CRLF at the end. Borrows from text.
[[nodiscard]] std::string_view without_line_end(std::string_view text);

}  // namespace message
