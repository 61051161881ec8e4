#pragma once
// Reads the MTA's packets in the place of libmilter's own reader, which lets an odd list of macros through to code that
// runs off its end, and lets a peer take two hours over a packet (ADR 0008). replacements.cpp puts it there.

#include <array>
#include <chrono>
#include <cstdlib>
#include <memory>

#include "base/result.hpp"
#include "base/time.hpp"

namespace milter {

inline constexpr std::size_t max_packet_octets = 65536;  // the command and what it says: as libmilter has it
inline constexpr std::chrono::seconds packet_time{60};   // from its first octet to its last

struct FreeMemory {
  void operator()(void* memory) const { std::free(memory); }
};

struct Packet {
  char command = 0;
  std::size_t size = 0;  // of the data
  std::unique_ptr<char, FreeMemory>
      data;  // from malloc, as libmilter will free it; one NUL more than its size; null when empty
};

enum class PacketFault {
  closed,     // by the peer, or the connection broke
  late,       // begun but not ended in time
  size,       // none at all, or more than max_packet_octets
  malformed,  // a command that libmilter cannot be given as it is
  memory,
};

[[nodiscard]] std::string_view to_text(PacketFault fault);

/// Reads the packets of one connection at a time. What has come is looked at in one go, and taken out of the socket when all
/// that was seen is handed out: before each packet, libmilter asks the socket whether there is more, and gives the connection
/// to another thread, with a reader of its own, when there is not. Then this one holds nothing.
class PacketReader {
 public:
  /// The next packet from a blocking socket. After a fault the connection is of no more use.
  [[nodiscard]] base::Result<Packet, PacketFault> read(int socket, std::chrono::milliseconds limit = packet_time);
  /// Leaves the connection, and what it has seen of it and not read yet in the socket.
  void let_go();
  /// Whether something of this socket has been seen that is not handed out yet: then it can be read.
  [[nodiscard]] bool has_more_of(int socket) const { return socket == socket_ && at_ != end_; }

 private:
  static constexpr std::size_t most_seen = 8192;  // a message of 2 KB from its header to its end
  static constexpr std::size_t head_octets = 5;   // length and command

  bool look(int socket);
  [[nodiscard]] std::size_t next_size() const;
  [[nodiscard]] base::Result<Packet, PacketFault> hand_out(int socket, std::size_t size);
  [[nodiscard]] base::Result<Packet, PacketFault> receive(int socket, base::SteadyTime deadline);
  bool take(int socket);

  int socket_ = -1;
  std::size_t at_ = 0, end_ = 0;  // handed out, but still in the socket; seen
  std::array<char, most_seen + head_octets> seen_;
};

}  // namespace milter
