#include "cli/reload.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <ostream>
#include <stdexcept>
#include <string_view>

#include "base/descriptor.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"

namespace cli {
namespace {

constexpr std::size_t max_answer_octets = 16384;
constexpr std::string_view request = "reload\n";

/// Nobody answers, or not as signetd does.
class NoAnswer : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

std::string system_error() { return errno == EAGAIN ? "no answer in time" : std::strerror(errno); }

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    throw std::invalid_argument(
        fmt::format("--socket: found a path of {} octets, expected 1 to {}", path.size(), sizeof address.sun_path - 1));
  path.copy(address.sun_path, path.size());
  return address;
}

void connect_to(int socket, const std::string& path, std::chrono::seconds timeout) {
  const sockaddr_un address = address_of(path);
  timeval bound{};
  bound.tv_sec = timeout.count();
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &bound, sizeof bound);
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof bound);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw NoAnswer(fmt::format("cannot connect to {}: {}", path, system_error()));
}

/// One line, without its end.
std::string ask(int socket, const std::string& path) {
  if (::send(socket, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
    throw NoAnswer(fmt::format("cannot write to {}: {}", path, system_error()));
  std::string answer;
  std::array<char, 4096> part{};
  while (answer.find('\n') == std::string::npos && answer.size() < max_answer_octets) {
    const ssize_t got = ::recv(socket, part.data(), part.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw NoAnswer(fmt::format("cannot read from {}: {}", path, system_error()));
    if (got == 0) break;
    answer.append(part.data(), static_cast<std::size_t>(got));
  }
  return answer.substr(0, answer.find('\n'));
}

int show_answer(const std::string& answer, const std::string& path, std::ostream& out, std::ostream& errors) {
  constexpr std::string_view ok = "ok ", error = "error ";
  if (answer.starts_with(ok)) {
    out << answer.substr(ok.size()) << '\n';
    return 0;
  }
  if (!answer.starts_with(error))
    throw NoAnswer(fmt::format("{}: found \"{}\", expected an answer of signetd", path, base::printable(answer)));
  errors << "signet: " << answer.substr(error.size()) << '\n';
  return exit_not_reloaded;
}

}  // namespace

int run_reload(const ReloadOptions& options, std::ostream& out, std::ostream& errors) try {
  const base::Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) throw NoAnswer(fmt::format("cannot make a socket: {}", system_error()));
  connect_to(socket.number(), options.socket, options.timeout);
  return show_answer(ask(socket.number(), options.socket), options.socket, out, errors);
} catch (const NoAnswer& error) {
  errors << "signet: " << error.what() << '\n';
  return exit_unavailable;
}

}  // namespace cli
