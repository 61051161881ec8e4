#pragma once
// Two clocks. Wall time is data (a signature's t= and x=, SPF's %{t}); only main and tests make it.
// Steady time bounds waiting.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>

namespace base {

using UnixTime = std::chrono::sys_seconds;
using SteadyTime = std::chrono::steady_clock::time_point;

/// What poll() wants: milliseconds, rounded up so that it does not end too early; 0: the deadline has passed; -1: there is
/// none.
[[nodiscard]] inline int milliseconds_until(std::optional<SteadyTime> deadline) {
  if (!deadline) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, std::numeric_limits<int>::max()));
}

}  // namespace base
