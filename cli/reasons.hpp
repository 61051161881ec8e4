#pragma once
// What the tokens of a log line and of a Report mean, in words, and which setting decides.

#include <string_view>

namespace cli {

/// Of `reason=`: "dmarc-reject". Empty: no such token.
[[nodiscard]] std::string_view explain_reason(std::string_view token);
/// Of `override=`: "mailing_list".
[[nodiscard]] std::string_view explain_override(std::string_view token);
/// Of `role=`, the part in parentheses: "outside".
[[nodiscard]] std::string_view explain_role(std::string_view token);
/// Of `sign=`: "no-rule-for-domain".
[[nodiscard]] std::string_view explain_signing_reason(std::string_view token);

}  // namespace cli
