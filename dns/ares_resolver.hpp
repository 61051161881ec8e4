#pragma once
// The transport: questions over UDP and TCP to recursive resolvers, by c-ares (dns/ares_channel.hpp). One thread owns
// its channels, sends, receives and calls back. Neither caches nor shares questions; dns/cache.hpp does.

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "dns/resolver.hpp"

namespace dns {

class AresResolver final : public Resolver {
 public:
  struct Options {
    /// "ADDRESS", "ADDRESS:PORT", "[V6ADDRESS]:PORT"; asked in this order. Empty: those of /etc/resolv.conf,
    /// read again with every new channel.
    std::vector<std::string> servers;
    /// Waited for the first answer; every further round over all servers waits twice as long.
    std::chrono::milliseconds timeout{3000};
    /// Rounds over all servers. Two with one server: 3 s and 6 s, and then Status::timeout.
    int tries = 2;
    /// Largest UDP answer asked for by EDNS (RFC 6891 §6.2.3); longer ones come by TCP.
    int udp_octets = 1232;
    /// Questions out at once. More wait in line, and when the line too is full the answer is server_failure at once.
    std::size_t max_in_flight = 1000;
    std::size_t max_waiting = 10000;
    /// A channel keeps its source port while it is busy; after so many questions a fresh one takes over.
    std::size_t questions_per_channel = 10000;
    /// A first server that is silent is asked last; so often it is asked, too, whether it answers again.
    std::chrono::milliseconds look_again{30000};
  };

  /// Starts the thread. `log` must outlive this. Throws std::invalid_argument for an option that makes no sense
  /// and std::runtime_error when the system gives no sockets or threads.
  AresResolver(Options options, base::Log& log);
  ~AresResolver() override;

  /// Every callback still owed is called, with server_failure, before this returns, and questions from then on are
  /// answered so at once: whoever stands above may be asked by those callbacks. Not on the DNS thread. Safe to repeat.
  void stop();

  /// Any thread. `done` is called on the DNS thread, where it must be short, or inside start for an answer without
  /// sending: a name that cannot be sent (is_sendable_name; also one with a NUL octet, which c-ares cannot
  /// take, and RFC 7686's .onion) is no_such_name. What `done` throws is logged and dropped.
  void start(const Question& question, Callback done) override;

 private:
  class Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace dns
