#pragma once
// What came of the messages of a load, from any number of threads.

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

namespace load {

class Score {
 public:
  static constexpr std::size_t kept_failures = 20;
  using Duration = std::chrono::duration<double, std::milli>;

  void add_good(Duration took);
  void add_abandoned();
  void add_failure(std::string text);

  // When all threads have ended.
  [[nodiscard]] std::size_t good() const { return took_.size(); }
  [[nodiscard]] std::size_t abandoned() const { return abandoned_; }
  [[nodiscard]] std::size_t failed() const { return failed_; }
  [[nodiscard]] const std::vector<std::string>& failures() const { return failures_; }  // the first of them
  /// The time that so many of a hundred messages took at most; 0 without messages.
  [[nodiscard]] double percentile_ms(double percent) const;

 private:
  std::mutex mutex_;
  std::vector<double> took_;  // ms of each good message
  std::size_t abandoned_ = 0, failed_ = 0;
  std::vector<std::string> failures_;
};

}  // namespace load
