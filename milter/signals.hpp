#pragma once
// Signals as readable events. All of them are blocked before any thread starts and unblocked here, in main; one that comes
// while main has them blocked waits. libmilter's own thread, which would take it and stop the filter, is kept from it in
// signals.cpp (ADR 0011).

#include <optional>

#include "base/time.hpp"

namespace milter {

enum class Event { terminate, hang_up };

class Signals {
 public:
  /// Blocks HUP, TERM, INT (and PIPE for good) in the calling thread and all it starts.
  static void block();

  /// In the main thread, after all others are running: installs the handlers and unblocks. One per process.
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// The next event, or nothing when the deadline passes first.
  [[nodiscard]] std::optional<Event> wait(std::optional<base::SteadyTime> deadline);
};

}  // namespace milter
