#include "tests/cost/slow_resolver.hpp"

#include <algorithm>

namespace test {

SlowResolver::~SlowResolver() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void SlowResolver::start(const dns::Question& question, Callback done) {
  const std::lock_guard lock(mutex_);
  waiting_.emplace_back(question, std::move(done));
  ++questions_;
  most_in_flight_ = std::max(most_in_flight_, waiting_.size());
  changed_.notify_all();
}

std::size_t SlowResolver::questions() const {
  const std::lock_guard lock(mutex_);
  return questions_;
}

std::size_t SlowResolver::most_in_flight() const {
  const std::lock_guard lock(mutex_);
  return most_in_flight_;
}

void SlowResolver::run() {
  constexpr std::chrono::microseconds pause{500};
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return is_stopping_ || !waiting_.empty(); });
    if (is_stopping_) return;
    const std::size_t before = questions_;
    if (changed_.wait_for(lock, pause, [&] { return is_stopping_ || questions_ != before; })) continue;
    const auto [question, done] = std::move(waiting_.front());
    lock.unlock();
    done(zone_(question));
    lock.lock();
    waiting_.pop_front();
  }
}

}  // namespace test
