#pragma once
// The one table of settings. Parsing, `signet config`, the sample file and the manual page come from it.

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "conf/settings.hpp"

namespace conf {

/// A value as TOML gives it. Durations are strings with a unit ("20s", "500ms", "15m", "1d") or whole seconds.
using Value = std::variant<bool, std::int64_t, std::string, std::vector<std::string>>;

struct Option {
  std::string_view key;           // dotted: "dns.timeout"
  std::string_view type;          // for people: "duration", "one of enforce, monitor", "list of networks"
  std::string_view default_text;  // as TOML
  std::string_view unit;          // "seconds", "octets", ""
  std::string_view help;          // full sentences: what, and when to touch it
  std::string_view since;         // version
  /// Checks and sets; the error text says what was expected ("a duration between 1s and 300s").
  std::function<base::Result<void, std::string>(Settings&, const Value&, const Position&)> set;
  /// The value in these settings, as TOML.
  std::function<std::string(const Settings&)> show;
};

[[nodiscard]] std::span<const Option> options();

/// The sample file: every option commented out with its help and default.
[[nodiscard]] std::string sample_file();

/// The effective settings as TOML, every option.
[[nodiscard]] std::string show(const Settings& settings);

}  // namespace conf
