#pragma once
// Lines to a descriptor that may be a pipe, a terminal or a file on a disk that is full.

#include <chrono>
#include <string_view>

namespace milter {

class LineWriter {
 public:
  static constexpr std::chrono::milliseconds patience{1000};  // with a pipe that is full and does not block

  /// The descriptor stays the caller's.
  explicit LineWriter(int descriptor) noexcept : descriptor_(descriptor) {}

  /// `line` has its end. False: it could not be written, or not whole; then the next begins on a line of its own.
  [[nodiscard]] bool write(std::string_view line) noexcept;

 private:
  [[nodiscard]] std::size_t write_some(std::string_view octets) const noexcept;

  const int descriptor_;
  bool is_within_line_ = false;
};

}  // namespace milter
