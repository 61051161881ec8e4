#pragma once
// DmarcFindings for a person and for machines.

#include <nlohmann/json.hpp>
#include <string>

#include "cli/dmarc_findings.hpp"
#include "cli/terminal_text.hpp"

namespace cli {

/// Each name looked at and what it holds, and which tag decides and why, each line after `indent` spaces.
[[nodiscard]] std::string explain_steps(const DmarcFinding& finding, std::size_t indent, const Paint& paint);
/// {name, found, record, fault} of each.
[[nodiscard]] nlohmann::json describe_steps(const DmarcFinding& finding);

[[nodiscard]] std::string explain_dmarc(const DmarcFindings& found, bool is_coloured);

/// domain; treewalk and psl {steps[] {name, found, record, fault}, status, policy_domain, policy, policy_tag, on_failure,
/// organizational_domain, reason, alignments[] {identifier, spf, dkim}}; differences[] {what, treewalk, psl}. What there is
/// not is null. Keys may grow, never change.
[[nodiscard]] nlohmann::json to_json(const DmarcFindings& found);

}  // namespace cli
