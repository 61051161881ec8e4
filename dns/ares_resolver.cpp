#include "dns/ares_resolver.hpp"

#include <ares.h>
#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <algorithm>
#include <csignal>
#include <cstring>
#include <list>
#include <map>
#include <stdexcept>
#include <thread>
#include <utility>

#include "base/text.hpp"
#include "base/time.hpp"
#include "dns/message.hpp"
#include "dns/server_address.hpp"
#include "dns/waiting_line.hpp"

namespace dns {
namespace {

using Clock = std::chrono::steady_clock;
using Servers = std::vector<ServerAddress>;

constexpr std::chrono::seconds max_channel_age{300};  // so that a changed resolv.conf is seen
constexpr std::chrono::seconds reopen_delay{5};       // after a new channel could not be opened
constexpr std::chrono::seconds max_time_in_line{10};  // whoever asked has given up by then
constexpr int receive_buffer_octets = 1024 * 1024;    // a full house of answers at once; the kernel may give less
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

/// One c-ares channel, its questions and its sockets. Only the DNS thread touches it.
class Channel {
 public:
  Channel(const AresResolver::Options& options, const Servers& servers);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel() { ares_destroy(handle_); }

  /// Takes the first of `queries`.
  void ask(Queries& queries);
  /// Ends every question that is out with server_failure.
  void cancel() { ares_cancel(handle_); }
  [[nodiscard]] Queries take_finished() { return std::exchange(finished_, {}); }

  [[nodiscard]] std::size_t in_flight() const { return in_flight_.size(); }
  [[nodiscard]] bool is_worn(std::size_t max_questions) const {
    return asked_ >= max_questions || Clock::now() - opened_ > max_channel_age;
  }
  [[nodiscard]] const std::map<int, short>& sockets() const { return sockets_; }
  [[nodiscard]] int timeout_ms() const;
  void process(int socket, short events);
  void process_timeouts() { ares_process_fd(handle_, ARES_SOCKET_BAD, ARES_SOCKET_BAD); }

 private:
  /// One question out: what c-ares hands back to us.
  struct Flight {
    Channel* channel;
    std::list<Flight>::iterator self;
    Queries query;  // just one
  };

  [[nodiscard]] ares_channel open(const AresResolver::Options& options, const Servers& servers, int flags);
  [[nodiscard]] bool has_one_server() const;
  static void answered(void* flight, int status, int timeouts, unsigned char* octets, int size) noexcept;
  static void socket_changed(void* channel, int socket, int readable, int writable) noexcept;

  std::map<int, short> sockets_;  // what to poll each for
  std::list<Flight> in_flight_;
  Queries finished_;
  std::size_t asked_ = 0;
  base::SteadyTime opened_ = Clock::now();
  ares_channel handle_;
};

Channel::Channel(const AresResolver::Options& options, const Servers& servers) {
  constexpr int flags = ARES_FLAG_EDNS | ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
  handle_ = open(options, servers, flags);
  if (!has_one_server()) return;
  // SERVFAIL and REFUSED make c-ares ask the next server; with one server that is only the same question again.
  ares_destroy(handle_);
  handle_ = open(options, servers, flags | ARES_FLAG_NOCHECKRESP);
}

ares_channel Channel::open(const AresResolver::Options& options, const Servers& servers, int flags) {
  ares_options raw{};
  raw.flags = flags;
  raw.timeout = static_cast<int>(options.timeout.count());
  raw.tries = options.tries;
  raw.ednspsz = options.udp_octets;
  raw.socket_receive_buffer_size = receive_buffer_octets;
  raw.sock_state_cb = &Channel::socket_changed;
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

bool Channel::has_one_server() const {
  ares_addr_port_node* first = nullptr;
  if (ares_get_servers_ports(handle_, &first) != ARES_SUCCESS) return false;
  const bool one = first != nullptr && first->next == nullptr;
  ares_free_data(first);
  return one;
}

void Channel::ask(Queries& queries) {
  Flight& flight = in_flight_.emplace_back(Flight{this, {}, {}});
  flight.self = std::prev(in_flight_.end());
  flight.query.splice(flight.query.end(), queries, queries.begin());
  const Question& question = flight.query.front().question;
  ++asked_;
  ares_query(handle_, escape(question.name).c_str(), dns_class_in, static_cast<int>(question.type), &Channel::answered,
             &flight);
}

/// Called by c-ares, also inside ares_query and ares_cancel. The asker's callback is called later, outside of
/// c-ares. noexcept: nothing may be thrown through C.
void Channel::answered(void* flight, int status, int /*timeouts*/, unsigned char* octets, int size) noexcept {
  Flight& landed = *static_cast<Flight*>(flight);
  Channel& channel = *landed.channel;
  Query& query = landed.query.front();
  query.answer = octets == nullptr ? make_empty_answer(status_of(status))
                                   : decode_answer({octets, static_cast<std::size_t>(size)}, query.question);
  channel.finished_.splice(channel.finished_.end(), landed.query);
  channel.in_flight_.erase(landed.self);
}

void Channel::socket_changed(void* channel, int socket, int readable, int writable) noexcept {
  auto& sockets = static_cast<Channel*>(channel)->sockets_;
  const int events = (readable != 0 ? POLLIN : 0) | (writable != 0 ? POLLOUT : 0);
  if (events == 0)
    sockets.erase(socket);
  else
    sockets[socket] = static_cast<short>(events);
}

int Channel::timeout_ms() const {
  timeval left{};
  if (ares_timeout(handle_, nullptr, &left) == nullptr) return -1;
  return static_cast<int>(left.tv_sec * 1000 + (left.tv_usec + 999) / 1000);
}

void Channel::process(int socket, short events) {
  const bool is_broken = (events & (POLLERR | POLLHUP)) != 0;  // reading or writing tells how
  const bool is_readable = is_broken || (events & POLLIN) != 0;
  const bool is_writable = is_broken || (events & POLLOUT) != 0;
  ares_process_fd(handle_, is_readable ? socket : ARES_SOCKET_BAD, is_writable ? socket : ARES_SOCKET_BAD);
}

/// c-ares wants to be initialized once for each who uses it.
class Library {
 public:
  Library() { check(ares_library_init(ARES_LIB_INIT_ALL), "cannot initialize c-ares"); }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library() { ares_library_cleanup(); }
};

void check_options(const AresResolver::Options& options) {
  constexpr int min_udp_octets = 512, max_udp_octets = 4096;  // RFC 1035 §4.2.1; more c-ares does not read
  const bool good = options.timeout.count() > 0 && options.timeout <= std::chrono::minutes{1} && options.tries > 0 &&
                    options.tries <= 10 && options.udp_octets >= min_udp_octets && options.udp_octets <= max_udp_octets &&
                    options.max_in_flight > 0 && options.questions_per_channel > 0;
  if (!good) throw std::invalid_argument("a DNS transport option is out of range");
}

}  // namespace

class AresResolver::Engine {
 public:
  Engine(Options options, base::Log& log);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine();

  void start(const Question& question, Callback done);

 private:
  void run() noexcept;
  void turn();
  void open_channel();
  void ask_waiting();
  void wait();
  [[nodiscard]] int wait_ms();
  void deliver();
  void call(Query& query);
  void drop_retired();
  [[nodiscard]] std::size_t in_flight() const;

  const Options options_;
  base::Log& log_;
  Servers servers_;
  Library library_;
  WaitingLine waiting_;

  // Of the DNS thread alone. The last channel takes the new questions; those before it finish theirs.
  std::vector<std::unique_ptr<Channel>> channels_;
  base::SteadyTime reopen_at_{};
  Queries finished_;
  std::thread thread_;
};

AresResolver::Engine::Engine(Options o, base::Log& log) : options_(std::move(o)), log_(log), waiting_(options_.max_waiting) {
  check_options(options_);
  for (const auto& text : options_.servers) {
    const auto server = ServerAddress::parse(text);
    if (!server) throw std::invalid_argument(fmt::format("not the address of a DNS server: {}", base::printable(text)));
    servers_.push_back(*server);
  }
  channels_.push_back(std::make_unique<Channel>(options_, servers_));
  // The daemon's signals are not for this thread.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error&) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw std::runtime_error("cannot start the DNS thread");
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

AresResolver::Engine::~Engine() {
  waiting_.close();
  thread_.join();
}

void AresResolver::Engine::start(const Question& question, Callback done) {
  if (!is_sendable_name(question.name) || question.name.find('\0') != std::string::npos)
    return done(make_empty_answer(Status::no_such_name));
  Queries query;
  query.push_back({question, std::move(done), Clock::now()});
  waiting_.join(query);
  if (!query.empty()) query.front().done(make_empty_answer(Status::server_failure));
}

/// noexcept: without memory for an answer the promise of one cannot be kept, and the program ends.
void AresResolver::Engine::run() noexcept {
  while (!waiting_.is_closed()) turn();
  for (auto& channel : channels_) channel->cancel();
  finished_.splice(finished_.end(), waiting_.take(options_.max_waiting));
  deliver();
}

/// One round: what waits is asked, what is answered is delivered, and in between we sleep.
void AresResolver::Engine::turn() {
  ask_waiting();
  deliver();
  wait();
  deliver();
  drop_retired();
}

/// A fresh channel takes over from a worn one, if it can be had.
void AresResolver::Engine::open_channel() {
  if (!channels_.back()->is_worn(options_.questions_per_channel) || Clock::now() < reopen_at_) return;
  try {
    channels_.push_back(std::make_unique<Channel>(options_, servers_));
  } catch (const std::exception& e) {
    reopen_at_ = Clock::now() + reopen_delay;
    log_.write(base::LogLevel::warning, e.what());
  }
}

void AresResolver::Engine::ask_waiting() {
  const std::size_t busy = in_flight();
  if (busy >= options_.max_in_flight) return;
  Queries queries = waiting_.take(options_.max_in_flight - busy);
  const base::SteadyTime oldest = Clock::now() - max_time_in_line;
  while (!queries.empty()) {
    if (queries.front().since < oldest) {
      queries.front().answer = make_empty_answer(Status::timeout);
      finished_.splice(finished_.end(), queries, queries.begin());
      continue;
    }
    open_channel();
    channels_.back()->ask(queries);
  }
}

void AresResolver::Engine::wait() {
  std::vector<pollfd> entries{{waiting_.descriptor(), POLLIN, 0}};
  std::vector<Channel*> owners{nullptr};
  for (const auto& channel : channels_)
    for (const auto& [socket, events] : channel->sockets()) {
      entries.push_back({socket, events, 0});
      owners.push_back(channel.get());
    }
  if (poll(entries.data(), entries.size(), wait_ms()) > 0) {
    if (entries[0].revents != 0) waiting_.quiet();
    // A socket that an earlier one's answer closed is unknown to its channel by now, which then does nothing.
    for (std::size_t i = 1; i < entries.size(); ++i)
      if (entries[i].revents != 0) owners[i]->process(entries[i].fd, entries[i].revents);
  }
  for (const auto& channel : channels_) channel->process_timeouts();
}

/// Until the first timeout of any channel; not at all when there is room for a question that waits.
int AresResolver::Engine::wait_ms() {
  if (in_flight() < options_.max_in_flight && !waiting_.is_empty()) return 0;
  int first = -1;
  for (const auto& channel : channels_) {
    const int next = channel->timeout_ms();
    if (next >= 0) first = first < 0 ? next : std::min(first, next);
  }
  return first;
}

void AresResolver::Engine::deliver() {
  for (const auto& channel : channels_) finished_.splice(finished_.end(), channel->take_finished());
  Queries finished = std::exchange(finished_, {});
  for (Query& query : finished) call(query);
}

void AresResolver::Engine::call(Query& query) {
  if (!query.answer) query.answer = make_empty_answer(Status::server_failure);
  try {
    query.done(std::move(query.answer));
  } catch (const std::exception& e) {
    log_.write(base::LogLevel::error, fmt::format("dns: a callback threw: {}", base::printable(e.what())));
  } catch (...) {
    log_.write(base::LogLevel::error, "dns: a callback threw");
  }
}

void AresResolver::Engine::drop_retired() {
  const auto is_finished = [this](const std::unique_ptr<Channel>& c) { return c != channels_.back() && c->in_flight() == 0; };
  if (channels_.size() > 1) std::erase_if(channels_, is_finished);
}

std::size_t AresResolver::Engine::in_flight() const {
  std::size_t count = 0;
  for (const auto& channel : channels_) count += channel->in_flight();
  return count;
}

AresResolver::AresResolver(Options options, base::Log& log) : engine_(std::make_unique<Engine>(std::move(options), log)) {}
AresResolver::~AresResolver() = default;

void AresResolver::start(const Question& question, Callback done) { engine_->start(question, std::move(done)); }

}  // namespace dns
