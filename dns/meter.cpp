#include "dns/meter.hpp"

#include <chrono>
#include <utility>

namespace dns {

using Clock = std::chrono::steady_clock;

void Meter::start(const Question& question, Callback done) {
  asked_.fetch_add(1, std::memory_order_relaxed);
  upstream_.start(question, [this, since = Clock::now(), done = std::move(done)](AnswerPtr answer) {
    count(answer->status, since);
    done(std::move(answer));
  });
}

void Meter::count(Status status, base::SteadyTime since) noexcept {
  const base::SteadyTime now = Clock::now();
  answers_[static_cast<std::size_t>(status)].fetch_add(1, std::memory_order_relaxed);
  latency_.add(std::chrono::duration_cast<std::chrono::microseconds>(now - since));
  if (!is_failure(status)) last_good_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
}

Statistics Meter::statistics() const {
  Statistics now;
  for (std::size_t i = 0; i < answers_.size(); ++i) now.answers[i] = answers_[i].load(std::memory_order_relaxed);
  now.asked = asked_.load(std::memory_order_relaxed);
  now.latency = latency_.snapshot();
  if (const auto last = last_good_.load(std::memory_order_relaxed); last != 0)
    now.last_good = base::SteadyTime(base::SteadyTime::duration(last));
  return now;
}

}  // namespace dns
