#pragma once
// A table of the file onto a struct, by a table of entries. The first wrong thing ends it.

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conf/node.hpp"
#include "conf/options.hpp"

namespace conf {

/// Throws Error for a name that nobody knows, naming the nearest of `known` (all dotted, as `name` is).
[[noreturn]] void fail_unknown(const Member& member, const std::string& name, const std::vector<std::string>& known);

/// `node` is a table. `prefix` is what stands before a name in the keys of `entries`, `path` what stands
/// before those keys in the file, for messages.
template <class S>
void apply(S& settings, const Node& node, std::span<const Entry<S>> entries, const std::string& prefix,
           const std::string& path) {
  for (const Member& member : node.members) {
    const std::string key = prefix + member.name;
    const bool is_plain = member.name.find('.') == std::string::npos;  // "a.b" in quotes is not a.b
    const auto is_it = [&](const Entry<S>& entry) { return entry.key == key; };
    const auto is_in = [&](const Entry<S>& entry) { return entry.key.starts_with(key + "."); };
    const auto found = std::find_if(entries.begin(), entries.end(), is_it);
    if (is_plain && found != entries.end()) {
      found->set(settings, member.value);
    } else if (is_plain && std::any_of(entries.begin(), entries.end(), is_in)) {
      if (!member.value.is(Node::Kind::table)) fail(member.value, "a table, [" + path + key + "]");
      apply(settings, member.value, entries, key + ".", path);
    } else {
      std::vector<std::string> known;
      for (const auto& entry : entries) known.push_back(path + std::string(entry.key));
      fail_unknown(member, path + key, known);
    }
  }
}

}  // namespace conf
