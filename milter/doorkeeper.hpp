#pragma once
// What libmilter's listener and worker pool leave undone (ADR 0008). Out of descriptors, the listener spins; and a session
// that was promised to an idle worker which another session got first waits until some other worker is free, however long
// its callbacks take. So: while descriptors are short new connections wait in the kernel's queue, and while workers are
// busy somebody knocks at the door, for which libmilter starts a worker that then finds the session left waiting.

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/log.hpp"

namespace milter {

/// Counts the workers that are inside our code.
class BusyWorker {
 public:
  explicit BusyWorker(std::atomic<std::size_t>& count) : count_(count) { ++count_; }
  ~BusyWorker() { --count_; }
  BusyWorker(const BusyWorker&) = delete;
  BusyWorker& operator=(const BusyWorker&) = delete;

 private:
  std::atomic<std::size_t>& count_;
};

class Doorkeeper {
 public:
  /// Knows the listening socket by its number only: libmilter owns it. `busy` and `log` outlive the doorkeeper.
  /// Throws SocketError when there are not even the few descriptors it needs.
  Doorkeeper(int listening, const std::atomic<std::size_t>& busy, base::Log& log);
  ~Doorkeeper();
  Doorkeeper(const Doorkeeper&) = delete;
  Doorkeeper& operator=(const Doorkeeper&) = delete;

  /// The listening socket ends for good: clients are refused, and libmilter has one in its place that stays silent.
  void close();

 private:
  void watch();
  void mind_descriptors();
  void mind_workers();

  const int listening_;
  const std::atomic<std::size_t>& busy_;
  base::Log& log_;
  int spare_ = -1;  // the listening socket once more, while and after libmilter has the silent one
  int silent_ = -1;
  bool is_shut_ = false;
  bool was_busy_ = false;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool is_over_ = false;  // under mutex_
  std::thread thread_;
};

/// Raises the number of descriptors this process may have as far as it may; what it is then. Throws SocketError where that is
/// not enough to serve anybody.
std::size_t raise_descriptor_limit();

/// Has descriptors 0 to 2 be something, where whoever started us closed them: else a socket would become standard error, and
/// be written log lines. Before anything else is opened.
void fill_standard_descriptors();

}  // namespace milter
