#pragma once
// Lines of signetd's log, read back: `key=value` as auth::log_line writes them, or JSON objects with the same keys. Whatever
// stands before (a time, a host, a program) is passed over. What is found here was written by us about text from outside:
// every value is data, none is trusted.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.hpp"

namespace cli {

inline constexpr std::size_t max_log_line_octets = 16384;  // longer ones are passed over

struct LogLine {
  std::optional<base::UnixTime> time;  // none: the line begins with no date that has a year, as of RFC 3339
  std::vector<std::pair<std::string, std::string>> fields;  // of pairs: `\xNN` undone, "-" is empty

  /// The first value of the key; empty: there is none, or it is empty.
  [[nodiscard]] std::string_view find(std::string_view key) const;
};

/// Nothing: the line holds no field.
[[nodiscard]] std::optional<LogLine> parse_log_line(std::string_view text);

/// Gives each line that parses to `take`, from the first to the last, holding one at a time. `file`: "-" is standard input;
/// empty: what journalctl has of the unit signet. Throws FileError: it cannot be read.
void read_log(const std::string& file, const std::function<void(const LogLine&)>& take);

}  // namespace cli
