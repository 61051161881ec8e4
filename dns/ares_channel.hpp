#pragma once
// One c-ares channel: its questions, its sockets, its servers. ares_channel.cpp is the one file that knows c-ares.
// Only one thread touches a channel; nothing here blocks.

#include <list>
#include <map>
#include <vector>

#include "dns/ares_resolver.hpp"
#include "dns/server_address.hpp"
#include "dns/waiting_line.hpp"

struct ares_channeldata;

namespace dns {

using Servers = std::vector<ServerAddress>;

/// c-ares wants to be initialized once for each who uses it. Throws std::runtime_error.
class AresLibrary {
 public:
  AresLibrary();
  AresLibrary(const AresLibrary&) = delete;
  AresLibrary& operator=(const AresLibrary&) = delete;
  ~AresLibrary();
};

class AresChannel {
 public:
  /// No servers: those of /etc/resolv.conf. Throws std::runtime_error.
  AresChannel(const AresResolver::Options& options, const Servers& servers);
  AresChannel(const AresChannel&) = delete;
  AresChannel& operator=(const AresChannel&) = delete;
  ~AresChannel();

  /// Takes the first of `queries`.
  void ask(Queries& queries);
  /// Ends every question that is out with server_failure.
  void cancel();
  [[nodiscard]] Queries take_finished();

  [[nodiscard]] std::size_t in_flight() const { return in_flight_.size(); }
  [[nodiscard]] std::size_t asked() const { return asked_; }
  [[nodiscard]] base::SteadyTime opened() const { return opened_; }
  /// In the order in which they are asked.
  [[nodiscard]] Servers servers() const;
  /// There are several, and each of the last answers came from another after a wait for the first in vain.
  [[nodiscard]] bool is_first_silent() const;

  [[nodiscard]] const std::map<int, short>& sockets() const { return sockets_; }
  [[nodiscard]] int timeout_ms() const;
  void process(int socket, short events);
  void process_timeouts();

 private:
  /// One question out: what c-ares hands back to us.
  struct Flight {
    AresChannel* channel;
    std::list<Flight>::iterator self;
    Queries query;  // just one
  };

  [[nodiscard]] ares_channeldata* open(const AresResolver::Options& options, const Servers& servers, int flags);
  static void answered(void* flight, int status, int timeouts, unsigned char* octets, int size) noexcept;
  static void socket_changed(void* channel, int socket, int readable, int writable) noexcept;

  std::map<int, short> sockets_;  // what to poll each for
  std::list<Flight> in_flight_;
  Queries finished_;
  std::size_t asked_ = 0;
  unsigned silences_ = 0;  // answers in a row that came only after another server had let the question time out
  base::SteadyTime opened_;
  bool has_one_server_ = true;
  ares_channeldata* handle_ = nullptr;
};

}  // namespace dns
