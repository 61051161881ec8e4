#include "dns/view.hpp"

#include <algorithm>

namespace dns {

const Answer* View::ask(const Question& question) {
  const auto found = known_.find(question);
  const bool is_out = found != known_.end() && !found->second;
  if (found != known_.end() && !is_out) return found->second.get();
  if (std::find(wanted_.begin(), wanted_.end(), question) != wanted_.end()) return nullptr;
  if (at_hand_ && !is_out)
    if (const Answer* answer = at_hand_(question)) return answer;
  wanted_.push_back(question);
  return nullptr;
}

std::size_t View::known_count() const {
  return static_cast<std::size_t>(
      std::count_if(known_.begin(), known_.end(), [](const auto& entry) { return entry.second != nullptr; }));
}

}  // namespace dns
