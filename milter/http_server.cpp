#include "milter/http_server.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

#include "dns/server_address.hpp"

namespace milter {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto pause_without_descriptors = std::chrono::milliseconds{100};
constexpr std::string_view unix_prefix = "unix:";

[[noreturn]] void fail(const std::string& listen, std::string_view what) {
  throw SocketError(fmt::format("socket {}: {} ({})", listen, what, last_system_error()));
}

std::string path_of(const std::string& listen) {
  return listen.starts_with(unix_prefix) ? listen.substr(unix_prefix.size()) : std::string();
}

dns::ServerAddress parse(const std::string& listen) {
  const auto address = dns::ServerAddress::parse(listen);
  if (!address) throw SocketError(fmt::format("socket {}: expected ADDRESS:PORT or unix:/PATH", listen));
  return *address;
}

int open_socket(const std::string& listen) {
  const bool is_unix = !path_of(listen).empty();
  const int family = is_unix ? AF_UNIX : parse(listen).address.is_v4() ? AF_INET : AF_INET6;
  return ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

int bind_to(int socket, const dns::ServerAddress& own) {
  const int on = 1;
  static_cast<void>(::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
  const auto octets = own.address.octets();
  if (own.address.is_v4()) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(own.port);
    std::copy(octets.begin(), octets.end(), reinterpret_cast<std::uint8_t*>(&address.sin_addr));
    return ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(own.port);
  std::copy(octets.begin(), octets.end(), reinterpret_cast<std::uint8_t*>(&address.sin6_addr));
  return ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

bool is_for_now() { return errno == EAGAIN || errno == EINTR; }

}  // namespace

HttpServer::HttpServer(const std::string& listen, const std::string& group, std::uint32_t mode, Pages pages, base::Log& log)
    : listen_(listen),
      path_(path_of(listen)),
      pages_(std::move(pages)),
      log_(log),
      listening_(open_socket(listen)),
      stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!listening_.is_open() || !stop_.is_open()) fail(listen, "found no descriptors for it, expected two");
  if (!path_.empty())
    bind_path(listening_.number(), path_, group, mode);
  else if (bind_to(listening_.number(), parse(listen)) != 0)
    fail(listen, "found that it cannot be opened, expected a free address of this machine");
}

HttpServer::~HttpServer() {
  if (!path_.empty()) ::unlink(path_.c_str());
  if (!thread_.joinable()) return;
  static_cast<void>(eventfd_write(stop_.number(), 1));
  thread_.join();
}

void HttpServer::start() {
  if (::listen(listening_.number(), max_waiting) != 0) fail(listen_, "found that it cannot listen, expected a socket");
  thread_ = std::thread([this] { serve(); });
}

void HttpServer::serve() noexcept {
  for (;;) {
    try {
      if (!serve_round()) return;
    } catch (const std::exception&) {
      log_.write(base::LogLevel::error, base::LogComponent::metrics, "no memory for clients");
      clients_.clear();
    }
  }
}

/// Waits until something can be done for somebody, and does it. False: it is the end.
bool HttpServer::serve_round() {
  const bool takes_clients = Clock::now() >= pause_until_;
  std::vector<pollfd> watched{{stop_.number(), POLLIN, 0}, {takes_clients ? listening_.number() : -1, POLLIN, 0}};
  for (const Client& client : clients_)
    watched.push_back({client.socket.number(), static_cast<short>(client.out.empty() ? POLLIN : POLLOUT), 0});
  std::optional<base::SteadyTime> deadline;
  if (!clients_.empty()) deadline = clients_.front().deadline;
  if (!takes_clients) deadline = std::min(deadline.value_or(pause_until_), pause_until_);
  if (::poll(watched.data(), watched.size(), base::milliseconds_until(deadline)) < 0) return true;  // EINTR
  if (watched[0].revents != 0) return false;
  auto entry = watched.begin() + 2;
  for (auto client = clients_.begin(); client != clients_.end(); ++entry)
    client = entry->revents != 0 && !go_on(*client) ? clients_.erase(client) : std::next(client);
  leave_late_ones();
  if (watched[1].revents != 0) welcome();
  return true;
}

void HttpServer::welcome() {
  clients_.emplace_back(::accept4(listening_.number(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!clients_.back().socket.is_open()) {  // gone already, or no descriptors: the listener stays readable
    if (!is_for_now()) pause_until_ = Clock::now() + pause_without_descriptors;
    clients_.pop_back();
  }
  if (clients_.size() > max_clients) clients_.pop_front();  // an honest one would be done
}

/// False: the client is served, or gone.
bool HttpServer::go_on(Client& client) {
  if (client.out.empty() && !read(client)) return false;
  return client.out.empty() || send(client);
}

/// What came; and with the end of the head, or of our patience with its length, the answer is made.
bool HttpServer::read(Client& client) {
  std::array<char, 2048> part{};
  const ssize_t got =
      ::recv(client.socket.number(), part.data(), std::min(part.size(), max_http_head_octets - client.in.size()), 0);
  if (got < 0) return is_for_now();
  if (got == 0) return false;
  client.in.append(part.data(), static_cast<std::size_t>(got));
  if (is_http_head_over(client.in) || client.in.size() == max_http_head_octets) client.out = answer_http(client.in, pages_);
  return true;
}

/// As much as the client takes just now. False: that was all, or it takes no more.
bool HttpServer::send(Client& client) {
  const ssize_t sent = ::send(client.socket.number(), client.out.data(), client.out.size(), MSG_NOSIGNAL);
  if (sent < 0) return is_for_now();
  client.out.erase(0, static_cast<std::size_t>(sent));
  return !client.out.empty();
}

void HttpServer::leave_late_ones() {
  while (!clients_.empty() && clients_.front().deadline <= Clock::now()) clients_.pop_front();
}

}  // namespace milter
