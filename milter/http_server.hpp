#pragma once
// Answers the requests of http.hpp on loopback or a unix socket, with a thread of its own and bounds on all that a client can
// do: how much it says, how long it takes, how many there are. docs/adr/0015 says why it is ours.

#include <chrono>
#include <cstddef>
#include <list>
#include <string>
#include <thread>

#include "base/descriptor.hpp"
#include "base/log.hpp"
#include "base/time.hpp"
#include "milter/http.hpp"
#include "milter/socket.hpp"

namespace milter {

class HttpServer {
 public:
  static constexpr std::size_t max_clients = 16;      // at once; one more, and the oldest is left
  static constexpr int max_waiting = 64;              // to be connected
  static constexpr std::chrono::seconds patience{5};  // with a client, from its connection to the end of the answer

  /// `listen`: "ADDRESS:PORT", "[V6ADDRESS]:PORT" or "unix:/PATH", the path with group and mode. Nobody is answered before
  /// start(). `pages` is called on a thread of its own, where it may take a while: everybody else waits. `log` outlives this.
  /// Throws SocketError.
  HttpServer(const std::string& listen, const std::string& group, std::uint32_t mode, Pages pages, base::Log& log);
  /// Leaves whoever is served, and removes the path.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Call it with the signals of signals.hpp blocked. Throws SocketError.
  void start();

 private:
  struct Client {
    explicit Client(int number) : socket(number) {}
    base::Descriptor socket;
    base::SteadyTime deadline = std::chrono::steady_clock::now() + patience;
    std::string in, out;  // out: what is still to be sent; empty: not yet asked
  };

  void serve() noexcept;
  bool serve_round();
  void welcome();
  [[nodiscard]] bool go_on(Client& client);
  [[nodiscard]] bool read(Client& client);
  [[nodiscard]] static bool send(Client& client);
  void leave_late_ones();

  const std::string listen_, path_;  // path_: of a unix socket; else empty
  const Pages pages_;
  base::Log& log_;
  const base::Descriptor listening_, stop_;
  std::list<Client> clients_;  // of the thread; the oldest first
  base::SteadyTime pause_until_{};
  std::thread thread_;
};

}  // namespace milter
