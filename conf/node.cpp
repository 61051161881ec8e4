#include "conf/node.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "conf/load.hpp"
#include "conf/syntax.hpp"

namespace conf {

std::string describe(const Node& node) {
  switch (node.kind) {
    case Node::Kind::boolean:
      return node.boolean ? "true" : "false";
    case Node::Kind::integer:
      return std::to_string(node.integer);
    case Node::Kind::text:
      return fmt::format("\"{}\"", printable_words(node.text));
    case Node::Kind::list:
      return node.items.empty() ? "an empty list"
                                : fmt::format("a list of {} item{}", node.items.size(), node.items.size() == 1 ? "" : "s");
    case Node::Kind::table:
      return "a table";
    case Node::Kind::other:
      return node.text;
  }
  return node.text;
}

void fail(const Node& node, std::string_view expected) {
  throw Error(node.position, fmt::format("found {}, expected {}", describe(node), expected));
}

const Node* find_member(const Node& table, std::string_view name) {
  const auto found =
      std::find_if(table.members.begin(), table.members.end(), [&](const Member& member) { return member.name == name; });
  return found == table.members.end() ? nullptr : &found->value;
}

}  // namespace conf
