#include "dmarc/tree_walk.hpp"

#include <algorithm>
#include <set>

namespace dmarc {
namespace {

constexpr std::size_t max_labels_after_start = 7;  // RFC 9989 §4.10 step 4

/// How far the choice of an Organizational Domain (§4.10.2) has come: its number of labels, and whether that is final.
struct Choice {
  bool is_final = false;
  std::size_t labels = 0;

  friend auto operator<=>(const Choice&, const Choice&) = default;
};

enum class Content { nothing, psd_undefined, psd_yes, psd_no };

/// What a name holds, or all it could hold.
std::vector<Content> possible_contents(const Step& step) {
  if (step.is_failed()) return {Content::nothing, Content::psd_undefined, Content::psd_yes, Content::psd_no};
  if (!step.record) return {Content::nothing};
  switch (step.record->record.psd) {
    case PublicSuffix::yes:
      return {Content::psd_yes};
    case PublicSuffix::no:
      return {Content::psd_no};
    case PublicSuffix::undefined:
      break;
  }
  return {Content::psd_undefined};
}

Choice choose(Choice choice, const Step* step, Content content) {
  if (step == nullptr || choice.is_final || content == Content::nothing) return choice;
  const std::size_t labels = step->name.label_count();
  if (content == Content::psd_undefined) return {false, labels};  // so far the one with the fewest labels
  if (content == Content::psd_yes && !step->is_start) return {true, labels + 1};
  return {true, labels};
}

using Choices = std::set<std::pair<Choice, Choice>>;

/// Both walks' names, longest first; a name that both ask for once, for what it holds is the same for both.
std::vector<base::Domain> names_of_both(const TreeWalk& a, const TreeWalk& b) {
  std::vector<base::Domain> names;
  for (const Step& step : a.steps()) names.push_back(step.name);
  for (const Step& step : b.steps())
    if (a.find(step.name) == nullptr) names.push_back(step.name);
  std::stable_sort(names.begin(), names.end(),
                   [](const base::Domain& x, const base::Domain& y) { return x.label_count() > y.label_count(); });
  return names;
}

/// Follows both walks side by side through everything that failing names could hold. Without failures there is one
/// pair throughout; with them at most a few hundred (two walks of 8 names, 3 outcomes each).
Choices choose_for_both(const TreeWalk& a, const TreeWalk& b) {
  Choices choices{{Choice{false, a.start().label_count()}, Choice{false, b.start().label_count()}}};
  for (const base::Domain& name : names_of_both(a, b)) {
    const Step* at_a = a.find(name);
    const Step* at_b = b.find(name);
    const std::vector<Content> contents = possible_contents(at_a != nullptr ? *at_a : *at_b);
    Choices next;
    for (const auto& pair : choices)
      for (const Content content : contents)
        next.emplace(choose(pair.first, at_a, content), choose(pair.second, at_b, content));
    choices = std::move(next);
  }
  return choices;
}

}  // namespace

std::vector<base::Domain> walk_names(const base::Domain& start) {
  std::vector<base::Domain> names{start};
  const std::size_t labels = start.label_count();
  for (std::size_t n = std::min(labels - 1, max_labels_after_start); n > 0; --n) names.push_back(start.last_labels(n));
  return names;
}

TreeWalk::TreeWalk(dns::View& view, const base::Domain& start) {
  for (const base::Domain& name : walk_names(start)) steps_.push_back(look(view, name));
  steps_.front().is_start = true;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (!steps_[i].is_answered) is_complete_ = false;
    if (!steps_[i].is_end()) continue;
    steps_.erase(steps_.begin() + static_cast<std::ptrdiff_t>(i) + 1, steps_.end());
    return;
  }
}

const Step* TreeWalk::find(const base::Domain& name) const {
  const auto step = std::find_if(steps_.begin(), steps_.end(), [&](const Step& s) { return s.name == name; });
  return step == steps_.end() ? nullptr : &*step;
}

std::vector<base::Domain> possible_organizations(const TreeWalk& walk) {
  std::set<std::size_t> label_counts;
  for (const auto& pair : choose_for_both(walk, walk)) label_counts.insert(pair.first.labels);
  std::vector<base::Domain> domains;
  for (const std::size_t labels : label_counts) domains.push_back(walk.start().last_labels(labels));
  return domains;
}

Alignment compare_organizations(const TreeWalk& a, const TreeWalk& b) {
  bool can_be_equal = false, can_differ = false;
  for (const auto& pair : choose_for_both(a, b)) {
    const bool is_equal = a.start().last_labels(pair.first.labels) == b.start().last_labels(pair.second.labels);
    (is_equal ? can_be_equal : can_differ) = true;
  }
  if (can_be_equal && can_differ) return Alignment::unknown;
  return can_be_equal ? Alignment::yes : Alignment::no;
}

}  // namespace dmarc
