#include "dns/waiting_line.hpp"

#include <sys/eventfd.h>
#include <unistd.h>
#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace dns {

WaitingLine::WaitingLine(std::size_t most) : most_(most), descriptor_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (descriptor_ < 0) throw std::runtime_error("cannot make an eventfd");
}

WaitingLine::~WaitingLine() { ::close(descriptor_); }

void WaitingLine::join(Queries& query) {
  const std::lock_guard lock(mutex_);
  if (is_closed_ || queries_.size() >= most_) return;
  if (queries_.empty()) ring();
  queries_.splice(queries_.end(), query);
}

Queries WaitingLine::take(std::size_t most) {
  const std::lock_guard lock(mutex_);
  const auto count = static_cast<std::ptrdiff_t>(std::min(most, queries_.size()));
  Queries taken;
  taken.splice(taken.end(), queries_, queries_.begin(), std::next(queries_.begin(), count));
  return taken;
}

bool WaitingLine::is_empty() const {
  const std::lock_guard lock(mutex_);
  return queries_.empty();
}

void WaitingLine::close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  ring();
}

bool WaitingLine::is_closed() const {
  const std::lock_guard lock(mutex_);
  return is_closed_;
}

// An eventfd that cannot be written is readable already, and one that cannot be read is quiet already.
void WaitingLine::ring() { static_cast<void>(eventfd_write(descriptor_, 1)); }

void WaitingLine::quiet() {
  eventfd_t count = 0;
  static_cast<void>(eventfd_read(descriptor_, &count));
}

}  // namespace dns
