#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <memory>

#include "base/text.hpp"
#include "cli/milter_stream.hpp"

// How a filter's address is written and opened.

namespace cli {
namespace {

constexpr std::uint64_t max_port = 65535;

struct HostPort {
  std::string host;
  std::string port;
};

[[noreturn]] void fail(MilterError::Kind kind, const std::string& text) {
  throw MilterError(kind, MilterEvent::negotiate, text);
}

std::string_view without_brackets(std::string_view host) {
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') return host.substr(1, host.size() - 2);
  return host;
}

HostPort parse_host_port(std::string_view endpoint, const std::string& address) {
  std::string_view host;
  std::string_view port = endpoint;
  if (const std::size_t at = endpoint.find('@'); at != std::string_view::npos) {
    port = endpoint.substr(0, at);
    host = endpoint.substr(at + 1);
  } else if (const std::size_t colon = endpoint.rfind(':'); colon != std::string_view::npos) {
    host = endpoint.substr(0, colon);
    port = endpoint.substr(colon + 1);
  }
  std::uint64_t number = 0;
  if (!base::parse_number(port, max_port, number) || number == 0)
    fail(MilterError::Kind::address, fmt::format("\"{}\" has no port between 1 and {}", address, max_port));
  host = without_brackets(host);
  return {std::string(host.empty() ? "localhost" : host), std::string(port)};
}

/// Bounds a blocking connect() (and is of no effect once the socket is non-blocking).
bool set_connect_timeout(int socket, std::chrono::milliseconds timeout) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(timeout);
  timeval bound{};
  bound.tv_sec = seconds.count();
  bound.tv_usec = std::chrono::microseconds(timeout - seconds).count();
  return ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &bound, sizeof bound) == 0;
}

/// The connected socket, or -1 with errno set. A blocking connect, because a non-blocking one to a Unix socket
/// whose queue is full fails at once and cannot be waited for.
int try_connect(int family, const sockaddr* where, socklen_t size, std::chrono::milliseconds timeout) {
  const int socket = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return -1;
  if (set_connect_timeout(socket, timeout) && ::connect(socket, where, size) == 0) return socket;
  const int error = errno == EINPROGRESS || errno == EAGAIN ? ETIMEDOUT : errno;
  ::close(socket);
  errno = error;
  return -1;
}

/// Events are written in bursts that already are whole packets; waiting to join them costs 40 ms each.
void send_at_once(int socket) {
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

[[noreturn]] void fail_to_connect(const std::string& address) {
  fail(errno == ETIMEDOUT ? MilterError::Kind::timeout : MilterError::Kind::connection,
       fmt::format("cannot connect to {}: {}", address, std::strerror(errno)));
}

int open_unix(std::string_view path, const std::string& address, std::chrono::milliseconds timeout) {
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof where.sun_path)
    fail(MilterError::Kind::address, fmt::format("\"{}\" has no path of 1 to {} octets", address, sizeof where.sun_path - 1));
  path.copy(where.sun_path, path.size());
  const void* any = &where;
  const int socket = try_connect(AF_UNIX, static_cast<const sockaddr*>(any), sizeof where, timeout);
  if (socket < 0) fail_to_connect(address);
  return socket;
}

int open_inet(int family, const HostPort& target, const std::string& address, std::chrono::milliseconds timeout) {
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(target.host.c_str(), target.port.c_str(), &hints, &found); error != 0)
    fail(MilterError::Kind::connection, fmt::format("cannot find {}: {}", target.host, ::gai_strerror(error)));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all(found, &::freeaddrinfo);
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    const int socket = try_connect(one->ai_family, one->ai_addr, one->ai_addrlen, timeout);
    if (socket < 0) continue;
    send_at_once(socket);
    return socket;
  }
  fail_to_connect(address);
}

}  // namespace

int open_milter_socket(const std::string& address, std::chrono::milliseconds timeout) {
  const std::size_t colon = address.find(':');
  const std::string_view kind = std::string_view(address).substr(0, colon);
  const std::string_view endpoint = colon == std::string::npos ? "" : std::string_view(address).substr(colon + 1);
  if (kind == "unix" || kind == "local") return open_unix(endpoint, address, timeout);
  if (kind == "inet") return open_inet(AF_UNSPEC, parse_host_port(endpoint, address), address, timeout);
  if (kind == "inet6") return open_inet(AF_INET6, parse_host_port(endpoint, address), address, timeout);
  fail(MilterError::Kind::address,
       fmt::format("\"{}\" is not inet:PORT@HOST, inet6:PORT@HOST, unix:PATH or local:PATH", address));
}

}  // namespace cli
