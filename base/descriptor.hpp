#pragma once
// A descriptor of the system that is closed when its owner goes.

#include <unistd.h>

namespace base {

class Descriptor {
 public:
  /// Below 0: none, as the system's calls that give one say it.
  explicit Descriptor(int number) noexcept : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  [[nodiscard]] int number() const noexcept { return number_; }
  [[nodiscard]] bool is_open() const noexcept { return number_ >= 0; }

 private:
  int number_;
};

}  // namespace base
