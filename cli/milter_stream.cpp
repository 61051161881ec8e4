#include "cli/milter_stream.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/time.hpp"

namespace cli {
namespace {

using base::SteadyTime;

constexpr std::size_t length_octets = 4;
constexpr std::size_t read_octets = 16 * 1024;

[[noreturn]] void fail(MilterError::Kind kind, MilterEvent during, const std::string& text) {
  throw MilterError(kind, during, text);
}

[[noreturn]] void fail_on_errno(MilterEvent during, const char* what) {
  const bool closed = errno == EPIPE || errno == ECONNRESET;
  fail(closed ? MilterError::Kind::closed : MilterError::Kind::connection, during,
       fmt::format("{}: {}", what, std::strerror(errno)));
}

/// False when the deadline passes first.
bool wait_until_ready(int socket, short events, SteadyTime deadline) {
  for (;;) {
    pollfd entry{socket, events, 0};
    const int ready = ::poll(&entry, 1, base::milliseconds_until(deadline));
    if (ready > 0) return true;
    if (ready == 0) return false;
    if (errno != EINTR) return true;  // the read or write that follows says what is wrong
  }
}

bool is_temporary(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace

MilterStream::MilterStream(int connected_socket, MilterTimeouts timeouts) : socket_(connected_socket), timeouts_(timeouts) {
  const int flags = ::fcntl(socket_, F_GETFL);
  if (flags < 0 || ::fcntl(socket_, F_SETFL, flags | O_NONBLOCK) < 0) {
    const int error = errno;
    close();
    errno = error;
    fail_on_errno(MilterEvent::negotiate, "the socket cannot be made non-blocking");
  }
}

void MilterStream::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  unsent_.clear();
  unread_.clear();
}

void MilterStream::expect_open(MilterEvent during) const {
  if (!is_open()) fail(MilterError::Kind::closed, during, "the connection is already closed");
}

void MilterStream::queue(std::string_view octets, MilterEvent during) {
  expect_open(during);
  unsent_ += octets;
  if (unsent_.size() > max_queued_octets) flush(during);
}

void MilterStream::flush(MilterEvent during) {
  expect_open(during);
  const SteadyTime deadline = std::chrono::steady_clock::now() + timeouts_.write;
  std::string_view rest = unsent_;
  while (!rest.empty()) {
    const ssize_t sent = ::send(socket_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(sent));
    } else if (!is_temporary(errno)) {
      fail_on_errno(during, "the filter cannot be written to");
    } else if (!wait_until_ready(socket_, POLLOUT, deadline)) {
      fail(MilterError::Kind::timeout, during, fmt::format("the filter read nothing for {} ms", timeouts_.write.count()));
    }
  }
  unsent_.clear();
}

void MilterStream::fill(std::size_t octets, SteadyTime deadline, MilterEvent during) {
  std::array<char, read_octets> buffer;
  while (unread_.size() < octets) {
    const ssize_t got = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (got > 0) {
      unread_.append(buffer.data(), static_cast<std::size_t>(got));
    } else if (got == 0) {
      fail(MilterError::Kind::closed, during, "the filter closed the connection");
    } else if (!is_temporary(errno)) {
      fail_on_errno(during, "the filter cannot be read from");
    } else if (!wait_until_ready(socket_, POLLIN, deadline)) {
      fail(MilterError::Kind::timeout, during, fmt::format("no whole reply within {} ms", timeouts_.read.count()));
    }
  }
}

MilterPacket MilterStream::receive(MilterEvent during) {
  flush(during);
  const SteadyTime deadline = std::chrono::steady_clock::now() + timeouts_.read;
  fill(length_octets, deadline, during);
  const std::size_t size = MilterPacketReader(unread_, during).number();
  if (size == 0 || size > max_packet_octets)
    fail(MilterError::Kind::protocol, during,
         fmt::format("a reply of {} octets (1 to {} are allowed)", size, max_packet_octets));
  fill(length_octets + size, deadline, during);
  MilterPacket packet{unread_[length_octets], unread_.substr(length_octets + 1, size - 1)};
  unread_.erase(0, length_octets + size);
  return packet;
}

}  // namespace cli
