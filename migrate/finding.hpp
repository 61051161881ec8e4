#pragma once
// What an import has to say: one line about one place of an old file.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace migrate {

struct Place {
  std::string file;
  std::uint32_t line = 0;  // from 1; 0: the file as a whole
  friend bool operator==(const Place&, const Place&) = default;
};

/// "FILE:LINE", or "FILE".
[[nodiscard]] std::string to_text(const Place& place);

enum class Severity {
  note,     // good to know, nothing to do
  warning,  // behaves differently from before, or was a danger already
  problem,  // not carried over: needs a hand
};

[[nodiscard]] std::string_view to_text(Severity severity);

struct Finding {
  Severity severity = Severity::note;
  Place place;
  std::string text;  // one line; values of the file made printable
};

/// All of one import. More than max_findings are counted, not kept: a file of nonsense needs no more to be recognized.
class Findings {
 public:
  static constexpr std::size_t max_findings = 2000;

  void note(Place place, std::string text) { add({Severity::note, std::move(place), std::move(text)}); }
  void warn(Place place, std::string text) { add({Severity::warning, std::move(place), std::move(text)}); }
  void problem(Place place, std::string text) { add({Severity::problem, std::move(place), std::move(text)}); }

  [[nodiscard]] const std::vector<Finding>& all() const { return all_; }
  [[nodiscard]] std::size_t omitted() const { return omitted_; }  // how many were not kept
  [[nodiscard]] bool has_problem() const { return has_problem_; }

 private:
  void add(Finding finding);

  std::vector<Finding> all_;
  std::size_t omitted_ = 0;
  bool has_problem_ = false;
};

}  // namespace migrate
