#include "milter/shutdown.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <thread>

#include "milter/callbacks.hpp"

namespace milter {
namespace {

constexpr auto drain_poll = std::chrono::milliseconds{20};
/// A mail server that has just connected is about to send its first message, and would have to defer it.
constexpr auto newcomers_wait = std::chrono::seconds{1};
constexpr auto last_wait = std::chrono::milliseconds{500};

}  // namespace

void drain(const Service& service, Signals& signals, std::chrono::seconds grace, base::Log& log) {
  stop_accepting();
  const std::size_t at_first = service.messages;
  if (at_first != 0)
    log.write(base::LogLevel::info, base::LogComponent::daemon, "stopping",
              base::LogFields()
                  .add_number("messages_in_progress", at_first)
                  .add_number("grace_s", static_cast<std::uint64_t>(grace.count())));
  const auto start = std::chrono::steady_clock::now();
  for (;;) {
    if (signals.wait(std::chrono::steady_clock::now() + drain_poll) == Event::terminate) break;
    const auto passed = std::chrono::steady_clock::now() - start;
    const bool is_quiet = passed >= newcomers_wait || count_newcomers() == 0;
    if (passed >= grace || (service.messages == 0 && is_quiet)) break;
  }
  if (service.messages != 0)
    log.write(base::LogLevel::warning, base::LogComponent::daemon, "stopping",
              base::LogFields().add_number("messages_cut", service.messages.load()));
}

bool wait_for_sessions(const Service& service) {
  const auto deadline = std::chrono::steady_clock::now() + last_wait;
  while (service.sessions != 0 && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(drain_poll);
  return service.sessions == 0;
}

void leave_at_once(int status) {
  std::this_thread::sleep_for(last_wait);
  std::_Exit(status);
}

}  // namespace milter
