#pragma once
// What became of a resolver's questions, as plain numbers: for metrics, and for finding out whether the DNS works.

#include <array>
#include <cstdint>
#include <optional>

#include "base/duration_histogram.hpp"
#include "base/time.hpp"
#include "dns/answer.hpp"

namespace dns {

/// Of the time since the cache was made, but for the last two.
struct CacheCounters {
  std::uint64_t questions = 0;
  std::uint64_t hits = 0;       // answered from memory
  std::uint64_t shared = 0;     // joined a question already in flight
  std::uint64_t upstream = 0;   // asked
  std::uint64_t evictions = 0;  // thrown out for room, not for age
  std::uint64_t entries = 0;    // now
  std::uint64_t octets = 0;     // now
};

/// Of the time since the resolver was made. A resolver that asks nobody has nothing to count.
struct Statistics {
  CacheCounters cache;
  std::uint64_t asked = 0;                                   // of the servers
  std::array<std::uint64_t, all_statuses.size()> answers{};  // of those, by Status
  base::DurationHistogram::Snapshot latency;                 // from a question to its answer, whatever that is
  std::optional<base::SteadyTime> last_good;                 // when a server last said something of use: is_failure() is false

  [[nodiscard]] std::uint64_t in_flight() const {
    std::uint64_t answered = 0;
    for (const std::uint64_t count : answers) answered += count;
    return asked > answered ? asked - answered : 0;  // read one after the other, they may not quite fit together
  }
};

}  // namespace dns
