#pragma once
// Lines of the log as the rooms hand them over: a level, the component that speaks, a text for people and fields for
// programs. milter/ decides where they go; here is what they look like there: `key=value` or a JSON object, one line each
// whatever the values hold.

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace base {

enum class LogLevel { debug, info, warning, error };

/// Who speaks. Each may have a level of its own (`log.levels`).
enum class LogComponent {
  message,  // the one line of each message
  shadow,   // where the old chain said otherwise
  dns,
  dmarc,
  keys,
  milter,
  control,
  config,
  metrics,
  daemon,  // start and end
};
inline constexpr std::size_t log_components = 10;

[[nodiscard]] std::string_view to_text(LogLevel level);
[[nodiscard]] std::string_view to_text(LogComponent component);
[[nodiscard]] std::optional<LogLevel> find_log_level(std::string_view text);
[[nodiscard]] std::optional<LogComponent> find_log_component(std::string_view text);

/// Keys and values in their order. Values are kept as they are; each form of a line escapes them in its own way.
class LogFields {
 public:
  static constexpr std::size_t max_outside_octets = 128;

  /// `key` is a literal: it is not copied.
  LogFields& add(std::string_view key, std::string_view value);
  /// A value from outside: what is beyond max_outside_octets is cut off, which "..." shows.
  LogFields& add_outside(std::string_view key, std::string_view value);
  /// With one decimal.
  LogFields& add_decimal(std::string_view key, double value);
  LogFields& add_number(std::string_view key, std::uint64_t value);

  struct Field {
    std::string_view key, value;  // borrowed from the LogFields
    bool is_number = false;
  };
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] Field at(std::size_t i) const;

 private:
  struct Entry {
    std::string_view key;
    std::size_t begin = 0;
    bool is_number = false;
  };
  void begin(std::string_view key, bool is_number);

  std::string values_;  // one behind the other
  std::vector<Entry> entries_;
};

/// "component: text key=value key=value"; without the first part where there is no text. An empty value is "-"; octets
/// that are not visible ASCII are \xNN.
[[nodiscard]] std::string text_line(LogComponent component, std::string_view text, const LogFields& fields);
/// The pairs alone.
[[nodiscard]] std::string text_line(const LogFields& fields);

struct LogMoment {
  std::chrono::system_clock::time_point time;
  LogLevel level = LogLevel::info;
};
/// One object: time (RFC 3339, UTC), level, component, message (the text, if there is one), then the fields. Valid UTF-8:
/// octets of a value that are not become U+FFFD.
[[nodiscard]] std::string json_line(const LogMoment& moment, LogComponent component, std::string_view text,
                                    const LogFields& fields);

class Log {
 public:
  virtual ~Log() = default;
  Log() = default;
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  /// Any thread. Never throws and never blocks for long: losing a line is better than losing a message. `text` is one line,
  /// and what it holds from outside went through base::printable.
  virtual void write(LogLevel level, LogComponent component, std::string_view text, const LogFields& fields) noexcept = 0;
  void write(LogLevel level, LogComponent component, std::string_view text) noexcept { write(level, component, text, {}); }
  /// Whether such a line would be written: saves making one for nothing.
  [[nodiscard]] virtual bool wants(LogLevel, LogComponent) const noexcept { return true; }
  /// Lines that were wanted and could not be written, so far.
  [[nodiscard]] virtual std::size_t lost_lines() const noexcept { return 0; }
};

/// For tests and tools that want silence.
class NullLog final : public Log {
 public:
  using Log::write;
  void write(LogLevel, LogComponent, std::string_view, const LogFields&) noexcept override {}
};

}  // namespace base
