#include "migrate/finding.hpp"

#include <fmt/format.h>

namespace migrate {

std::string to_text(const Place& place) { return place.line == 0 ? place.file : fmt::format("{}:{}", place.file, place.line); }

std::string_view to_text(Severity severity) {
  switch (severity) {
    case Severity::note:
      return "note";
    case Severity::warning:
      return "warning";
    case Severity::problem:
      return "problem";
  }
  return "?";
}

void Findings::add(Finding finding) {
  has_problem_ = has_problem_ || finding.severity == Severity::problem;
  if (all_.size() < max_findings)
    all_.push_back(std::move(finding));
  else
    ++omitted_;
}

}  // namespace migrate
