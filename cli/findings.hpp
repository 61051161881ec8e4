#pragma once
// What is worth saying about what a domain publishes: how bad, what, why it matters, and what to publish instead.

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "cli/terminal_text.hpp"

namespace cli {

enum class Severity { note, warning, problem };  // in rising order

[[nodiscard]] std::string_view to_text(Severity severity);

struct Finding {
  Severity severity = Severity::note;
  std::string what;     // may hold text from outside
  std::string why;      // why it matters, with what to do if no record can be named; nothing from outside
  std::string publish;  // the line of a zone file to have instead; empty: none can be named

  friend bool operator==(const Finding&, const Finding&) = default;
};

/// A TXT record as a line of a zone file, its text in strings of at most 255 octets.
[[nodiscard]] std::string zone_line(std::string_view name, std::string_view text);

/// Each line after `indent` spaces.
[[nodiscard]] std::string explain_findings(std::span<const Finding> findings, std::size_t indent, const Paint& paint);
/// [] {severity, what, why, publish}
[[nodiscard]] nlohmann::json describe_findings(std::span<const Finding> findings);

}  // namespace cli
