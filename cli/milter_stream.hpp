#pragma once
// A connected socket to a filter that carries packets: every wait has an end, every packet a largest size.
// Any octets may be sent, in packets or not, so that hostile clients can be played.

#include <chrono>
#include <string>
#include <string_view>

#include "cli/milter_protocol.hpp"

namespace cli {

struct MilterTimeouts {
  static constexpr std::chrono::seconds standard{60};
  std::chrono::milliseconds connect = standard;  // to connect, per address tried
  std::chrono::milliseconds write = standard;    // until everything queued is written
  std::chrono::milliseconds read = standard;     // until one whole packet has come
};

/// Opens "inet:PORT@HOST", "inet6:PORT@HOST", "unix:PATH" or "local:PATH"; of inet also Postfix's "HOST:PORT", and
/// no host means localhost. inet takes the host's addresses of both families, inet6 only IPv6. Returns a blocking
/// socket, the caller's to close. Throws MilterError (address, connection or timeout).
[[nodiscard]] int open_milter_socket(const std::string& address, std::chrono::milliseconds timeout);

class MilterStream {
 public:
  static constexpr std::size_t max_packet_octets = std::size_t{1} << 20U;  // of what the filter sends
  static constexpr std::size_t max_queued_octets = std::size_t{1} << 18U;  // then it is written unasked

  /// Owns connected_socket from now on.
  MilterStream(int connected_socket, MilterTimeouts timeouts);
  ~MilterStream() { close(); }
  MilterStream(const MilterStream&) = delete;
  MilterStream& operator=(const MilterStream&) = delete;

  /// Queues octets. They are written by flush(), or with more than max_queued_octets waiting at once.
  void queue(std::string_view octets, MilterEvent during);
  void flush(MilterEvent during);
  /// Flushes, then waits for one packet. Throws MilterError when none comes: closed, timeout, protocol (its size).
  [[nodiscard]] MilterPacket receive(MilterEvent during);
  /// What is queued is lost. Safe to repeat.
  void close();
  [[nodiscard]] bool is_open() const { return socket_ >= 0; }

 private:
  void fill(std::size_t octets, std::chrono::steady_clock::time_point deadline, MilterEvent during);
  void expect_open(MilterEvent during) const;

  int socket_;
  MilterTimeouts timeouts_;
  std::string unsent_;
  std::string unread_;
};

}  // namespace cli
