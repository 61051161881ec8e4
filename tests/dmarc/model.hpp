#pragma once
// The result of a message by RFC 9989 §4.10.1 and §5.3, in the model's world (model_walk.hpp). What differs between the
// worlds that failures leave possible is not known.

#include <set>

#include "tests/dmarc/model_walk.hpp"

namespace model {

enum class State { passed, failed, unknown };

struct Trial {
  World world;
  std::string author;
  char existence = 'y';                                    // of the author: y, n, or ? (a failure)
  std::vector<std::pair<std::string, State>> identifiers;  // the first is SPF's
};

inline bool is_policy(const std::string& text) { return text == "none" || text == "quarantine" || text == "reject"; }

/// §4.10.1: what a record asks for; "unusable" if nothing can be done with it.
inline std::string policy_of(const Entry& record, bool is_inherited, char existence) {
  if (record.has_repeated_tag) return "unusable";
  const bool is_faulty =
      !is_policy(record.p) || (!record.sp.empty() && !is_policy(record.sp)) || (!record.np.empty() && !is_policy(record.np));
  if (is_faulty) return record.has_rua ? "none" : "unusable";
  if (!is_inherited) return record.p;
  if (existence == 'n' && !record.np.empty()) return record.np;
  return record.sp.empty() ? record.p : record.sp;
}

struct Expected {
  std::string result, policy_name, policy;  // policy: before t=y; "" is not known
  friend bool operator==(const Expected&, const Expected&) = default;
};

/// §5.3: how the result comes about from what is aligned in every world and in some world.
inline std::string result_of(const Trial& trial, const std::vector<World>& worlds, const Entry& record) {
  bool is_pass = false, is_unknown = false;
  for (std::size_t i = 0; i < trial.identifiers.size(); ++i) {
    const auto& [name, state] = trial.identifiers[i];
    const bool is_strict = i == 0 ? record.is_spf_strict : record.is_dkim_strict;
    std::size_t count = 0;
    for (const World& world : worlds)
      if (name == trial.author || (!is_strict && organization(world, name) == organization(world, trial.author))) ++count;
    if (state == State::passed && count == worlds.size()) is_pass = true;
    if (state != State::failed && count > 0) is_unknown = true;
  }
  return is_pass ? "pass" : is_unknown ? "temperror" : "fail";
}

inline Expected expect(const Trial& trial) {
  const std::vector<World> worlds = completions(trial.world);
  std::set<std::string> names;
  for (const World& world : worlds) names.insert(policy_name(world, trial.author));
  if (names.size() > 1) return {"temperror", "", ""};
  const std::string name = *names.begin();
  if (name.empty()) return {"none", "", ""};
  const Entry& record = trial.world.at(name);
  const std::string policy = policy_of(record, name != trial.author, trial.existence);
  if (policy == "unusable") return {"permerror", name, ""};
  return {result_of(trial, worlds, record), name, policy};
}

}  // namespace model
