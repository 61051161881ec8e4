#include "milter/log_sink.hpp"

#include <fmt/format.h>
#include <paths.h>
#include <spdlog/async.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/syslog_sink.h>
#include <syslog.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <utility>

#include "conf/load.hpp"
#include "milter/journal.hpp"
#include "milter/line_writer.hpp"

namespace milter {
namespace {

constexpr std::size_t queue_lines = 2048;  // 400 octets each, taken at the start

constexpr std::array<std::pair<std::string_view, int>, 11> facilities = {{
    {"mail", LOG_MAIL},
    {"daemon", LOG_DAEMON},
    {"user", LOG_USER},
    {"local0", LOG_LOCAL0},
    {"local1", LOG_LOCAL1},
    {"local2", LOG_LOCAL2},
    {"local3", LOG_LOCAL3},
    {"local4", LOG_LOCAL4},
    {"local5", LOG_LOCAL5},
    {"local6", LOG_LOCAL6},
    {"local7", LOG_LOCAL7},
}};

const std::pair<std::string_view, int>* find_facility(std::string_view name) {
  for (const auto& facility : facilities)
    if (facility.first == name) return &facility;
  return nullptr;
}

spdlog::level::level_enum to_spdlog(base::LogLevel level) {
  switch (level) {
    case base::LogLevel::debug:
      return spdlog::level::debug;
    case base::LogLevel::info:
      return spdlog::level::info;
    case base::LogLevel::warning:
      return spdlog::level::warn;
    case base::LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

/// Lines that the target did not take: they are spoken of once it takes some again.
class Losses {
 public:
  void note(bool is_written) noexcept {
    if (!is_written) {
      ++lasting_;
      ++all_;
    } else if (lasting_ != 0) {
      over_ += lasting_.exchange(0);
    }
  }
  [[nodiscard]] std::size_t take() noexcept { return over_.exchange(0); }
  [[nodiscard]] std::size_t all() const noexcept { return all_; }

 private:
  std::atomic<std::size_t> lasting_{0}, over_{0}, all_{0};
};

/// The log's thread alone writes to these.
class OwnSink : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit OwnSink(Losses& losses) : losses_(losses) {}

 protected:
  virtual bool write(const spdlog::details::log_msg& message) = 0;

 private:
  void sink_it_(const spdlog::details::log_msg& message) final { losses_.note(write(message)); }
  void flush_() final {}

  Losses& losses_;
};

/// Its lines come as make_line() makes them for it.
class JournalSink final : public OwnSink {
 public:
  using OwnSink::OwnSink;

 protected:
  bool write(const spdlog::details::log_msg& message) override {
    return send_to_journal({message.payload.data(), message.payload.size()});
  }
};

class StandardErrorSink final : public OwnSink {
 public:
  using OwnSink::OwnSink;

 protected:
  bool write(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    return writer_.write({line.data(), line.size()});
  }

 private:
  LineWriter writer_{STDERR_FILENO};
};

spdlog::sink_ptr make_text_sink(const conf::Logging& settings, Losses& losses) {
  if (settings.target == conf::LogTarget::standard_error) return std::make_shared<StandardErrorSink>(losses);
  const auto* facility = find_facility(settings.facility);
  return std::make_shared<spdlog::sinks::syslog_sink_mt>("signetd", LOG_PID, facility == nullptr ? LOG_MAIL : facility->second,
                                                         true);
}

/// syslog has a time of its own, and JSON brings it along.
spdlog::sink_ptr make_sink(const conf::Logging& settings, Losses& losses) {
  if (settings.target == conf::LogTarget::journal) return std::make_shared<JournalSink>(losses);
  auto sink = make_text_sink(settings, losses);
  const bool wants_time = settings.target == conf::LogTarget::standard_error && settings.format == conf::LogFormat::text;
  sink->set_pattern(wants_time ? "%Y-%m-%dT%H:%M:%S.%e%z signetd[%P] %l: %v" : "%v");
  return sink;
}

class SpdlogLog final : public DaemonLog {
 public:
  explicit SpdlogLog(const conf::Logging& settings)
      : target_(settings.target),
        format_(settings.format),
        pool_(std::make_shared<spdlog::details::thread_pool>(queue_lines, 1)),
        logger_(std::make_shared<spdlog::async_logger>("signetd", make_sink(settings, losses_), pool_,
                                                       spdlog::async_overflow_policy::overrun_oldest)) {
    set_levels(settings);
    logger_->set_level(spdlog::level::debug);  // levels_ says what is written
    logger_->flush_on(spdlog::level::debug);
    logger_->set_error_handler([](const std::string&) {});  // a log that cannot be written has nowhere to say so
  }
  ~SpdlogLog() override { pool_.reset(); }  // writes what is queued, then joins; the logger lives until then
  SpdlogLog(const SpdlogLog&) = delete;
  SpdlogLog& operator=(const SpdlogLog&) = delete;

  using base::Log::write;
  void write(base::LogLevel level, base::LogComponent component, std::string_view text,
             const base::LogFields& fields) noexcept override {
    if (!wants(level, component)) return;
    try {
      report_lost_lines();
      put(level, component, text, fields);
    } catch (...) {  // base::Log: losing a line is better than losing a message
      ++unwritten_;
    }
  }

  [[nodiscard]] bool wants(base::LogLevel level, base::LogComponent component) const noexcept override {
    return level >= levels_[static_cast<std::size_t>(component)].load(std::memory_order_relaxed);
  }

  [[nodiscard]] std::size_t lost_lines() const noexcept override {
    return pool_->overrun_counter() + unwritten_ + losses_.all();
  }

  void set_levels(const conf::Logging& settings) noexcept override {
    std::array<base::LogLevel, base::log_components> levels{};
    levels.fill(settings.level);
    for (const auto& [component, level] : settings.levels) levels[static_cast<std::size_t>(component)] = level;
    for (std::size_t i = 0; i < levels.size(); ++i) levels_[i] = levels[i];
  }

 private:
  void put(base::LogLevel level, base::LogComponent component, std::string_view text, const base::LogFields& fields) {
    logger_->log(to_spdlog(level), "{}", make_line(level, component, text, fields));
  }

  [[nodiscard]] std::string make_line(base::LogLevel level, base::LogComponent component, std::string_view text,
                                      const base::LogFields& fields) const {
    std::string line = format_ == conf::LogFormat::json
                           ? base::json_line({std::chrono::system_clock::now(), level}, component, text, fields)
                           : base::text_line(component, text, fields);
    return target_ == conf::LogTarget::journal ? journal_entry(level, component, line, fields) : line;
  }

  void report_lost_lines() {
    const std::size_t overrun = pool_->overrun_counter() + unwritten_;
    const std::size_t before = reported_.exchange(overrun);
    if (overrun > before)
      put(base::LogLevel::warning, base::LogComponent::daemon,
          "lines of the log were lost because they came faster than they could be written",
          base::LogFields().add_number("lines", overrun - before));
    if (const std::size_t lost = losses_.take())
      put(base::LogLevel::warning, base::LogComponent::daemon, "lines of the log were lost because they could not be written",
          base::LogFields().add_number("lines", lost));
  }

  const conf::LogTarget target_;
  const conf::LogFormat format_;
  std::array<std::atomic<base::LogLevel>, base::log_components> levels_{};
  Losses losses_;  // outlives the sink, which notes them
  std::shared_ptr<spdlog::details::thread_pool> pool_;
  std::shared_ptr<spdlog::async_logger> logger_;
  std::atomic<std::size_t> reported_{0}, unwritten_{0};
};

}  // namespace

std::unique_ptr<DaemonLog> make_log(const conf::Logging& settings) {
  if (settings.target == conf::LogTarget::journal && !has_journal())
    throw conf::Error(settings.target_position, "found no journal on this machine, expected \"stderr\" or \"syslog\"");
  // It may come later, and syslog(3) finds it then; meanwhile this is the one place where it can be said.
  if (settings.target == conf::LogTarget::syslog && ::access(_PATH_LOG, W_OK) != 0)
    fmt::print(stderr, "signetd: warning: found nobody at {}, expected syslog there; lines of the log are lost until it is\n",
               _PATH_LOG);
  return std::make_unique<SpdlogLog>(settings);
}

bool is_syslog_facility(const std::string& name) { return find_facility(name) != nullptr; }

}  // namespace milter
