#pragma once
// What the cases of all areas have in common: how their members are read, and how what came of one is judged.

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "tests/corpus/report.hpp"

namespace corpus {

[[nodiscard]] std::string read_octets(const std::filesystem::path& file);

/// Whether an object has the member, and not null for it: a source states nothing by null.
[[nodiscard]] bool states(const nlohmann::json& object, const char* key);

// Members of an object; empty (or false) when absent or something else.
[[nodiscard]] std::string text_of(const nlohmann::json& object, const char* key);
[[nodiscard]] bool flag_of(const nlohmann::json& object, const char* key);
[[nodiscard]] nlohmann::json list_of(const nlohmann::json& object, const char* key);

/// A single value as text, whatever its type; numbers and strings of digits are the same.
[[nodiscard]] std::string as_text(const nlohmann::json& value);

/// A field's text unfolded, white space collapsed, and none behind a "=", where a long line may be folded, too.
[[nodiscard]] std::string unfolded(std::string_view text);

/// What a case came to.
struct Outcome {
  bool is_right = false;
  std::string expected, got;
  std::string_view section;  // what our answer rests on, "RFC 7208 §4.6.4"
  bool is_disputed = false;  // by a rule of the runner: the source is at odds with the RFC
};

/// The last word: passed also if `accept` lists what we got; disputed if the case says so (text or true).
void settle(const nlohmann::json& test, const Outcome& outcome, Report& report);

using CaseRunner = std::function<void(const nlohmann::json& test)>;

/// Runs each case. One that is not of the format is skipped with what is missing; any other exception is a failure.
void run_cases(const nlohmann::json& cases, const CaseRunner& run, Report& report);

}  // namespace corpus
