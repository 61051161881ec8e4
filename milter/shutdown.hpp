#pragma once
// How the daemon ends: gently first, then all the same.

#include <chrono>

#include "milter/session.hpp"
#include "milter/signals.hpp"

namespace milter {

/// No new connections; messages in progress may finish for the grace time, and who has just connected may send a message. A
/// second signal ends the wait.
void drain(const Service& service, Signals& signals, std::chrono::seconds grace, base::Log& log);

/// libmilter returns while its workers may still be inside a callback. False: after half a second some still are.
[[nodiscard]] bool wait_for_sessions(const Service& service);

/// Ends the process without destroying what such a worker still uses; the log's thread gets a moment to write.
[[noreturn]] void leave_at_once(int status);

}  // namespace milter
