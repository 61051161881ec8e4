#pragma once
// The new configuration while it is made: settings as TOML, each with the words that say where it came from.

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace migrate {

/// A value and its comment. `toml`: as TOML.
struct Cell {
  std::string toml;
  std::string why;
};

struct DraftKey {
  std::string selector;
  std::string file;
  std::string why;
};

/// One [[sign.rule]].
struct DraftRule {
  std::vector<Cell> from;  // patterns, as conf/ wants them, not quoted
  std::string domain;      // empty: the From domain
  std::vector<DraftKey> keys;
};

class Draft {
 public:
  /// `key`: dotted, of conf::options(). What is set twice keeps the last.
  void set(std::string_view key, std::string toml, std::string why);
  void set_text(std::string_view key, std::string_view text, std::string why);
  void set_flag(std::string_view key, bool value, std::string why);
  /// A list that is written even when nothing is added to it.
  void open_list(std::string_view key, std::string why);
  /// An item, unless the list has it.
  void add_text(std::string_view key, std::string_view text, std::string why);

  [[nodiscard]] bool has(std::string_view key) const { return values_.find(std::string(key)) != values_.end(); }
  /// Whether a list has this item.
  [[nodiscard]] bool contains(std::string_view key, std::string_view text) const;

  /// A line for the end of the file: what was not carried over.
  void leave_out(std::string line) { left_out_.push_back(std::move(line)); }

  /// The file. Settings stand in the order of conf::options(), under their tables.
  [[nodiscard]] std::string write() const;

  std::vector<DraftRule> rules;

 private:
  struct Value {
    Cell scalar;              // of a list: `why` only
    std::vector<Cell> items;  // of a list
    bool is_list = false;
  };
  [[nodiscard]] static std::string write_value(std::string_view name, const Value& value);

  std::map<std::string, Value> values_;
  std::vector<std::string> left_out_;
};

}  // namespace migrate
