#pragma once
// main.cf and master.cf as Postfix reads them, postconf(5) and master(5): logical lines, which go on while lines begin
// with a blank; comments and empty lines do not end them.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/finding.hpp"
#include "migrate/lines.hpp"

namespace migrate {

/// Several lines as one, with the number of the first.
[[nodiscard]] std::vector<Line> join_lines(const std::vector<Line>& lines);

struct MainParameter {
  std::string name;
  std::string value;
  Place place;
};

class MainConfig {
 public:
  static constexpr std::size_t max_expansion_octets = 64UL * 1024;
  static constexpr unsigned max_expansion_depth = 8;

  MainConfig() = default;
  MainConfig(const std::vector<Line>& lines, const std::string& file);

  /// The one in force: the last. Null: not set.
  [[nodiscard]] const MainParameter* find(std::string_view name) const;
  [[nodiscard]] const std::vector<MainParameter>& all() const { return all_; }
  /// Every $name, ${name} and $(name) that the file sets in place of its value; others stay.
  [[nodiscard]] std::string expand(std::string_view text) const;

 private:
  void expand_into(std::string& out, std::string_view text, unsigned depth) const;

  std::vector<MainParameter> all_;
};

struct MasterService {
  std::string name;
  std::string type;
  std::string line;     // the whole logical line
  std::string command;  // with its arguments
  Place place;
};

[[nodiscard]] std::vector<MasterService> read_master(const std::vector<Line>& lines, const std::string& file);

/// The items of a list, at commas and blanks; what stands in braces is one item, braces included.
[[nodiscard]] std::vector<std::string> split_items(std::string_view text);

}  // namespace migrate
