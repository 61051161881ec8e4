#pragma once
// Durations counted by how long they were, for metrics: a fixed row of bounds, from a millisecond to a minute.

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace base {

class DurationHistogram {
 public:
  /// Upper bounds, inclusive. What is longer than all of them is in the last count of a Snapshot.
  static constexpr std::array<std::chrono::microseconds, 14> bounds = {
      std::chrono::microseconds{1'000},      std::chrono::microseconds{2'500},     std::chrono::microseconds{5'000},
      std::chrono::microseconds{10'000},     std::chrono::microseconds{25'000},    std::chrono::microseconds{50'000},
      std::chrono::microseconds{100'000},    std::chrono::microseconds{250'000},   std::chrono::microseconds{500'000},
      std::chrono::microseconds{1'000'000},  std::chrono::microseconds{2'500'000}, std::chrono::microseconds{5'000'000},
      std::chrono::microseconds{20'000'000}, std::chrono::microseconds{60'000'000}};

  struct Snapshot {
    std::array<std::uint64_t, bounds.size() + 1> counts{};  // of each bound alone, not of those below it
    std::chrono::microseconds sum{0};
  };

  /// Any thread.
  void add(std::chrono::microseconds span) noexcept {
    std::size_t i = 0;
    while (i < bounds.size() && span > bounds[i]) ++i;
    counts_[i].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(span.count(), std::memory_order_relaxed);
  }

  /// Any thread; what is added meanwhile may be in one part and not yet in the other.
  [[nodiscard]] Snapshot snapshot() const noexcept {
    Snapshot now;
    for (std::size_t i = 0; i < counts_.size(); ++i) now.counts[i] = counts_[i].load(std::memory_order_relaxed);
    now.sum = std::chrono::microseconds{sum_.load(std::memory_order_relaxed)};
    return now;
  }

 private:
  std::array<std::atomic<std::uint64_t>, bounds.size() + 1> counts_{};
  std::atomic<std::chrono::microseconds::rep> sum_{0};
};

}  // namespace base
