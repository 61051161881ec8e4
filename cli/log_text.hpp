#pragma once
// The line that signetd logged about one message, found by its queue id and put into words.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "cli/log_lines.hpp"

namespace cli {

struct LoggedMessage {
  LogLine line;           // the last with the queue id: mail servers use them again
  std::size_t count = 1;  // how many have it
};

/// `log` as read_log() takes it; throws as it does. Nothing: no line has it.
[[nodiscard]] std::optional<LoggedMessage> find_in_log(const std::string& log, const std::string& queue_id);

/// Was a value cut when it was logged?
[[nodiscard]] bool is_cut(std::string_view value);

[[nodiscard]] std::string explain_log_line(const LoggedMessage& logged);
/// time, count, fields {as logged}, meaning
[[nodiscard]] nlohmann::json to_json(const LoggedMessage& logged);

}  // namespace cli
