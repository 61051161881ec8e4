#include "bench/load/score.hpp"

#include <algorithm>
#include <cmath>

namespace load {

void Score::add_good(Duration took) {
  const std::lock_guard lock(mutex_);
  took_.push_back(took.count());
}

void Score::add_abandoned() {
  const std::lock_guard lock(mutex_);
  ++abandoned_;
}

void Score::add_failure(std::string text) {
  const std::lock_guard lock(mutex_);
  ++failed_;
  if (failures_.size() < kept_failures) failures_.push_back(std::move(text));
}

double Score::percentile_ms(double percent) const {
  if (took_.empty()) return 0;
  std::vector<double> sorted = took_;
  std::sort(sorted.begin(), sorted.end());
  const auto rank = static_cast<std::size_t>(std::ceil(percent / 100 * static_cast<double>(sorted.size())));
  return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

}  // namespace load
