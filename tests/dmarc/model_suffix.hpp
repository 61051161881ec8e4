#pragma once
// RFC 7489 §6.6.3 and §3.2 in the model's world, with a public suffix list of three rules: com, net and a.com.

#include "tests/dmarc/model.hpp"

namespace model {

inline constexpr const char* suffix_rules = "com\nnet\na.com\n";

/// §3.2: one label more than the longest suffix; a suffix is its own.
inline std::string organization_by_suffix(const std::string& name) {
  Labels labels = labels_of(name);
  const std::size_t most = name == "a.com" || name.ends_with(".a.com") ? 3 : 2;
  while (labels.size() > most) labels.erase(labels.begin());
  return name_of(labels);
}

/// §6.6.3 steps 1 to 5: the name whose record applies, "" for none, "?" where the DNS failed.
inline std::string policy_name_by_suffix(const World& world, const std::string& author) {
  for (const auto& name : {author, organization_by_suffix(author)}) {
    const auto found = world.find(name);
    if (found == world.end()) continue;
    if (found->second.kind == Entry::failure) return "?";
    if (found->second.kind == Entry::several) return "";
    if (found->second.kind == Entry::one) return name;
  }
  return "";
}

/// RFC 7489 knows no np: neither does it apply nor can it be wrong.
inline Entry without_np(Entry record) {
  record.np.clear();
  return record;
}

inline std::string result_by_suffix(const Trial& trial, const Entry& record) {
  std::string result = "fail";
  for (std::size_t i = 0; i < trial.identifiers.size(); ++i) {
    const auto& [name, state] = trial.identifiers[i];
    const bool is_strict = i == 0 ? record.is_spf_strict : record.is_dkim_strict;
    const bool is_same = organization_by_suffix(name) == organization_by_suffix(trial.author);
    if (name != trial.author && (is_strict || !is_same)) continue;
    if (state == State::passed) return "pass";
    if (state == State::unknown) result = "temperror";
  }
  return result;
}

inline Expected expect_by_suffix(const Trial& trial) {
  const std::string name = policy_name_by_suffix(trial.world, trial.author);
  if (name.empty()) return {"none", "", ""};
  if (name == "?") return {"temperror", "", ""};
  const Entry record = without_np(trial.world.at(name));
  const std::string policy = policy_of(record, name != trial.author, 'y');
  if (policy == "unusable") return {"permerror", name, ""};
  return {result_by_suffix(trial, record), name, policy};
}

}  // namespace model
