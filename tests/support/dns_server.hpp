#pragma once
// A DNS server inside the test: UDP and TCP on one port of a loopback address, one thread, answering from a
// function. It can also do all that servers should not.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "dns/zone.hpp"
#include "tests/support/dns_wire.hpp"

namespace test {

struct DnsReply {
  DnsMessage message;                 // its id is filled in
  bool is_dropped = false;            // no answer at all
  bool wants_tcp = false;             // over UDP: TC and no records
  bool has_wrong_id = false;          // sent before the right one
  bool has_wrong_question = false;    // sent before the right one
  std::optional<DnsMessage> spoofed;  // sent before the right one, with its id, from another port and another address
  unsigned copies = 1;
  std::chrono::milliseconds delay{0};
  std::optional<std::string> raw;         // sent instead, with the right id put in
  std::optional<std::size_t> tcp_octets;  // over TCP: the connection is closed after so many, of length and message
};

class DnsServer {
 public:
  struct Request {
    dns::Question question;
    bool is_tcp = false;
    unsigned number = 0;  // how many came before, of any question
    std::uint16_t client_port = 0;
    bool has_edns = false;
  };
  using Handler = std::function<DnsReply(const Request&)>;

  enum class Transports { udp_and_tcp, udp_only };

  static constexpr std::uint32_t loopback = 0x7f000001;  // 127.0.0.1

  /// Called on the server's thread. port 0: any free one. Throws std::runtime_error if it cannot listen.
  explicit DnsServer(Handler handler, std::uint16_t port = 0, Transports transports = Transports::udp_and_tcp,
                     std::uint32_t host = loopback);
  ~DnsServer();
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;

  /// Answers as the zone says; its timeouts are lost answers.
  [[nodiscard]] static Handler from_zone(dns::Zone zone);

  [[nodiscard]] std::uint16_t port() const;
  /// "127.0.0.1:PORT", if that is where it listens.
  [[nodiscard]] std::string address() const;
  [[nodiscard]] unsigned request_count() const;

 private:
  class Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace test
