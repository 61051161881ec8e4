#pragma once
// A Report for machines. Keys are part of the tool's interface: they may grow, never change.

#include <nlohmann/json.hpp>

#include "auth/report.hpp"
#include "cli/report_text.hpp"

namespace cli {

/// spf.helo and spf.mailfrom {result, domain, reason}; dkim[] {domain, selector, algorithm, result, reason}; dmarc
/// {result, policy, policy_domain, organizational_domain, aligned_spf, aligned_dkim, …}; action, reason,
/// authentication_results, changes[]. With evidence, spf.*.steps[] and dkim[].evidence. Octets that are not UTF-8 are written
/// as \xNN.
[[nodiscard]] nlohmann::json to_json(const auth::Report& report, bool shows_canonical = false);

/// The same with how it came about: also dmarc.discovery[], of each From domain {author, steps[], reason}, and meaning.
[[nodiscard]] nlohmann::json to_json(const VerdictFindings& found, bool shows_canonical);

}  // namespace cli
