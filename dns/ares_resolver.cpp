#include "dns/ares_resolver.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <algorithm>
#include <csignal>
#include <stdexcept>
#include <thread>
#include <utility>

#include "base/text.hpp"
#include "base/time.hpp"
#include "dns/ares_channel.hpp"

namespace dns {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds max_channel_age{300};  // so that a changed resolv.conf is seen
constexpr std::chrono::seconds reopen_delay{5};       // after a new channel could not be opened
constexpr std::chrono::seconds max_time_in_line{10};  // whoever asked has given up by then

std::string text_of(const ServerAddress& server) {
  const std::string address = server.address.text();
  return fmt::format("{}:{}", server.address.is_v4() ? address : "[" + address + "]", server.port);
}

void check_options(const AresResolver::Options& options) {
  constexpr int min_udp_octets = 512, max_udp_octets = 4096;  // RFC 1035 §4.2.1; more c-ares does not read
  const bool good = options.timeout.count() > 0 && options.timeout <= std::chrono::minutes{1} && options.tries > 0 &&
                    options.tries <= 10 && options.udp_octets >= min_udp_octets && options.udp_octets <= max_udp_octets &&
                    options.max_in_flight > 0 && options.questions_per_channel > 0 && options.look_again.count() > 0;
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
  void stop();

 private:
  void run() noexcept;
  void turn();
  void renew_channel();
  bool open_channel(const Servers& servers);
  void pass_over_first();
  void look_again(const Question& question);
  void ask_waiting();
  void wait();
  [[nodiscard]] int wait_ms();
  void deliver();
  void call(Query& query);
  void log_answer(const Query& query) noexcept;
  void drop_retired();
  [[nodiscard]] std::size_t in_flight() const;

  const Options options_;
  base::Log& log_;
  Servers servers_;
  AresLibrary library_;
  WaitingLine waiting_;

  // Of the DNS thread alone. The last channel takes the new questions; those before it finish theirs.
  std::vector<std::unique_ptr<AresChannel>> channels_;
  base::SteadyTime reopen_at_{};
  // While the first server is silent it is asked last, and now and then whether it answers again.
  Servers order_;  // empty: as configured
  base::SteadyTime look_again_at_{};
  Queries finished_;
  std::thread thread_;
};

AresResolver::Engine::Engine(Options o, base::Log& log) : options_(std::move(o)), log_(log), waiting_(options_.max_waiting) {
  check_options(options_);
  for (const auto& text : options_.servers) {
    const auto server = ServerAddress::parse(text);
    if (!server)
      throw std::invalid_argument(fmt::format("found \"{}\", expected the address of a DNS server", base::printable(text)));
    servers_.push_back(*server);
  }
  channels_.push_back(std::make_unique<AresChannel>(options_, servers_));
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

AresResolver::Engine::~Engine() { stop(); }

void AresResolver::Engine::stop() {
  waiting_.close();
  if (thread_.joinable()) thread_.join();
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
  pass_over_first();
  drop_retired();
}

bool AresResolver::Engine::open_channel(const Servers& servers) {
  if (Clock::now() < reopen_at_) return false;
  try {
    channels_.push_back(std::make_unique<AresChannel>(options_, servers));
    return true;
  } catch (const std::exception& e) {
    reopen_at_ = Clock::now() + reopen_delay;
    log_.write(base::LogLevel::warning, base::LogComponent::dns, e.what());
    return false;
  }
}

/// A fresh channel takes over from a worn one, if it can be had.
void AresResolver::Engine::renew_channel() {
  const AresChannel& last = *channels_.back();
  const bool is_old = Clock::now() - last.opened() > max_channel_age;
  if (!is_old && last.asked() < options_.questions_per_channel) return;
  if (is_old && servers_.empty()) order_.clear();  // resolv.conf may say otherwise by now
  open_channel(order_.empty() ? servers_ : order_);
}

/// c-ares has no memory of a server that does not answer, and would wait for it with every question.
void AresResolver::Engine::pass_over_first() {
  if (!channels_.back()->is_first_silent()) return;
  Servers order = channels_.back()->servers();
  std::rotate(order.begin(), std::next(order.begin()), order.end());
  if (!open_channel(order)) return;
  log_.write(base::LogLevel::warning, base::LogComponent::dns,
             fmt::format("{} is silent, {} is asked first", text_of(order.back()), text_of(order.front())));
  order_ = std::move(order);
  look_again_at_ = Clock::now() + options_.look_again;
}

/// Asks the server that should be first, on a channel of its own, so that nobody waits for it.
void AresResolver::Engine::look_again(const Question& question) {
  if (order_.empty() || Clock::now() < look_again_at_) return;
  look_again_at_ = Clock::now() + options_.look_again;
  const Servers first = {servers_.empty() ? order_.back() : servers_.front()};
  if (!open_channel(first)) return;
  std::swap(channels_.back(), channels_[channels_.size() - 2]);  // the last takes the questions of others
  Queries query;
  query.push_back({question, [this, first](const AnswerPtr& answer) {
                     if (is_failure(answer->status) || order_.empty() || !open_channel(servers_)) return;
                     order_.clear();
                     log_.write(base::LogLevel::info, base::LogComponent::dns,
                                fmt::format("{} answers again", text_of(first.front())));
                   }});
  channels_[channels_.size() - 2]->ask(query);
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
    renew_channel();
    look_again(queries.front().question);
    channels_.back()->ask(queries);
  }
}

void AresResolver::Engine::wait() {
  std::vector<pollfd> entries{{waiting_.descriptor(), POLLIN, 0}};
  std::vector<AresChannel*> owners{nullptr};
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

/// A line that cannot be made must not keep an answer from who waits for it.
void AresResolver::Engine::log_answer(const Query& query) noexcept try {
  log_.write(base::LogLevel::debug, base::LogComponent::dns, "asked",
             base::LogFields()
                 .add_outside("name", query.question.name)
                 .add("type", to_text(query.question.type))
                 .add("answer", to_text(query.answer->status)));
} catch (const std::exception&) {
  log_.write(base::LogLevel::error, base::LogComponent::dns, "no memory for a line");
}

void AresResolver::Engine::call(Query& query) {
  if (!query.answer) query.answer = make_empty_answer(Status::server_failure);
  if (log_.wants(base::LogLevel::debug, base::LogComponent::dns)) log_answer(query);
  try {
    query.done(std::move(query.answer));
  } catch (const std::exception& e) {
    log_.write(base::LogLevel::error, base::LogComponent::dns, fmt::format("a callback threw: {}", base::printable(e.what())));
  } catch (...) {
    log_.write(base::LogLevel::error, base::LogComponent::dns, "a callback threw");
  }
}

void AresResolver::Engine::drop_retired() {
  const auto is_finished = [this](const std::unique_ptr<AresChannel>& c) {
    return c != channels_.back() && c->in_flight() == 0;
  };
  if (channels_.size() > 1) std::erase_if(channels_, is_finished);
}

std::size_t AresResolver::Engine::in_flight() const {
  std::size_t count = 0;
  for (const auto& channel : channels_) count += channel->in_flight();
  return count;
}

AresResolver::AresResolver(Options options, base::Log& log) : engine_(std::make_unique<Engine>(std::move(options), log)) {}
AresResolver::~AresResolver() = default;

void AresResolver::stop() { engine_->stop(); }

void AresResolver::start(const Question& question, Callback done) { engine_->start(question, std::move(done)); }

}  // namespace dns
