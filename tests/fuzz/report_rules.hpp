#pragma once
// What is true of every Report, whatever the message, the DNS and the options were.

#include <string>
#include <string_view>

#include "auth/report.hpp"

namespace fuzz {

/// Ends the process where a rule is broken. `authserv_id`: ours.
void check_report(const auth::Report& report, std::string_view authserv_id);

/// All that a report says, but for the times it took: two reports that agree read the same.
[[nodiscard]] std::string describe(const auth::Report& report);

}  // namespace fuzz
