#pragma once
// The one table of settings. Parsing, `signet config`, the sample file and the manual page come from it.

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conf/settings.hpp"

namespace conf {

struct Node;  // a value of the file with its position (node.hpp)

/// One setting of an S: the whole configuration, one [[sign.rule]], or one of its keys.
template <class S>
struct Entry {
  std::string_view key;              // dotted: "dns.timeout"
  std::string type;                  // for people, with the bounds: "a duration between 1s and 120s"
  std::string default_text;          // as TOML; made by `show`, so that it cannot be another than the real one
  std::string_view unit;             // "seconds", "octets", "bits", ""; of numbers without a unit of their own
  std::string_view help;             // full sentences: what, and when to touch it
  std::string_view since = "0.1.0";  // version
  bool needs_restart = false;        // read at the start only: a reload does not change it
  /// Checks the value and sets it; throws Error saying what was found and what was expected.
  std::function<void(S&, const Node&)> set;
  /// The value in these settings, as TOML; empty: nothing to write (only in a rule).
  std::function<std::string(const S&)> show;
};

using Option = Entry<Settings>;

/// A table of the file, for headings: its name ("" for the top) and what it is about.
struct Table {
  std::string_view name;
  std::string_view help;
};

/// In the order of the sample file: the options of one table stand together, the top ones first.
[[nodiscard]] std::span<const Option> options();
[[nodiscard]] std::span<const Table> tables();
/// What a [[sign.rule]] may hold, and what one of its `keys` holds.
[[nodiscard]] std::span<const Entry<SignRule>> rule_options();
[[nodiscard]] std::span<const Entry<SignKey>> key_options();

/// The options, in the order of the table, of which the settings say different things.
[[nodiscard]] std::vector<const Option*> differences(const Settings& a, const Settings& b);

/// "dns" of "dns.timeout", "" of "mode".
[[nodiscard]] std::string_view table_of(std::string_view key);
/// "timeout" of "dns.timeout".
[[nodiscard]] std::string_view name_in_table(std::string_view key);

/// The sample file: every option commented out with its help and default.
[[nodiscard]] std::string sample_file();

/// The manual page signet.toml(5), as troff's man macros.
[[nodiscard]] std::string manual_page();

/// The effective settings as TOML, every option. Parsed again, it gives the same settings.
[[nodiscard]] std::string show(const Settings& settings);

}  // namespace conf
