#pragma once
// The control socket: a unix socket on which whoever may write to it has the configuration read again. One line in, one
// line out, and the connection ends:
//     reload   →   ok TEXT, or error TEXT
// It is no part of the milter protocol and tells nothing about messages.

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "base/descriptor.hpp"
#include "base/log.hpp"
#include "base/time.hpp"
#include "milter/socket.hpp"

namespace milter {

struct Answer {
  bool is_ok = false;
  std::string text;  // one line, without its end
};

class Control {
 public:
  static constexpr std::size_t max_line_octets = 64;  // of what a client sends, the line's end included
  static constexpr std::chrono::seconds patience{5};  // with a client: so long to be asked, and again to be read
  static constexpr int max_waiting = 64;              // clients, while one is served; more wait to be connected
  using Reload = std::function<Answer()>;

  /// Takes the path, an absolute one, with group and mode; nobody can connect before start(). `reload` is called on a
  /// thread of its own and must not throw. It and `log` outlive this. Throws SocketError when somebody answers at the path,
  /// when it is that of something else, or when it cannot be had.
  Control(const std::string& path, const std::string& group, std::uint32_t mode, Reload reload, base::Log& log);
  /// Leaves a client that is waited for, but waits for a reload. Removes the path.
  ~Control();
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;

  /// Serves one client after the other. Call it with the signals of signals.hpp blocked. Throws SocketError.
  void start();

 private:
  enum class Ready { yes, late, stopped };

  void serve() noexcept;
  void serve_next() noexcept;
  [[nodiscard]] Answer answer_to(int client) const;
  [[nodiscard]] Answer read_line(int client) const;
  void send(int client, std::string_view text) const;
  [[nodiscard]] Ready wait_for(int descriptor, short event, std::optional<base::SteadyTime> deadline) const;

  const std::string path_;
  const Reload reload_;
  base::Log& log_;
  const base::Descriptor listening_, stop_;
  std::thread thread_;
};

}  // namespace milter
