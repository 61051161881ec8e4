#pragma once
// Verdicts and their reasons. A reason is ASCII and bounded, safe in a log line, in an SMTP reply and in the quoted-strings
// and comments of Authentication-Results (RFC 8601 §2.2), though names and terms come from outside.

#include <cstddef>
#include <string>
#include <string_view>

#include "dns/answer.hpp"
#include "dns/question.hpp"
#include "spf/check_host.hpp"

namespace spf {

inline constexpr std::size_t max_term_octets = 256;    // of Verdict::matched
inline constexpr std::size_t max_quoted_octets = 100;  // of a name or term within a reason

/// `text` with "?" for what is not visible ASCII or has a meaning in a header field (" \ ( ) < > ; ,), cut
/// to max_quoted_octets and "..." if it is longer.
[[nodiscard]] std::string safe_text(std::string_view text);

/// `rule`: "RFC 7208 §4.7"; static storage.
[[nodiscard]] Verdict make_verdict(Result result, std::string reason, std::string_view rule);
/// temperror: "DNS timeout for TXT example.org"
[[nodiscard]] Verdict make_temperror(const dns::Question& question, dns::Status status, std::string_view rule);
/// permerror: the target of an include or a redirect has no record (RFC 7208 §5.2, §6.1).
[[nodiscard]] Verdict make_missing_record(std::string_view target, std::string_view rule);

}  // namespace spf
