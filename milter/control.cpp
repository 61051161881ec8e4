#include "milter/control.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <array>
#include <cerrno>

#include "base/text.hpp"

namespace milter {
namespace {

constexpr auto pause_without_descriptors = std::chrono::milliseconds{100};
constexpr std::string_view expected = "expected the line \"reload\"";

[[noreturn]] void fail(const std::string& path, std::string_view what) {
  throw SocketError(fmt::format("socket {}: {} ({})", path, what, last_system_error()));
}

base::SteadyTime patience_from_now() { return std::chrono::steady_clock::now() + Control::patience; }

}  // namespace

Control::Control(const std::string& path, const std::string& group, std::uint32_t mode, Reload reload, base::Log& log)
    : path_(path),
      reload_(std::move(reload)),
      log_(log),
      listening_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
      stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!listening_.is_open() || !stop_.is_open()) fail(path, "found no descriptors for it, expected two");
  bind_path(listening_.number(), path, group, mode);
}

Control::~Control() {
  ::unlink(path_.c_str());
  if (!thread_.joinable()) return;
  static_cast<void>(eventfd_write(stop_.number(), 1));
  thread_.join();
}

void Control::start() {
  if (::listen(listening_.number(), max_waiting) != 0) fail(path_, "found that it cannot listen, expected a socket");
  thread_ = std::thread([this] { serve(); });
}

void Control::serve() noexcept {
  while (wait_for(listening_.number(), POLLIN, std::nullopt) != Ready::stopped) serve_next();
}

void Control::serve_next() noexcept try {
  const base::Descriptor client(::accept4(listening_.number(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!client.is_open()) {  // gone already, or no descriptors: the listener stays readable
    static_cast<void>(wait_for(stop_.number(), POLLIN, std::chrono::steady_clock::now() + pause_without_descriptors));
    return;
  }
  const Answer answer = answer_to(client.number());
  send(client.number(), fmt::format("{} {}\n", answer.is_ok ? "ok" : "error", answer.text));
} catch (const std::exception&) {
  log_.write(base::LogLevel::error, base::LogComponent::control, "no memory for a client");
}

Answer Control::answer_to(int client) const {
  Answer line = read_line(client);
  if (!line.is_ok) return line;
  if (line.text == "reload") return reload_();
  return {false, fmt::format("found \"{}\", {}", base::printable(line.text), expected)};
}

/// The client's line, or what was wrong with it.
Answer Control::read_line(int client) const {
  const base::SteadyTime deadline = patience_from_now();
  std::string line;
  std::array<char, max_line_octets> part{};
  for (;;) {
    const ssize_t got = ::recv(client, part.data(), part.size() - line.size(), 0);
    if (got > 0) line.append(part.data(), static_cast<std::size_t>(got));
    if (const std::size_t end = line.find('\n'); end != std::string::npos) return {true, line.substr(0, end)};
    if (line.size() == max_line_octets)
      return {false, fmt::format("found a line of more than {} octets, {}", max_line_octets, expected)};
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
      return {false, fmt::format("found no whole line, {}", expected)};
    if (got < 0 && wait_for(client, POLLIN, deadline) != Ready::yes)
      return {false, fmt::format("found no whole line within {} s, {}", patience.count(), expected)};
  }
}

/// As much of it as the client takes.
void Control::send(int client, std::string_view text) const {
  const base::SteadyTime deadline = patience_from_now();
  while (!text.empty()) {
    const ssize_t sent = ::send(client, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent >= 0) text.remove_prefix(static_cast<std::size_t>(sent));
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return;
    if (sent < 0 && wait_for(client, POLLOUT, deadline) != Ready::yes) return;
  }
}

Control::Ready Control::wait_for(int descriptor, short event, std::optional<base::SteadyTime> deadline) const {
  for (;;) {
    std::array<pollfd, 2> watched{{{descriptor, event, 0}, {stop_.number(), POLLIN, 0}}};
    if (::poll(watched.data(), watched.size(), base::milliseconds_until(deadline)) < 0 && errno == EINTR) continue;
    if (watched[1].revents != 0) return Ready::stopped;
    return watched[0].revents != 0 ? Ready::yes : Ready::late;
  }
}

}  // namespace milter
