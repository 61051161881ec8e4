#pragma once
// Two clocks. Wall time is data (a signature's t= and x=, SPF's %{t}); only main and tests make it.
// Steady time bounds waiting.

#include <chrono>

namespace base {

using UnixTime = std::chrono::sys_seconds;
using SteadyTime = std::chrono::steady_clock::time_point;

}  // namespace base
