#pragma once
// Counts what goes through it to another resolver, and how long the answers take.

#include <array>
#include <atomic>

#include "dns/resolver.hpp"

namespace dns {

class Meter final : public Resolver {
 public:
  /// `upstream` must outlive this, and this the answers that upstream owes.
  explicit Meter(Resolver& upstream) : upstream_(upstream) {}

  void start(const Question& question, Callback done) override;
  /// Any thread. The cache's part stays zero.
  [[nodiscard]] Statistics statistics() const override;

 private:
  void count(Status status, base::SteadyTime since) noexcept;

  Resolver& upstream_;
  std::atomic<std::uint64_t> asked_{0};
  std::array<std::atomic<std::uint64_t>, all_statuses.size()> answers_{};
  base::DurationHistogram latency_;
  std::atomic<base::SteadyTime::rep> last_good_{0};  // 0: never
};

}  // namespace dns
