#pragma once
// `signet report read`: aggregate reports that came in, summed up.

#include <ostream>
#include <string>
#include <vector>

namespace cli {

// Exit statuses of its own: 0 all were read, these, else those of the other commands.
inline constexpr int exit_no_report = 65;  // a file is no report, or refused

struct ReportReadOptions {
  std::vector<std::string> files;  // "-" is standard input
  bool json = false;
  bool is_coloured = false;
};

/// Prints the sum of all that could be read on `out`, what could not on `notes`. The status is that of the worst file:
/// exit_no_input before exit_no_report.
int run_report_read(const ReportReadOptions& options, std::ostream& out, std::ostream& notes);

}  // namespace cli
