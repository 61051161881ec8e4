#pragma once
// The daemon's log on stderr, in syslog or in the journal. The one file that knows spdlog is log_sink.cpp.

#include <memory>

#include "base/log.hpp"
#include "conf/settings.hpp"

namespace milter {

class DaemonLog : public base::Log {
 public:
  /// Lines below log.level, or the level of their component in log.levels, are not written from now on. Any thread.
  virtual void set_levels(const conf::Logging& settings) noexcept = 0;
};

/// Lines are queued and written by a thread of their own, so that a full pipe never stops a message. When the
/// queue is full the oldest lines go; how many is logged with the next line, and so are lines that could not be written, once
/// some can. Flushed at destruction. Warns on standard error where there is no syslog.
/// Throws conf::Error: there is no journal.
[[nodiscard]] std::unique_ptr<DaemonLog> make_log(const conf::Logging& settings);

/// Whether `name` is a syslog facility.
[[nodiscard]] bool is_syslog_facility(const std::string& name);

}  // namespace milter
