#include "cli/import_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace cli {
namespace {

using migrate::Severity;
using nlohmann::json;
using Out = std::back_insert_iterator<std::string>;

constexpr std::array<std::pair<Severity, std::string_view>, 3> headings = {{
    {Severity::problem, "Needs your hand: not carried over, or a key that cannot be used"},
    {Severity::warning, "Different from before, or a danger already"},
    {Severity::note, "Good to know"},
}};

std::size_t count(const migrate::Findings& findings, Severity severity) {
  return static_cast<std::size_t>(
      std::count_if(findings.all().begin(), findings.all().end(), [&](const auto& f) { return f.severity == severity; }));
}

void explain_findings(std::string& out, const migrate::Findings& findings, Severity severity, std::string_view heading) {
  if (count(findings, severity) == 0) return;
  fmt::format_to(Out(out), "{}\n", heading);
  for (const auto& finding : findings.all())
    if (finding.severity == severity) fmt::format_to(Out(out), "  {}: {}\n", migrate::to_text(finding.place), finding.text);
  out += '\n';
}

void explain_changes(std::string& out, std::string_view heading, const std::vector<migrate::PostfixChange>& changes) {
  if (changes.empty()) return;
  fmt::format_to(Out(out), "{}\n", heading);
  for (const auto& change : changes) {
    fmt::format_to(Out(out), "  {}\n", migrate::to_text(change.place));
    if (!change.before.empty()) fmt::format_to(Out(out), "    - {}\n", change.before);
    if (!change.after.empty()) fmt::format_to(Out(out), "    + {}\n", change.after);
  }
  out += '\n';
}

json or_null(const std::string& text) { return text.empty() ? json() : json(text); }

json to_json(const std::vector<migrate::PostfixChange>& changes) {
  json out = json::array();
  for (const auto& change : changes)
    out.push_back({{"file", change.place.file},
                   {"line", change.place.line == 0 ? json() : json(change.place.line)},
                   {"before", or_null(change.before)},
                   {"after", or_null(change.after)}});
  return out;
}

}  // namespace

std::string explain_import(const migrate::Import& import) {
  std::string out;
  for (const auto& [severity, heading] : headings) explain_findings(out, import.findings, severity, heading);
  explain_changes(out,
                  "First, beside the old programs: mode = \"shadow\" at the top of the new file changes nothing and compares.\n"
                  "After a week `signet shadow` says what differed. The lines of Postfix for that time",
                  import.shadow);
  explain_changes(out, "Lines of Postfix that change with the switch, mode = \"shadow\" taken out again", import.postfix);
  if (import.toml.empty())
    out += "There is nothing to import. Name the old files if they lie elsewhere: signet import --help\n";
  const std::size_t omitted = import.findings.omitted();
  fmt::format_to(Out(out), "{} to do by hand, {} different, {} to know{}\n", count(import.findings, Severity::problem),
                 count(import.findings, Severity::warning), count(import.findings, Severity::note),
                 omitted == 0 ? "" : fmt::format("; {} more are not shown", omitted));
  return out;
}

json to_json(const migrate::Import& import) {
  json findings = json::array();
  for (const auto& finding : import.findings.all())
    findings.push_back({{"severity", migrate::to_text(finding.severity)},
                        {"file", finding.place.file},
                        {"line", finding.place.line == 0 ? json() : json(finding.place.line)},
                        {"text", finding.text}});
  return {{"configuration", import.toml},
          {"shadow", to_json(import.shadow)},
          {"postfix", to_json(import.postfix)},
          {"findings", findings},
          {"findings_omitted", import.findings.omitted()}};
}

}  // namespace cli
