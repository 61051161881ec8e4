#include "conf/apply.hpp"

#include <fmt/format.h>
#include <optional>

#include "conf/load.hpp"
#include "conf/syntax.hpp"

namespace conf {
namespace {

constexpr std::size_t max_compared_octets = 64;  // a longer name resembles none

/// The known name that `name` is most like, if it is like any: as many characters may differ as
/// a third of its own part has.
std::optional<std::string> find_nearest(std::string_view name, const std::vector<std::string>& known) {
  if (name.size() > max_compared_octets) return std::nullopt;
  std::optional<std::string> best;
  std::size_t least = std::max<std::size_t>(1, name_in_table(name).size() / 3) + 1;
  for (const auto& candidate : known) {
    const std::size_t distance = edit_distance(name, candidate);
    if (distance >= least) continue;
    least = distance;
    best = candidate;
  }
  return best;
}

/// The right name in the wrong table: a key that belongs above the first [table] is easily put below it.
std::optional<std::string> find_in_other_table(std::string_view name, const std::vector<std::string>& known) {
  const auto found = std::find_if(known.begin(), known.end(), [&](const std::string& candidate) {
    return name_in_table(candidate) == name_in_table(name);
  });
  return found == known.end() ? std::nullopt : std::optional(*found);
}

/// "dns" and "sign" of "dns.timeout" and "sign.lifetime", each once.
std::vector<std::string> tables_among(const std::vector<std::string>& known) {
  std::vector<std::string> tables;
  for (const auto& key : known) {
    const std::string table(table_of(key));
    if (!table.empty() && std::find(tables.begin(), tables.end(), table) == tables.end()) tables.push_back(table);
  }
  return tables;
}

std::string list_names_beside(std::string_view name, const std::vector<std::string>& known) {
  std::string names;
  for (const auto& key : known)
    if (table_of(key) == table_of(name)) names += fmt::format("{}{}", names.empty() ? "" : ", ", name_in_table(key));
  return names;
}

bool is_list_of_tables(const Node& node) {
  return node.is(Node::Kind::list) && !node.items.empty() && node.items.front().is(Node::Kind::table);
}

}  // namespace

void fail_unknown(const Member& member, const std::string& name, const std::vector<std::string>& known) {
  if (member.name.find('.') != std::string::npos)
    throw Error(member.position, fmt::format("found \"{}\" in quotes, expected table and key without quotes around both",
                                             printable_words(member.name)));
  const bool is_table = member.value.is(Node::Kind::table) || is_list_of_tables(member.value);
  const std::string start = fmt::format("unknown {} \"{}\"", is_table ? "table" : "key", printable_words(name));
  const auto tables = tables_among(known);
  auto near = is_table ? find_nearest(name, tables) : std::nullopt;
  if (!near) near = find_nearest(name, known);
  if (!near) near = find_in_other_table(name, known);
  if (near) throw Error(member.position, fmt::format("{}; did you mean \"{}\"?", start, *near));
  const std::string choices =
      is_table && table_of(name).empty() ? fmt::format("{}", fmt::join(tables, ", ")) : list_names_beside(name, known);
  throw Error(member.position, fmt::format("{}, expected one of {}", start, choices));
}

}  // namespace conf
