#pragma once
// `signet shadow`: sums up what signetd logged in shadow mode (auth/shadow.hpp), and says whether to switch.

#include <cstdint>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "cli/log_lines.hpp"

namespace cli {

inline constexpr int exit_look_at_differences = 1;  // or nothing was compared

struct ShadowOptions {
  std::string log;  // as read_log() takes it
  bool json = false;
};

/// Of one mechanism and one reason.
struct ShadowGroup {
  static constexpr std::size_t max_examples = 3;  // the latest
  struct Example {
    std::string queue_id, from, ours, theirs;
  };
  std::uint64_t count = 0;
  std::vector<Example> examples;
};

class ShadowSum {
 public:
  void add(const LogLine& line);

  [[nodiscard]] std::uint64_t messages() const { return messages_ + untold_; }
  [[nodiscard]] std::uint64_t equal() const { return equal_; }
  [[nodiscard]] const std::map<std::pair<std::string, std::string>, ShadowGroup>& groups() const { return groups_; }
  [[nodiscard]] const std::optional<base::UnixTime>& first() const { return first_; }
  [[nodiscard]] const std::optional<base::UnixTime>& last() const { return last_; }
  /// Messages were compared, and nothing stands against the switch.
  [[nodiscard]] bool is_safe() const;

 private:
  void add_difference(const LogLine& line);
  void add_tally(const LogLine& line);

  std::uint64_t messages_ = 0, equal_ = 0;
  std::uint64_t untold_ = 0;   // messages that differed since signetd last told how many it had compared
  std::string last_queue_id_;  // the lines of one message follow each other
  std::map<std::pair<std::string, std::string>, ShadowGroup> groups_;  // by mechanism and reason; both are known words
  std::optional<base::UnixTime> first_, last_;
};

/// 0: safe to switch; exit_look_at_differences. Throws FileError: the log cannot be read.
int run_shadow(const ShadowOptions& options, std::ostream& out);

}  // namespace cli
