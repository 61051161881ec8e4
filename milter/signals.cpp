#include "milter/signals.hpp"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <system_error>

namespace milter {
namespace {

// A signal handler has no `this`: these are what it may touch.
std::atomic<int> wake_descriptor{-1};
std::atomic<unsigned> terminations{0}, hang_ups{0};

sigset_t handled_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGHUP, SIGTERM, SIGINT}) sigaddset(&set, signal);
  return set;
}

extern "C" void note_signal(int signal) {
  const int saved = errno;
  ++(signal == SIGHUP ? hang_ups : terminations);
  const std::uint64_t one = 1;
  if (::write(wake_descriptor.load(), &one, sizeof one) < 0) {
    // Full counter: a wake-up is pending anyway.
  }
  errno = saved;
}

bool take(std::atomic<unsigned>& counter) { return counter.exchange(0) != 0; }

}  // namespace
}  // namespace milter

/// Takes the place of the C library's when the program is linked. Only libmilter's signal thread calls it here, and would take
/// any signal that comes while main has it blocked (a handler runs, a thread is started) and stop the filter (ADR 0011).
extern "C" int sigwait(const sigset_t*, int*) {
  for (;;) ::pause();  // the thread has all that it waits for blocked
}

namespace milter {

void Signals::block() {
  const sigset_t set = handled_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

Signals::Signals() {
  wake_descriptor = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_descriptor < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  struct sigaction action {};
  action.sa_handler = note_signal;
  action.sa_flags = SA_RESTART;
  sigfillset(&action.sa_mask);
  for (const int signal : {SIGHUP, SIGTERM, SIGINT}) ::sigaction(signal, &action, nullptr);
  const sigset_t set = handled_signals();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

Signals::~Signals() {
  block();
  ::close(wake_descriptor.exchange(-1));
}

std::optional<Event> Signals::wait(std::optional<base::SteadyTime> deadline) {
  for (;;) {
    if (take(terminations)) return Event::terminate;
    if (take(hang_ups)) return Event::hang_up;
    if (deadline && std::chrono::steady_clock::now() >= *deadline) return std::nullopt;
    pollfd wake{wake_descriptor.load(), POLLIN, 0};
    ::poll(&wake, 1, base::milliseconds_until(deadline));
    std::uint64_t count = 0;
    if (::read(wake_descriptor, &count, sizeof count) < 0) {
      // Nothing to read: the deadline, or a signal interrupted poll; the loop looks again.
    }
  }
}

}  // namespace milter
