#include "milter/packet_reader.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>

#include "base/time.hpp"

namespace milter {
namespace {

constexpr std::size_t length_octets = 4;

enum class Filled { yes, closed, late };

/// Whether the socket has something to read, or its end, before the deadline.
bool is_readable_by(int socket, base::SteadyTime deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    pollfd wanted{socket, POLLIN, 0};
    const int ready = ::poll(&wanted, 1, static_cast<int>(std::max<decltype(left)>(left, 0)));
    if (ready >= 0 || errno != EINTR) return ready != 0;  // a socket that cannot be polled: recv() says why
  }
}

Filled fill(int socket, std::span<char> wanted, base::SteadyTime deadline) {
  while (!wanted.empty()) {
    if (!is_readable_by(socket, deadline)) return Filled::late;
    const ssize_t got = ::recv(socket, wanted.data(), wanted.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) return Filled::closed;
    wanted = wanted.subspan(static_cast<std::size_t>(got));
  }
  return Filled::yes;
}

/// A stage, then names and values in turn. libmilter looks for the name after the next value without minding the end.
bool are_macros_paired(std::string_view data) {
  const std::string_view list = data.substr(std::min<std::size_t>(data.size(), 1));
  return (list.empty() || list.back() == '\0') && std::count(list.begin(), list.end(), '\0') % 2 == 0;
}

bool is_acceptable(const Packet& packet) {
  const std::string_view data{packet.data.get(), packet.size};
  if (packet.command == 'D') return are_macros_paired(data);
  return packet.command != 'E' || data.empty();  // libmilter would never answer an end of message that is a body, too
}

PacketFault fault_of(Filled filled) { return filled == Filled::late ? PacketFault::late : PacketFault::closed; }

}  // namespace

std::string_view to_text(PacketFault fault) {
  switch (fault) {
    case PacketFault::closed:
      return "closed by the peer";
    case PacketFault::late:
      return "a packet that took too long";
    case PacketFault::size:
      return "a packet of a size that there is not";
    case PacketFault::malformed:
      return "a malformed packet";
    case PacketFault::memory:
      return "no memory for a packet";
  }
  return "";
}

base::Result<Packet, PacketFault> read_packet(int socket, std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  std::uint32_t length = 0;
  char head[length_octets + 1];
  if (const Filled filled = fill(socket, head, deadline); filled != Filled::yes) return tl::unexpected(fault_of(filled));
  std::memcpy(&length, head, length_octets);
  length = ntohl(length);
  if (length == 0 || length > max_packet_octets) return tl::unexpected(PacketFault::size);
  Packet packet{head[length_octets], length - 1, nullptr};
  if (packet.size != 0) {
    packet.data.reset(static_cast<char*>(std::malloc(packet.size + 1)));
    if (!packet.data) return tl::unexpected(PacketFault::memory);
    packet.data.get()[packet.size] = '\0';
    const Filled filled = fill(socket, {packet.data.get(), packet.size}, deadline);
    if (filled != Filled::yes) return tl::unexpected(fault_of(filled));
  }
  if (!is_acceptable(packet)) return tl::unexpected(PacketFault::malformed);
  return packet;
}

}  // namespace milter
