#pragma once
// The daemon's log on stderr or syslog. The one file that knows spdlog is log_sink.cpp.

#include <memory>

#include "base/log.hpp"
#include "conf/settings.hpp"

namespace milter {

class DaemonLog : public base::Log {
 public:
  /// Lines below it are not written from now on. Any thread.
  virtual void set_level(base::LogLevel level) noexcept = 0;
};

/// Lines are queued and written by a thread of their own, so that a full pipe never stops a message. When the
/// queue is full the oldest lines go; how many is logged with the next warning. Flushed at destruction.
[[nodiscard]] std::unique_ptr<DaemonLog> make_log(const conf::Logging& settings);

/// Whether `name` is a syslog facility.
[[nodiscard]] bool is_syslog_facility(const std::string& name);

}  // namespace milter
