#pragma once
// What a piece of work costs this process: processor time of all threads, and the most heap that was in use at once.
// Every allocation is seen, those of the libraries too, because meter.cpp stands in for malloc. A sanitizer does that
// already; then there is no heap to be read, and processor time says little.

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SIGNET_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SIGNET_SANITIZED 1
#endif
#endif

namespace test {

#ifdef SIGNET_SANITIZED
inline constexpr bool is_sanitized = true;
#else
inline constexpr bool is_sanitized = false;
#endif

class Meter {
 public:
  /// Starts counting. One at a time.
  Meter();

  /// Since the start.
  [[nodiscard]] double cpu_seconds() const;
  /// The most octets in use at once, above what was in use at the start.
  [[nodiscard]] std::size_t peak_octets() const;

 private:
  double started_;
  long long in_use_;
};

}  // namespace test
