#pragma once
// Where log lines go. The rooms below the daemon hand over finished text; milter/ decides about stderr or
// syslog. Lines hold no newline; values from outside went through base::printable.

#include <string_view>

namespace base {

enum class LogLevel { debug, info, warning, error };

class Log {
 public:
  virtual ~Log() = default;
  Log() = default;
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  /// Any thread. Never throws and never blocks for long: losing a line is better than losing a message.
  virtual void write(LogLevel level, std::string_view line) noexcept = 0;
};

/// For tests and tools that want silence.
class NullLog final : public Log {
 public:
  void write(LogLevel, std::string_view) noexcept override {}
};

}  // namespace base
