#pragma once
// How many messages were compared in shadow mode, told in the log now and then: the lines about single messages are only
// those where something differed.

#include <chrono>
#include <cstdint>
#include <mutex>

#include "base/log.hpp"
#include "base/time.hpp"

namespace milter {

/// Any thread.
class ShadowTally {
 public:
  static constexpr auto interval = std::chrono::hours{1};

  explicit ShadowTally(base::Log& log) : log_(log) {}

  /// Also tells, where the last time is an interval ago.
  void count(bool is_equal);
  /// What came since the last time it was told; nothing where that is no message.
  void tell();

 private:
  void tell_now();  // under the lock

  std::mutex mutex_;
  base::Log& log_;
  std::uint64_t messages_ = 0, equal_ = 0;
  base::SteadyTime told_ = std::chrono::steady_clock::now();
};

}  // namespace milter
