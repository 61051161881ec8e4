#include "cli/findings.hpp"

#include <iterator>

namespace cli {
namespace {

using nlohmann::json;
using Out = std::back_insert_iterator<std::string>;

std::string_view colour_of(Severity severity) {
  switch (severity) {
    case Severity::note:
      return plain;
    case Severity::warning:
      return yellow;
    case Severity::problem:
      break;
  }
  return red;
}

}  // namespace

std::string_view to_text(Severity severity) {
  switch (severity) {
    case Severity::note:
      return "note";
    case Severity::warning:
      return "warning";
    case Severity::problem:
      break;
  }
  return "problem";
}

std::string zone_line(std::string_view name, std::string_view text) {
  constexpr std::size_t most = 255;  // of one character-string (RFC 1035 §3.3)
  std::string out = fmt::format("{}. TXT", name);
  do {
    std::string part;
    for (const char c : text.substr(0, most)) part += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    fmt::format_to(Out(out), " \"{}\"", part);
    text.remove_prefix(std::min(most, text.size()));
  } while (!text.empty());
  return out;
}

std::string explain_findings(std::span<const Finding> findings, std::size_t indent, const Paint& paint) {
  const std::string margin(indent, ' ');
  std::string out;
  for (const Finding& finding : findings) {
    fmt::format_to(Out(out), "{}{}: {}\n", margin, paint(colour_of(finding.severity), to_text(finding.severity)),
                   readable(finding.what));
    if (!finding.why.empty()) fmt::format_to(Out(out), "{}  {}\n", margin, finding.why);
    if (!finding.publish.empty()) fmt::format_to(Out(out), "{}  publish: {}\n", margin, readable(finding.publish));
  }
  return out;
}

json describe_findings(std::span<const Finding> findings) {
  json out = json::array();
  for (const Finding& finding : findings)
    out.push_back({{"severity", to_text(finding.severity)},
                   {"what", readable(finding.what)},
                   {"why", finding.why},
                   {"publish", finding.publish.empty() ? json(nullptr) : json(readable(finding.publish))}});
  return out;
}

}  // namespace cli
