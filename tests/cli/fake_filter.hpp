#pragma once
// The filter's side of the protocol, scripted: a thread that reads packets from a socket, keeps them and answers
// what the script says. It shares no code with the client, so that a misreading of the protocol shows.

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace test {

using namespace std::string_literals;

/// A packet as it is on the wire.
inline std::string packet(char code, std::string_view data = {}) {
  const std::uint32_t size = htonl(static_cast<std::uint32_t>(data.size() + 1));
  const void* octets = &size;
  return std::string(static_cast<const char*>(octets), sizeof size) + code + std::string(data);
}

inline std::string number(std::uint32_t value) {
  const std::uint32_t wire = htonl(value);
  const void* octets = &wire;
  return {static_cast<const char*>(octets), sizeof wire};
}

inline std::string negotiation(std::uint32_t steps = 0, std::uint32_t actions = 0x1ff, std::uint32_t version = 6) {
  return packet('O', number(version) + number(actions) + number(steps));
}

struct Seen {
  char code = 0;
  std::string data;
  friend bool operator==(const Seen&, const Seen&) = default;
};

class FakeFilter {
 public:
  /// Octets to send for an event (none: ""), or nothing: close the connection.
  using Script = std::function<std::optional<std::string>(char code, const std::string& data)>;

  explicit FakeFilter(Script script) : script_(std::move(script)) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) throw std::runtime_error("socketpair");
    client_ = ends[0];
    thread_ = std::thread([this, end = ends[1]] { serve(end); });
  }

  /// Listens on the socket, for one connection.
  FakeFilter(int listening, Script script) : script_(std::move(script)) {
    thread_ = std::thread([this, listening] {
      const int end = ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC);
      ::close(listening);
      if (end >= 0) serve(end);
    });
  }

  ~FakeFilter() {
    if (thread_.joinable()) thread_.join();
  }
  FakeFilter(const FakeFilter&) = delete;
  FakeFilter& operator=(const FakeFilter&) = delete;

  /// The client's end, to be owned by it.
  [[nodiscard]] int client_socket() const { return client_; }
  /// Everything, once the client has closed.
  const std::vector<Seen>& seen() {
    if (thread_.joinable()) thread_.join();
    return seen_;
  }
  /// The codes of the packets, in order, without those of macros.
  std::string codes() {
    std::string out;
    for (const Seen& one : seen())
      if (one.code != 'D') out += one.code;
    return out;
  }
  /// The data of the packets with this code.
  std::vector<std::string> all(char code) {
    std::vector<std::string> out;
    for (const Seen& one : seen())
      if (one.code == code) out.push_back(one.data);
    return out;
  }

 private:
  static bool read_exactly(int end, std::string& out, std::size_t size) {
    out.resize(size);
    for (std::size_t have = 0; have < size;) {
      const ssize_t got = ::recv(end, out.data() + have, size - have, 0);
      if (got <= 0) return false;
      have += static_cast<std::size_t>(got);
    }
    return true;
  }

  static void write_all(int end, std::string_view octets) {
    while (!octets.empty()) {
      const ssize_t sent = ::send(end, octets.data(), octets.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      octets.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  void serve(int end) {
    std::string head;
    std::string data;
    while (read_exactly(end, head, 5)) {
      std::uint32_t size = 0;
      head.copy(static_cast<char*>(static_cast<void*>(&size)), sizeof size);
      if (!read_exactly(end, data, ntohl(size) - 1)) break;
      seen_.push_back(Seen{head[4], data});
      const auto answer = script_(head[4], data);
      if (!answer) break;
      write_all(end, *answer);
    }
    ::close(end);
  }

  Script script_;
  std::vector<Seen> seen_;
  int client_ = -1;
  std::thread thread_;
};

/// A filter that says continue, except where `answers` says otherwise ("" is silence).
inline FakeFilter::Script answering(std::map<char, std::string> answers, std::uint32_t steps = 0) {
  answers.emplace('O', negotiation(steps));
  return [answers = std::move(answers)](char code, const std::string&) -> std::optional<std::string> {
    if (const auto answer = answers.find(code); answer != answers.end()) return answer->second;
    return "DAQK"s.find(code) == std::string::npos ? packet('c') : std::string();
  };
}

/// A Unix socket that listens in a directory of its own, which goes with it.
class UnixListener {
 public:
  UnixListener() {
    std::string name = "/tmp/signet-cli-test-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    directory_ = name;
    sockaddr_un where{};
    where.sun_family = AF_UNIX;
    path().copy(where.sun_path, sizeof where.sun_path - 1);
    const void* any = &where;
    socket_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::bind(socket_, static_cast<const sockaddr*>(any), sizeof where) != 0 || ::listen(socket_, 8) != 0)
      throw std::runtime_error("listen");
  }
  ~UnixListener() {
    ::unlink(path().c_str());
    ::rmdir(directory_.c_str());
  }
  UnixListener(const UnixListener&) = delete;
  UnixListener& operator=(const UnixListener&) = delete;

  [[nodiscard]] std::string path() const { return directory_ + "/filter"; }
  [[nodiscard]] int socket() const { return socket_; }  // to be owned by the FakeFilter

 private:
  std::string directory_;
  int socket_ = -1;
};

}  // namespace test
