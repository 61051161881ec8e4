#include "cli/report_summary_text.hpp"

#include <fmt/chrono.h>

#include <algorithm>
#include <ctime>
#include <iterator>
#include <span>

namespace cli {
namespace {

using nlohmann::json;
using report::Reason;
using report::Source;
using report::SourceKind;
using report::Summary;
using Out = std::back_insert_iterator<std::string>;

constexpr std::size_t max_sources_shown = 50;  // --json has all
constexpr std::size_t max_reporters_shown = 5, max_policies_shown = 10, max_networks_shown = 3;
constexpr std::size_t least_name_columns = 24, most_name_columns = 48;

/// "2026-11-20 23:59"; what no calendar has, as the number it is.
std::string time_text(std::int64_t seconds) {
  constexpr std::int64_t end_of_9999 = 253'402'300'799;
  if (seconds < 0 || seconds > end_of_9999) return fmt::to_string(seconds);
  return fmt::format("{:%Y-%m-%d %H:%M}", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

std::string share(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "0%";
  return fmt::format("{:.1f}%", 100 * static_cast<double>(part) / static_cast<double>(whole));
}

template <class Range>
std::string joined(const Range& range, std::size_t most, std::string_view separator) {
  std::string out;
  std::size_t shown = 0;
  for (const std::string& one : range) {
    if (shown++ == most) return fmt::format("{}{}{} more", out, separator, range.size() - most);
    out += (out.empty() ? "" : std::string(separator)) + readable(one);
  }
  return out;
}

std::string counts_text(const std::map<std::string, std::uint64_t>& counts) {
  std::vector<std::string> parts;
  for (const auto& [word, count] : counts) parts.push_back(fmt::format("{} {}", word, count));
  return joined(parts, parts.size(), ", ");
}

// --- the head

std::string reporters_text(const Summary& summary) {
  std::vector<std::string> parts;
  for (const report::Reporter& one : summary.reporters)
    parts.push_back(fmt::format("{} of {}", one.reports, one.org_name.empty() ? one.email : one.org_name));
  return joined(parts, max_reporters_shown, ", ");
}

std::string head(const Summary& summary, const Paint& paint) {
  std::string out = fmt::format("Reports   {}\n", reporters_text(summary));
  if (summary.duplicates != 0)
    fmt::format_to(Out(out), "          {} not counted: the same Report-ID came before\n", summary.duplicates);
  fmt::format_to(Out(out), "Period    {} to {} UTC\n", time_text(summary.begin), time_text(summary.end));
  fmt::format_to(Out(out), "Policy    {}\n", joined(summary.policies, max_policies_shown, "\n          "));
  const std::uint64_t passed = summary.messages - std::min(summary.failed, summary.messages);
  fmt::format_to(Out(out), "Messages  {}: {} passed DMARC ({}), {}\n", summary.messages, passed,
                 share(passed, summary.messages),
                 paint(summary.failed == 0 ? green : red, fmt::format("{} failed", summary.failed)));
  return out;
}

// --- the table

std::string name_of(const Source& source) {
  if (source.kind == SourceKind::own) return readable(source.domain) + " (itself)";
  return readable(source.name) + " as " + readable(source.domain);
}

std::string cut_to(const std::string& name, std::size_t columns) {
  return name.size() <= columns ? name : name.substr(0, columns - 3) + "...";
}

std::size_t name_columns(std::span<const Source> sources) {
  std::size_t columns = least_name_columns;
  for (const Source& source : sources) columns = std::max(columns, name_of(source).size());
  return std::min(columns, most_name_columns);
}

std::string row(const Source& source, std::size_t columns, const Paint& paint) {
  const std::string failed = fmt::format("{:>9}", source.neither);
  return fmt::format("{:<{}} {:>10} {:>10} {:>10} {}  {}\n", cut_to(name_of(source), columns), columns, source.messages,
                     source.dkim, source.spf, source.neither == 0 ? failed : paint(red, failed),
                     counts_text(source.dispositions));
}

std::string table(std::span<const Source> sources, const Paint& paint) {
  const std::size_t columns = name_columns(sources);
  std::string out = paint(bold, fmt::format("{:<{}} {:>10} {:>10} {:>10} {:>9}  {}", "Source", columns, "messages", "DKIM",
                                            "SPF", "failed", "what was done")) +
                    "\n";
  for (const Source& source : sources) out += row(source, columns, paint);
  return out;
}

// --- the reasons

std::string explain(const Reason& reason, const Paint& paint) {
  const std::string_view weight = reason.is_failure ? "failed" : "note";
  return fmt::format("  {} {}: {}\n      {}\n", reason.messages, paint(reason.is_failure ? red : plain, weight),
                     readable(reason.what), readable(reason.advice));
}

std::string explain(const Source& source, const Paint& paint) {
  if (source.reasons.empty() && source.overrides.empty()) return {};
  std::string out =
      fmt::format("\n{}, from {}\n", paint(bold, name_of(source)), joined(source.networks, max_networks_shown, ", "));
  if (!source.overrides.empty())
    fmt::format_to(Out(out), "  the policy was not applied to some: {}\n", counts_text(source.overrides));
  for (const Reason& reason : source.reasons) out += explain(reason, paint);
  return out;
}

// --- JSON

std::string_view to_text(SourceKind kind) {
  switch (kind) {
    case SourceKind::own:
      return "own";
    case SourceKind::other_organization:
      return "other_organization";
    case SourceKind::unknown:
      break;
  }
  return "unknown";
}

json describe(const Source& source) {
  json reasons = json::array();
  for (const Reason& one : source.reasons)
    reasons.push_back({{"messages", one.messages}, {"is_failure", one.is_failure}, {"what", one.what}, {"advice", one.advice}});
  return {{"name", source.name},
          {"kind", to_text(source.kind)},
          {"domain", source.domain},
          {"networks", source.networks},
          {"messages", source.messages},
          {"dkim", source.dkim},
          {"spf", source.spf},
          {"both", source.both},
          {"neither", source.neither},
          {"dispositions", source.dispositions},
          {"overrides", source.overrides},
          {"reasons", reasons}};
}

}  // namespace

std::string explain_summary(const Summary& summary, const Paint& paint) {
  const std::span<const Source> shown = std::span(summary.sources).first(std::min(summary.sources.size(), max_sources_shown));
  std::string out = head(summary, paint) + "\n" + table(shown, paint);
  if (shown.size() != summary.sources.size())
    fmt::format_to(Out(out), "{} more sources with fewer messages each; --json has all\n",
                   summary.sources.size() - shown.size());
  if (summary.unlisted != 0) fmt::format_to(Out(out), "{} messages of more sources than are counted\n", summary.unlisted);
  for (const Source& source : shown) out += explain(source, paint);
  return out;
}

json to_json(const Summary& summary) {
  json sources = json::array(), reporters = json::array();
  for (const Source& source : summary.sources) sources.push_back(describe(source));
  for (const report::Reporter& one : summary.reporters)
    reporters.push_back(
        {{"org_name", one.org_name}, {"email", one.email}, {"reports", one.reports}, {"messages", one.messages}});
  return {{"reports", summary.reports},   {"duplicates", summary.duplicates},
          {"begin", summary.begin},       {"end", summary.end},
          {"messages", summary.messages}, {"failed", summary.failed},
          {"unlisted", summary.unlisted}, {"reporters", reporters},
          {"policies", summary.policies}, {"sources", sources}};
}

}  // namespace cli
