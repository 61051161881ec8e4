#pragma once
// What aggregate reports come to, for a person and for machines.

#include <nlohmann/json.hpp>
#include <string>

#include "cli/terminal_text.hpp"
#include "report/summary.hpp"

namespace cli {

/// The reports' period and policy, a table of sources, and for each what failed and what to do.
[[nodiscard]] std::string explain_summary(const report::Summary& summary, const Paint& paint);

/// reports, duplicates, begin, end, messages, failed, unlisted; reporters[] {org_name, email, reports, messages};
/// policies[]; sources[] {name, kind, domain, networks[], messages, dkim, spf, both, neither, dispositions{}, overrides{},
/// reasons[] {messages, is_failure, what, advice}}. Keys may grow, never change.
[[nodiscard]] nlohmann::json to_json(const report::Summary& summary);

}  // namespace cli
