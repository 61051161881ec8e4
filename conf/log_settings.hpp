#pragma once
// What the configuration says of the log; see settings.hpp.

#include <string>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "conf/position.hpp"

namespace conf {

enum class LogTarget { standard_error, syslog, journal };
enum class LogFormat { text, json };

struct Logging {
  LogTarget target = LogTarget::standard_error;
  Position target_position;
  LogFormat format = LogFormat::text;
  base::LogLevel level = base::LogLevel::info;
  std::vector<std::pair<base::LogComponent, base::LogLevel>> levels;  // in place of `level`, each component at most once
  std::string facility = "mail";                                      // syslog: only
  friend bool operator==(const Logging&, const Logging&) = default;
};

}  // namespace conf
