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
    pollfd wanted{socket, POLLIN, 0};
    const int ready = ::poll(&wanted, 1, base::milliseconds_until(deadline));
    if (ready >= 0 || errno != EINTR) return ready != 0;  // a socket that cannot be polled: recv() says why
  }
}

Filled fill(int socket, std::span<char> wanted, base::SteadyTime deadline) {
  while (!wanted.empty()) {
    const ssize_t got = ::recv(socket, wanted.data(), wanted.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) {
      if (!is_readable_by(socket, deadline)) return Filled::late;
      continue;
    }
    if (got <= 0) return Filled::closed;
    wanted = wanted.subspan(static_cast<std::size_t>(got));
  }
  return Filled::yes;
}

std::uint32_t read_length(const char* octets) {
  std::uint32_t length = 0;
  std::memcpy(&length, octets, length_octets);
  return ntohl(length);
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

/// A packet with room for its data.
base::Result<Packet, PacketFault> make_packet(char command, std::size_t size) {
  Packet packet{command, size, nullptr};
  if (size == 0) return packet;
  packet.data.reset(static_cast<char*>(std::malloc(size + 1)));
  if (!packet.data) return tl::unexpected(PacketFault::memory);
  packet.data.get()[size] = '\0';
  return packet;
}

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

/// What has come, as far as there is room for it. False: the connection has ended.
bool PacketReader::look(int socket) {
  const ssize_t got = ::recv(socket, seen_.data(), most_seen, MSG_PEEK | MSG_DONTWAIT);
  at_ = 0;
  end_ = got > 0 ? static_cast<std::size_t>(got) : 0;
  return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

/// Of the packet that is next, with its head; 0: it is not seen as a whole.
std::size_t PacketReader::next_size() const {
  if (end_ - at_ < head_octets) return 0;
  const std::size_t size = length_octets + std::size_t{read_length(&seen_[at_])};
  return size > length_octets && size <= end_ - at_ ? size : 0;
}

/// Takes out of the socket what has been handed out. False: the connection broke.
bool PacketReader::take(int socket) {
  const std::span<char> taken(seen_.data(), at_);
  at_ = end_ = 0;
  return fill(socket, taken, std::chrono::steady_clock::now()) == Filled::yes;
}

base::Result<Packet, PacketFault> PacketReader::hand_out(int socket, std::size_t size) {
  const char* octets = &seen_[at_ + length_octets];
  auto packet = make_packet(*octets, size - head_octets);
  if (packet && packet->size != 0) std::memcpy(packet->data.get(), octets + 1, packet->size);
  at_ += size;
  if (at_ == end_ && !take(socket)) return tl::unexpected(PacketFault::closed);
  return packet;
}

/// A packet that has not come yet, or not all of it, or that is larger than what is seen at a time.
base::Result<Packet, PacketFault> PacketReader::receive(int socket, base::SteadyTime deadline) {
  const std::span<char> taken_and_head(seen_.data(), at_ + head_octets);
  const char* head = &seen_[at_];
  at_ = end_ = 0;
  if (const Filled filled = fill(socket, taken_and_head, deadline); filled != Filled::yes)
    return tl::unexpected(fault_of(filled));
  const std::uint32_t length = read_length(head);
  if (length == 0 || length > max_packet_octets) return tl::unexpected(PacketFault::size);
  auto packet = make_packet(head[length_octets], length - 1);
  if (!packet) return packet;
  const Filled filled = fill(socket, {packet->data.get(), packet->size}, deadline);
  if (filled != Filled::yes) return tl::unexpected(fault_of(filled));
  return packet;
}

void PacketReader::let_go() {
  if (at_ != end_) static_cast<void>(take(socket_));  // broken: the next read says so
  socket_ = -1;
}

base::Result<Packet, PacketFault> PacketReader::read(int socket, std::chrono::milliseconds limit) {
  if (socket != socket_) at_ = end_ = 0;  // what was seen of one connection is never given to another
  socket_ = socket;
  if (at_ == end_ && !look(socket)) return tl::unexpected(PacketFault::closed);
  const std::size_t size = next_size();
  auto packet = size != 0 ? hand_out(socket, size) : receive(socket, std::chrono::steady_clock::now() + limit);
  if (packet && !is_acceptable(*packet)) return tl::unexpected(PacketFault::malformed);
  return packet;
}

}  // namespace milter
