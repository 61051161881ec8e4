#pragma once
// RFC 9989 §4.10 once more, from its sequential text, slow and obvious: a name is its labels, a walk asks one name after
// the other. Shares nothing with the product. A failing name is any of the things it could hold: every such world is
// walked through.

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace model {

using Labels = std::vector<std::string>;  // of a name, left to right

/// What stands at _dmarc.<name>.
struct Entry {
  enum Kind { nothing, no_data, one, several, failure } kind = nothing;
  char psd = 'u';
  std::string p, sp, np;  // as meant; "" is not there
  bool has_rua = false, is_spf_strict = false, is_dkim_strict = false, is_testing = false, has_repeated_tag = false;
  bool is_alias = false;  // reached by a CNAME, which changes nothing
};
using World = std::map<std::string, Entry>;  // by the name without _dmarc

inline Labels labels_of(const std::string& name) {
  Labels labels{""};
  for (const char c : name) {
    if (c == '.')
      labels.emplace_back();
    else
      labels.back() += c;
  }
  return labels;
}

inline std::string name_of(const Labels& labels) {
  std::string name;
  for (const auto& label : labels) name += (name.empty() ? "" : ".") + label;
  return name;
}

inline const Entry* record_at(const World& world, const std::string& name) {
  const auto found = world.find(name);
  return found != world.end() && found->second.kind == Entry::one ? &found->second : nullptr;
}

/// Of a record with a repeated tag no tag counts (RFC 6376 §3.2), though it is one.
inline char psd_of(const Entry& record) { return record.has_repeated_tag ? 'u' : record.psd; }

/// §4.10 steps 1 to 7: the names at which the walk found a record, in order.
inline std::vector<std::string> walk(const World& world, const std::string& start) {
  std::vector<std::string> found;
  Labels target = labels_of(start);
  for (bool is_first = true; !target.empty(); is_first = false) {
    if (const Entry* record = record_at(world, name_of(target))) {
      found.push_back(name_of(target));
      if (psd_of(*record) != 'u') break;
    }
    const std::size_t x = target.size();
    target.erase(target.begin());
    if (is_first && x >= 8)
      while (target.size() > 7) target.erase(target.begin());
  }
  return found;
}

inline std::string one_below(const std::string& name, const std::string& suffix) {
  Labels labels = labels_of(name);
  while (labels.size() > labels_of(suffix).size() + 1) labels.erase(labels.begin());
  return name_of(labels);
}

/// §4.10.2, the choice among what a walk found. `sought` is the name whose Organizational Domain it is.
inline std::string choose(const World& world, const std::vector<std::string>& found, const std::string& sought) {
  for (const auto& name : found) {
    if (psd_of(world.at(name)) == 'n') return name;
    if (psd_of(world.at(name)) == 'y' && name != sought) return one_below(sought, name);
  }
  return found.empty() ? sought : found.back();
}

inline std::string organization(const World& world, const std::string& name) { return choose(world, walk(world, name), name); }

/// §4.10.1: the name whose record applies; "" for none.
inline std::string policy_name(const World& world, const std::string& author) {
  if (record_at(world, author)) return author;
  Labels start = labels_of(author);
  const std::size_t x = start.size();
  start.erase(start.begin());
  while (x > 8 && start.size() > 7) start.erase(start.begin());
  if (start.empty()) return "";
  const auto found = walk(world, name_of(start));
  const std::string chosen = choose(world, found, author);
  for (const auto& name : found)
    if (name == chosen) return name;
  return !found.empty() && psd_of(world.at(found.back())) == 'y' ? found.back() : "";
}

/// Everything that the failing names could hold.
inline std::vector<World> completions(const World& world) {
  std::vector<World> worlds{world};
  for (const auto& [name, entry] : world) {
    if (entry.kind != Entry::failure) continue;
    std::vector<World> next;
    for (const World& known : worlds)
      for (const char content : {'-', 'u', 'y', 'n'}) {
        next.push_back(known);
        Entry& filled = next.back()[name];
        filled.kind = content == '-' ? Entry::nothing : Entry::one;
        filled.psd = content;
        filled.has_repeated_tag = false;
      }
    worlds = next;
  }
  return worlds;
}

}  // namespace model
