#pragma once
// A value or the reason there is none: how every parser of outside input reports.
// Exceptions are for start-up and configuration only; a protocol outcome is a value of its own.

#include <cstddef>
#include <string_view>
#include <tl/expected.hpp>

namespace base {

template <class T, class E>
using Result = tl::expected<T, E>;

/// Where input stopped making sense, and why.
struct ParseError {
  std::size_t offset = 0;  // of the first offending octet; the input's size: it ended too early
  std::string_view text;   // static storage; ASCII, lower case, no full stop

  friend bool operator==(const ParseError&, const ParseError&) = default;
};

[[nodiscard]] inline tl::unexpected<ParseError> parse_error(std::size_t offset, std::string_view static_text) {
  return tl::unexpected<ParseError>(ParseError{offset, static_text});
}

}  // namespace base
