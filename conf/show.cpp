#include <fmt/format.h>

#include "conf/options.hpp"

namespace conf {
namespace {

std::string show_rule(const SignRule& rule) {
  std::string out = "\n[[sign.rule]]\n";
  for (const auto& entry : rule_options())
    if (const std::string value = entry.show(rule); !value.empty()) out += fmt::format("{} = {}\n", entry.key, value);
  return out;
}

}  // namespace

std::string show(const Settings& settings) {
  std::string out;
  std::string_view table;
  for (const auto& option : options()) {
    if (table_of(option.key) != table) {
      table = table_of(option.key);
      out += fmt::format("\n[{}]\n", table);
    }
    out += fmt::format("{} = {}\n", name_in_table(option.key), option.show(settings));
  }
  for (const auto& rule : settings.sign.rules) out += show_rule(rule);
  return out;
}

}  // namespace conf
