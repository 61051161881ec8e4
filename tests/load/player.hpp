#pragma once
// Plays messages to a filter as Postfix would, and checks what it says to each.

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include "tests/load/kinds.hpp"

namespace load {

/// What came of it, from any number of threads.
class Score {
 public:
  static constexpr std::size_t kept_failures = 20;

  void add_good() { ++good_; }
  void add_abandoned() { ++abandoned_; }
  void add_failure(std::string text);

  [[nodiscard]] std::size_t good() const { return good_; }
  [[nodiscard]] std::size_t abandoned() const { return abandoned_; }
  [[nodiscard]] std::size_t failed() const { return failed_; }
  [[nodiscard]] const std::vector<std::string>& failures() const { return failures_; }  // when all threads have ended

 private:
  std::atomic<std::size_t> good_{0}, abandoned_{0}, failed_{0};
  std::mutex mutex_;
  std::vector<std::string> failures_;  // the first of them
};

class Player {
 public:
  /// Borrows all. is_rude: between the messages others begin that are aborted or left with the connection.
  Player(const std::string& socket, const Kind& kind, bool is_rude, Score& score);

  /// One connection with so many messages; nothing is thrown, a failure is scored.
  void play(std::size_t messages) noexcept;

 private:
  void play_connection(std::size_t messages);
  void abandon_connection(std::size_t after);

  const std::string& socket_;
  const Kind& kind_;
  const bool is_rude_;
  Score& score_;
};

}  // namespace load
