#include "milter/doorkeeper.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <chrono>
#include <vector>

#include "milter/callbacks.hpp"
#include "milter/socket.hpp"

namespace milter {
namespace {

constexpr auto tick = std::chrono::milliseconds{100};
constexpr std::size_t least_descriptors = 16;   // fewer left: nobody new; the messages in progress may need some for DNS
constexpr std::size_t enough_descriptors = 32;  // as many left: new connections are taken again
constexpr std::size_t fewest_descriptors = 64;  // of the limit: those it has itself, the ones above, and some to serve with
constexpr std::size_t most_knocks = 32;         // at a time

/// Whether the process could have so many more descriptors.
bool are_free(std::size_t wanted, int any) {
  std::vector<int> taken;
  while (taken.size() < wanted) {
    const int one = ::fcntl(any, F_DUPFD_CLOEXEC, 0);
    if (one < 0) break;
    taken.push_back(one);
  }
  for (const int one : taken) ::close(one);
  return taken.size() == wanted;
}

/// A connection that says nothing and goes. Any failure means that libmilter is not idle, or that there is no need.
void knock(int listening) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (::getsockname(listening, any, &size) != 0) return;
  const int socket = ::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket < 0) return;
  static_cast<void>(::connect(socket, any, size));  // local: made, or waiting in the queue, when it comes back
  ::close(socket);
}

void close_if_open(int& descriptor) {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}

}  // namespace

std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
    throw SocketError(fmt::format("found no limit on descriptors ({})", last_system_error()));
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  const std::size_t now = ::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : before;
  if (now < fewest_descriptors)
    throw SocketError(fmt::format("found a limit of {} descriptors, expected at least {} (ulimit -n, LimitNOFILE=)", now,
                                  fewest_descriptors));
  return now;
}

void fill_standard_descriptors() {
  int last = 0;
  do {
    last = ::open("/dev/null", O_RDWR);  // the lowest number that is free
  } while (last >= 0 && last <= STDERR_FILENO);
  if (last > STDERR_FILENO) ::close(last);
}

Doorkeeper::Doorkeeper(int listening, const std::atomic<std::size_t>& busy, base::Log& log)
    : listening_(listening),
      busy_(busy),
      log_(log),
      spare_(::fcntl(listening, F_DUPFD_CLOEXEC, 0)),
      silent_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {  // unbound: nobody can ever write to it
  if (spare_ < 0 || silent_ < 0) throw SocketError(fmt::format("cannot watch the socket ({})", last_system_error()));
  thread_ = std::thread([this] { watch(); });
}

Doorkeeper::~Doorkeeper() { close(); }

void Doorkeeper::close() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  wake_.notify_all();
  thread_.join();
  ::dup2(silent_, listening_);
  close_if_open(silent_);
  close_if_open(spare_);
}

void Doorkeeper::watch() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, tick, [this] { return is_over_; })) {
    mind_descriptors();
    mind_workers();
  }
}

void Doorkeeper::mind_descriptors() {
  const bool is_enough = are_free(is_shut_ ? enough_descriptors : least_descriptors, spare_);
  if (is_enough != is_shut_) return;
  ::dup2(is_shut_ ? spare_ : silent_, listening_);
  is_shut_ = !is_shut_;
  if (is_shut_)
    log_.write(base::LogLevel::warning, base::LogComponent::milter, "too few descriptors are left; new connections wait");
  else
    log_.write(base::LogLevel::info, base::LogComponent::milter, "there are descriptors again; new connections are taken");
}

/// One knock frees one session that was left waiting, and it may be a slow one; with many busy, many may be waiting.
void Doorkeeper::mind_workers() {
  const std::size_t busy = busy_;
  for (std::size_t i = 0; i < std::min(busy, most_knocks) && was_busy_ && !is_shut_; ++i) knock(spare_);
  was_busy_ = busy != 0;
}

}  // namespace milter
