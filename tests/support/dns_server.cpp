#include "tests/support/dns_server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t max_message = 65535;

/// A descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

sockaddr_in address_of(std::uint16_t port, std::uint32_t host) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(host);
  return address;
}

const sockaddr* plain(const sockaddr_in& address) { return reinterpret_cast<const sockaddr*>(&address); }
sockaddr* plain(sockaddr_in& address) { return reinterpret_cast<sockaddr*>(&address); }

std::optional<Descriptor> bound_socket(int type, std::uint16_t port, std::uint32_t host) {
  Descriptor made(socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1, octets = 4 * 1024 * 1024;
  if (type == SOCK_STREAM) {
    setsockopt(made.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  } else if (setsockopt(made.number(), SOL_SOCKET, SO_RCVBUFFORCE, &octets, sizeof(octets)) != 0) {  // for root only
    setsockopt(made.number(), SOL_SOCKET, SO_RCVBUF, &octets, sizeof(octets));
  }
  const sockaddr_in address = address_of(port, host);
  if (bind(made.number(), plain(address), sizeof(address)) != 0) return std::nullopt;
  return made;
}

std::uint16_t port_of(const Descriptor& socket) {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  getsockname(socket.number(), plain(address), &size);
  return ntohs(address.sin_port);
}

struct Connection {
  Descriptor socket;
  sockaddr_in client;
  std::string input;
};

/// Where an answer goes: to a client of the UDP socket, or down a TCP connection.
struct Target {
  sockaddr_in client{};
  int connection = 0;                        // its key; 0: UDP
  std::optional<std::size_t> most_octets{};  // then the connection is closed
};

}  // namespace

class DnsServer::Engine {
 public:
  Engine(Handler handler, std::uint16_t port, Transports transports, std::uint32_t host)
      : handler_(std::move(handler)), host_(host), bell_(eventfd(0, EFD_CLOEXEC)) {
    listen_on(port);
    if (transports == Transports::udp_only) tcp_ = Descriptor(-1);
    thread_ = std::thread([this] { run(); });
  }
  ~Engine() {
    is_stopping_ = true;
    eventfd_write(bell_.number(), 1);
    thread_.join();
  }

  [[nodiscard]] std::uint16_t port() const { return port_of(*udp_); }
  std::atomic<unsigned> request_count = 0;

 private:
  void listen_on(std::uint16_t port);
  void run();
  [[nodiscard]] std::optional<timespec> time_left() const;
  void read_udp();
  void accept_connection();
  void read_tcp(int key);
  void answer(std::span<const std::uint8_t> octets, const Target& target);
  [[nodiscard]] static std::vector<std::string> encode(const DnsQuery& query, const DnsReply& reply, bool is_tcp);
  void spoof(const DnsQuery& query, const DnsReply& reply, const sockaddr_in& client);
  void send_due();
  void send(const Target& target, const std::string& octets);

  Handler handler_;
  const std::uint32_t host_;
  Descriptor bell_;
  std::optional<Descriptor> udp_, tcp_;
  std::map<int, Connection> connections_;
  std::multimap<Clock::time_point, std::pair<Target, std::string>> due_;
  std::atomic<bool> is_stopping_ = false;
  int next_key_ = 1;
  std::thread thread_;
};

void DnsServer::Engine::listen_on(std::uint16_t port) {
  constexpr int attempts = 50;
  for (int i = 0; i < attempts; ++i) {
    udp_ = bound_socket(SOCK_DGRAM, port, host_);
    if (udp_) tcp_ = bound_socket(SOCK_STREAM, port_of(*udp_), host_);
    if (udp_ && tcp_ && listen(tcp_->number(), 16) == 0) return;
  }
  throw std::runtime_error("the test's DNS server cannot listen");
}

void DnsServer::Engine::run() {
  while (!is_stopping_) {
    std::vector<pollfd> entries{{bell_.number(), POLLIN, 0}, {udp_->number(), POLLIN, 0}, {tcp_->number(), POLLIN, 0}};
    std::vector<int> keys{0, 0, 0};
    for (const auto& [key, connection] : connections_) {
      entries.push_back({connection.socket.number(), POLLIN, 0});
      keys.push_back(key);
    }
    const auto left = time_left();
    ppoll(entries.data(), entries.size(), left ? &*left : nullptr, nullptr);
    if (entries[1].revents != 0) read_udp();
    if (entries[2].revents != 0) accept_connection();
    for (std::size_t i = 3; i < entries.size(); ++i)
      if (entries[i].revents != 0) read_tcp(keys[i]);
    send_due();
  }
}

std::optional<timespec> DnsServer::Engine::time_left() const {
  if (due_.empty()) return std::nullopt;
  const auto left = std::max(std::chrono::nanoseconds(due_.begin()->first - Clock::now()), std::chrono::nanoseconds{0});
  const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
  return timespec{seconds.count(), (left - seconds).count()};
}

void DnsServer::Engine::read_udp() {
  std::array<std::uint8_t, 4096> buffer{};
  for (;;) {
    Target target;
    socklen_t size = sizeof(target.client);
    const auto got = recvfrom(udp_->number(), buffer.data(), buffer.size(), 0, plain(target.client), &size);
    if (got < 0) return;
    answer(std::span(buffer).first(static_cast<std::size_t>(got)), target);
  }
}

void DnsServer::Engine::accept_connection() {
  sockaddr_in client{};
  socklen_t size = sizeof(client);
  Descriptor socket(accept4(tcp_->number(), plain(client), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (socket.number() >= 0) connections_.emplace(next_key_++, Connection{std::move(socket), client, ""});
}

void DnsServer::Engine::read_tcp(int key) {
  Connection& connection = connections_.at(key);  // send_due, which closes some, comes after
  std::array<char, 4096> buffer{};
  const auto got = recv(connection.socket.number(), buffer.data(), buffer.size(), 0);
  if (got <= 0) {
    connections_.erase(key);
    return;
  }
  std::string& input = connection.input;
  input.append(buffer.data(), static_cast<std::size_t>(got));
  while (input.size() >= 2) {
    const auto octets = as_octets(input);
    const std::size_t size = static_cast<std::size_t>(octets[0] << 8U | octets[1]);
    if (input.size() < 2 + size) return;
    answer(octets.subspan(2, size), {connection.client, key});
    input.erase(0, 2 + size);
  }
}

void DnsServer::Engine::answer(std::span<const std::uint8_t> octets, const Target& target) {
  const auto query = decode_query(octets);
  if (!query) return;
  const bool is_tcp = target.connection != 0;
  const DnsReply reply = handler_({query->question, is_tcp, request_count++, ntohs(target.client.sin_port), query->has_edns});
  if (reply.spoofed && !is_tcp) spoof(*query, reply, target.client);
  if (reply.is_dropped) return;
  const Target to{target.client, target.connection, reply.tcp_octets};
  for (auto& message : encode(*query, reply, is_tcp)) due_.emplace(Clock::now() + reply.delay, std::pair{to, message});
}

/// From another port of this address, and from this port of another address: all of 127.0.0.0/8 is this machine.
void DnsServer::Engine::spoof(const DnsQuery& query, const DnsReply& reply, const sockaddr_in& client) {
  DnsMessage message = *reply.spoofed;
  message.id = query.id;
  const std::string octets = encode_response(query.question, message);
  for (const auto& source : {bound_socket(SOCK_DGRAM, 0, host_), bound_socket(SOCK_DGRAM, port(), host_ + 1)}) {
    if (!source) throw std::runtime_error("the test's DNS server cannot spoof");
    sendto(source->number(), octets.data(), octets.size(), 0, plain(client), sizeof(client));
  }
}

std::vector<std::string> DnsServer::Engine::encode(const DnsQuery& query, const DnsReply& reply, bool is_tcp) {
  DnsMessage message = reply.message;
  message.id = query.id;
  std::vector<std::string> out;
  if (reply.has_wrong_question) out.push_back(encode_response({"wrong." + query.question.name, query.question.type}, message));
  if (reply.has_wrong_id) {
    DnsMessage wrong = message;
    wrong.id = static_cast<std::uint16_t>(query.id + 1);
    out.push_back(encode_response(query.question, wrong));
  }
  if (reply.wants_tcp && !is_tcp) {
    message.answers.clear();
    message.is_truncated = true;
  }
  std::string octets = reply.raw ? *reply.raw : encode_response(query.question, message);
  if (reply.raw && octets.size() >= 2) octets.replace(0, 2, octets16(query.id));
  out.insert(out.end(), reply.copies, octets);
  return out;
}

void DnsServer::Engine::send_due() {
  while (!due_.empty() && due_.begin()->first <= Clock::now()) {
    const auto [target, octets] = due_.extract(due_.begin()).mapped();
    send(target, octets);
  }
}

void DnsServer::Engine::send(const Target& target, const std::string& octets) {
  if (target.connection == 0) {
    sendto(udp_->number(), octets.data(), octets.size(), 0, plain(target.client), sizeof(target.client));
    return;
  }
  const auto connection = connections_.find(target.connection);
  if (connection == connections_.end() || octets.size() > max_message) return;
  std::string framed = octets16(static_cast<unsigned>(octets.size())) + octets;
  if (target.most_octets) framed.resize(std::min(framed.size(), *target.most_octets));
  const int socket = connection->second.socket.number();
  while (!framed.empty()) {
    const auto sent = ::send(socket, framed.data(), framed.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      framed.erase(0, static_cast<std::size_t>(sent));
      continue;
    }
    pollfd entry{socket, POLLOUT, 0};
    if (errno != EAGAIN || poll(&entry, 1, 1000) <= 0) return;
  }
  if (target.most_octets) connections_.erase(connection);
}

namespace {

constexpr unsigned server_failure_code = 2, name_error_code = 3;

std::vector<DnsRecord> records_of(const dns::Question& question, const dns::Answer& answer) {
  const auto ttl = static_cast<std::uint32_t>(answer.ttl.count());
  std::vector<DnsRecord> records;
  for (const auto& address : answer.addresses) records.push_back(address_record(question.name, address.text(), ttl));
  for (const auto& text : answer.texts) {
    std::vector<std::string> strings{""};
    for (std::size_t at = 0; at < text.size(); at += 255) strings.push_back(text.substr(at, 255));
    records.push_back(txt_record(question.name, strings, ttl));
  }
  for (const auto& mx : answer.exchanges) records.push_back(mx_record(question.name, mx.preference, mx.exchange, ttl));
  for (const auto& name : answer.names) records.push_back(name_record(question.name, question.type, name, ttl));
  return records;
}

}  // namespace

DnsServer::Handler DnsServer::from_zone(dns::Zone zone) {
  return [zone = std::move(zone)](const Request& request) {
    constexpr std::size_t udp_octets = 1232;
    const auto answer = zone.look_up(request.question);
    DnsReply reply;
    reply.is_dropped = answer->status == dns::Status::timeout;
    if (answer->status == dns::Status::no_such_name) reply.message.code = name_error_code;
    if (dns::is_failure(answer->status)) reply.message.code = server_failure_code;
    reply.message.answers = records_of(request.question, *answer);
    reply.wants_tcp = encode_response(request.question, reply.message).size() > udp_octets;
    return reply;
  };
}

DnsServer::DnsServer(Handler handler, std::uint16_t port, Transports transports, std::uint32_t host)
    : engine_(std::make_unique<Engine>(std::move(handler), port, transports, host)) {}
DnsServer::~DnsServer() = default;

std::uint16_t DnsServer::port() const { return engine_->port(); }
std::string DnsServer::address() const { return "127.0.0.1:" + std::to_string(port()); }
unsigned DnsServer::request_count() const { return engine_->request_count; }

}  // namespace test
