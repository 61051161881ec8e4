#include "dns/ares_channel.hpp"

#include <ares.h>
#include <fmt/format.h>
#include <poll.h>
#include <array>
#include <cstring>
#include <span>
#include <stdexcept>
#include <utility>

#include "base/text.hpp"
#include "dns/message.hpp"

namespace dns {
namespace {

constexpr int receive_buffer_octets = 1024 * 1024;  // a full house of answers at once; the kernel may give less
constexpr int dns_class_in = 1;

void check(int ares_status, std::string_view what) {
  if (ares_status != ARES_SUCCESS) throw std::runtime_error(fmt::format("{}: {}", what, ares_strerror(ares_status)));
}

/// c-ares reads presentation form but knows only "\X", so every octet that is not plain is written so.
std::string escape(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (!base::is_alnum(c) && c != '.' && c != '-' && c != '_') out += '\\';
    out += c;
  }
  return out;
}

/// The answer when c-ares has no message to show.
Status status_of(int ares_status) {
  switch (ares_status) {
    case ARES_ETIMEOUT:
      return Status::timeout;
    case ARES_ENOTFOUND:
    case ARES_EBADNAME:
      return Status::no_such_name;
    case ARES_EBADRESP:
      return Status::malformed;
    default:
      return Status::server_failure;
  }
}

}  // namespace

AresLibrary::AresLibrary() { check(ares_library_init(ARES_LIB_INIT_ALL), "cannot initialize c-ares"); }
AresLibrary::~AresLibrary() { ares_library_cleanup(); }

AresChannel::AresChannel(const AresResolver::Options& options, const Servers& servers)
    : opened_(std::chrono::steady_clock::now()) {
  constexpr int flags = ARES_FLAG_EDNS | ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
  handle_ = open(options, servers, flags);
  has_one_server_ = this->servers().size() == 1;
  if (!has_one_server_) return;
  // SERVFAIL and REFUSED make c-ares ask the next server; with one server that is only the same question again.
  ares_destroy(handle_);
  handle_ = open(options, servers, flags | ARES_FLAG_NOCHECKRESP);
}

ares_channeldata* AresChannel::open(const AresResolver::Options& options, const Servers& servers, int flags) {
  ares_options raw{};
  raw.flags = flags;
  raw.timeout = static_cast<int>(options.timeout.count());
  raw.tries = options.tries;
  raw.ednspsz = options.udp_octets;
  raw.socket_receive_buffer_size = receive_buffer_octets;
  raw.sock_state_cb = &AresChannel::socket_changed;
  raw.sock_state_cb_data = this;
  ares_channel handle = nullptr;
  check(ares_init_options(&handle, &raw,
                          ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ | ARES_OPT_SOCK_RCVBUF |
                              ARES_OPT_SOCK_STATE_CB | ARES_OPT_NOROTATE),
        "cannot open a DNS channel");
  std::vector<ares_addr_port_node> nodes(servers.size());
  for (std::size_t i = 0; i < servers.size(); ++i) {
    const auto octets = servers[i].address.octets();
    nodes[i].next = i + 1 < servers.size() ? &nodes[i + 1] : nullptr;
    nodes[i].family = servers[i].address.is_v4() ? AF_INET : AF_INET6;
    std::memcpy(&nodes[i].addr, octets.data(), octets.size());
    nodes[i].udp_port = nodes[i].tcp_port = servers[i].port;
  }
  const int status = nodes.empty() ? ARES_SUCCESS : ares_set_servers_ports(handle, nodes.data());
  if (status != ARES_SUCCESS) ares_destroy(handle);
  check(status, "cannot set the DNS servers");
  return handle;
}

AresChannel::~AresChannel() { ares_destroy(handle_); }

Servers AresChannel::servers() const {
  constexpr std::uint16_t default_port = 53;
  Servers servers;
  ares_addr_port_node* first = nullptr;
  if (ares_get_servers_ports(handle_, &first) != ARES_SUCCESS) return servers;
  for (const ares_addr_port_node* node = first; node != nullptr; node = node->next) {
    std::array<std::uint8_t, 16> octets{};
    std::memcpy(octets.data(), &node->addr, octets.size());
    const std::span<const std::uint8_t, 16> all(octets);
    const auto address = node->family == AF_INET ? base::IpAddress::v4(all.first<4>()) : base::IpAddress::v6(all);
    servers.push_back({address, node->udp_port == 0 ? default_port : static_cast<std::uint16_t>(node->udp_port)});
  }
  ares_free_data(first);
  return servers;
}

bool AresChannel::is_first_silent() const {
  constexpr unsigned many = 2;  // a single one may just have been lost
  return !has_one_server_ && silences_ >= many;
}

void AresChannel::ask(Queries& queries) {
  Flight& flight = in_flight_.emplace_back(Flight{this, {}, {}});
  flight.self = std::prev(in_flight_.end());
  flight.query.splice(flight.query.end(), queries, queries.begin());
  const Question& question = flight.query.front().question;
  ++asked_;
  ares_query(handle_, escape(question.name).c_str(), dns_class_in, static_cast<int>(question.type), &AresChannel::answered,
             &flight);
}

/// Called by c-ares, also inside ares_query and ares_cancel. The asker's callback is called later, outside of
/// c-ares. noexcept: nothing may be thrown through C.
void AresChannel::answered(void* flight, int status, int timeouts, unsigned char* octets, int size) noexcept {
  Flight& landed = *static_cast<Flight*>(flight);
  AresChannel& channel = *landed.channel;
  Query& query = landed.query.front();
  if (octets != nullptr) channel.silences_ = timeouts > 0 ? channel.silences_ + 1 : 0;
  query.answer = octets == nullptr ? make_empty_answer(status_of(status))
                                   : decode_answer({octets, static_cast<std::size_t>(size)}, query.question);
  channel.finished_.splice(channel.finished_.end(), landed.query);
  channel.in_flight_.erase(landed.self);
}

void AresChannel::socket_changed(void* channel, int socket, int readable, int writable) noexcept {
  auto& sockets = static_cast<AresChannel*>(channel)->sockets_;
  const int events = (readable != 0 ? POLLIN : 0) | (writable != 0 ? POLLOUT : 0);
  if (events == 0)
    sockets.erase(socket);
  else
    sockets[socket] = static_cast<short>(events);
}

void AresChannel::cancel() { ares_cancel(handle_); }

Queries AresChannel::take_finished() { return std::exchange(finished_, {}); }

void AresChannel::process_timeouts() { ares_process_fd(handle_, ARES_SOCKET_BAD, ARES_SOCKET_BAD); }

int AresChannel::timeout_ms() const {
  timeval left{};
  if (ares_timeout(handle_, nullptr, &left) == nullptr) return -1;
  return static_cast<int>(left.tv_sec * 1000 + (left.tv_usec + 999) / 1000);
}

void AresChannel::process(int socket, short events) {
  const bool is_broken = (events & (POLLERR | POLLHUP)) != 0;  // reading or writing tells how
  const bool is_readable = is_broken || (events & POLLIN) != 0;
  const bool is_writable = is_broken || (events & POLLOUT) != 0;
  ares_process_fd(handle_, is_readable ? socket : ARES_SOCKET_BAD, is_writable ? socket : ARES_SOCKET_BAD);
}

}  // namespace dns
