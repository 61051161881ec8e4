#pragma once
// Signals as readable events. libmilter's own thread sits in sigwait() for HUP, TERM and INT and stops the
// filter on any of them; only signals that the *main* thread leaves unblocked reach us first. So: block all of
// them before any thread starts, then unblock them here, in main.

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
