#pragma once
// A Report for a person: each step, what it found, and which rule decided.

#include <string>
#include <vector>

#include "auth/report.hpp"
#include "cli/dmarc_findings.hpp"
#include "cli/terminal_text.hpp"

namespace cli {

/// All that a verdict came from.
struct VerdictFindings {
  auth::Report report;                  // with evidence
  std::vector<DmarcFinding> by_author;  // as report.dmarc_by_author
  spf::Limits limits;
};

/// `shows_canonical`: also what each signature's header hash is of, octet for octet.
[[nodiscard]] std::string explain_verdict(const VerdictFindings& found, bool shows_canonical, const Paint& paint);
[[nodiscard]] std::string explain_signing(const auth::Report& report);

}  // namespace cli
