#pragma once
// A Report for a person: each step, what it found, and which rule decided.

#include <string>

#include "auth/report.hpp"

namespace cli {

[[nodiscard]] std::string explain_verdict(const auth::Report& report);
[[nodiscard]] std::string explain_signing(const auth::Report& report);

}  // namespace cli
