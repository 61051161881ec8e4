#pragma once
// The parts of the option table, by table of the file; options.cpp puts them together.

#include <vector>

#include "conf/options.hpp"

namespace conf::groups {

[[nodiscard]] std::vector<Option> top();
[[nodiscard]] std::vector<Option> daemon();
[[nodiscard]] std::vector<Option> milter();
[[nodiscard]] std::vector<Option> control();
[[nodiscard]] std::vector<Option> metrics();
[[nodiscard]] std::vector<Option> log();
[[nodiscard]] std::vector<Option> dns();
[[nodiscard]] std::vector<Option> spf();
[[nodiscard]] std::vector<Option> dkim();
[[nodiscard]] std::vector<Option> dmarc();
[[nodiscard]] std::vector<Option> exempt();
[[nodiscard]] std::vector<Option> forwarders();
[[nodiscard]] std::vector<Option> shadow();
[[nodiscard]] std::vector<Option> keys();
[[nodiscard]] std::vector<Option> sign();

}  // namespace conf::groups
