#pragma once
// One term of an SPF record: RFC 7208 §4.6.1, §5, §12. Used by the record parser only.

#include <string_view>

#include "spf/record.hpp"

namespace spf {

/// name "=" …: everything else is a directive, good or bad.
[[nodiscard]] bool is_modifier(std::string_view term);

/// [qualifier] mechanism. Fails with an offset into term.
[[nodiscard]] base::Result<Directive, base::ParseError> parse_directive(std::string_view term);

}  // namespace spf
