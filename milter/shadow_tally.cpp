#include "milter/shadow_tally.hpp"

namespace milter {

void ShadowTally::count(bool is_equal) {
  const std::lock_guard lock(mutex_);
  ++messages_;
  if (is_equal) ++equal_;
  if (std::chrono::steady_clock::now() - told_ >= interval) tell_now();
}

void ShadowTally::tell() {
  const std::lock_guard lock(mutex_);
  if (messages_ != 0) tell_now();
}

void ShadowTally::tell_now() {
  log_.write(base::LogLevel::info, base::LogComponent::shadow, "compared",
             base::LogFields().add_number("messages", messages_).add_number("equal", equal_));
  messages_ = equal_ = 0;
  told_ = std::chrono::steady_clock::now();
}

}  // namespace milter
