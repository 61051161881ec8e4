#include "milter/log_sink.hpp"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/syslog_sink.h>
#include <syslog.h>

#include <array>
#include <atomic>
#include <utility>

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

spdlog::sink_ptr make_sink(const conf::Logging& settings) {
  if (settings.target == conf::LogTarget::standard_error) {
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    sink->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z signetd[%P] %l: %v");
    return sink;
  }
  const auto* facility = find_facility(settings.facility);
  auto sink = std::make_shared<spdlog::sinks::syslog_sink_mt>("signetd", LOG_PID,
                                                              facility == nullptr ? LOG_MAIL : facility->second, true);
  sink->set_pattern("%v");
  return sink;
}

class SpdlogLog final : public DaemonLog {
 public:
  explicit SpdlogLog(const conf::Logging& settings)
      : pool_(std::make_shared<spdlog::details::thread_pool>(queue_lines, 1)),
        logger_(std::make_shared<spdlog::async_logger>("signetd", make_sink(settings), pool_,
                                                       spdlog::async_overflow_policy::overrun_oldest)) {
    set_level(settings.level);
    logger_->flush_on(spdlog::level::info);
    logger_->set_error_handler([](const std::string&) {});  // a log that cannot be written has nowhere to say so
  }
  ~SpdlogLog() override { pool_.reset(); }  // writes what is queued, then joins; the logger lives until then
  SpdlogLog(const SpdlogLog&) = delete;
  SpdlogLog& operator=(const SpdlogLog&) = delete;

  void write(base::LogLevel level, std::string_view line) noexcept override {
    try {
      report_lost_lines();
      logger_->log(to_spdlog(level), "{}", line);
    } catch (...) {  // base::Log: losing a line is better than losing a message
      ++unwritten_;
    }
  }

  void set_level(base::LogLevel level) noexcept override { logger_->set_level(to_spdlog(level)); }

 private:
  void report_lost_lines() {
    const std::size_t overrun = pool_->overrun_counter() + unwritten_;
    const std::size_t before = reported_.exchange(overrun);
    if (overrun > before)
      logger_->warn("log: {} lines were lost because they came faster than they could be written", overrun - before);
  }

  std::shared_ptr<spdlog::details::thread_pool> pool_;
  std::shared_ptr<spdlog::async_logger> logger_;
  std::atomic<std::size_t> reported_{0}, unwritten_{0};
};

}  // namespace

std::unique_ptr<DaemonLog> make_log(const conf::Logging& settings) { return std::make_unique<SpdlogLog>(settings); }

bool is_syslog_facility(const std::string& name) { return find_facility(name) != nullptr; }

}  // namespace milter
