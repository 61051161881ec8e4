#pragma once
// A log that keeps its lines, for tests that look at them.

#include <string>
#include <vector>

#include "base/log.hpp"

namespace test {

class KeptLog final : public base::Log {
 public:
  void write(base::LogLevel level, base::LogComponent, std::string_view line, const base::LogFields&) noexcept override {
    levels.push_back(level);
    lines.emplace_back(line);
  }

  std::vector<base::LogLevel> levels;
  std::vector<std::string> lines;
};

}  // namespace test
