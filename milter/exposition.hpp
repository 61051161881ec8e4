#pragma once
// The metrics as Prometheus reads them: its text format, version 0.0.4. What is counted elsewhere is looked up as it is
// now. docs/monitoring.md says what each means. exposition.cpp is the one file that knows prometheus-cpp.

#include <string>
#include <vector>

#include "base/log.hpp"
#include "milter/key_watch.hpp"
#include "milter/session.hpp"

namespace milter {

inline constexpr std::string_view exposition_type = "text/plain; version=0.0.4; charset=utf-8";

/// `service` has metrics; `keys` is what the watch last saw. Any thread.
[[nodiscard]] std::string exposition(const Service& service, const std::vector<KeyState>& keys);

}  // namespace milter
