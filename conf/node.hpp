#pragma once
// A configuration file as a plain tree with positions: what toml_reader.cpp makes of TOML, so that nothing
// else here knows the library.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "conf/settings.hpp"

namespace conf {

struct Member;

struct Node {
  enum class Kind { boolean, integer, text, list, table, other };

  Kind kind = Kind::other;
  Position position;
  bool boolean = false;
  std::int64_t integer = 0;
  std::string text;             // of text; of other: what it is ("a date")
  std::vector<Node> items;      // of list
  std::vector<Member> members;  // of table, in the order of the file

  [[nodiscard]] bool is(Kind k) const { return kind == k; }
};

struct Member {
  std::string name;
  Position position;  // of the name
  Node value;
};

/// For messages: the value itself where it is short, else what kind of thing it is. One line of ASCII.
[[nodiscard]] std::string describe(const Node& node);

/// Throws Error: "found VALUE, expected `expected`" at the node.
[[noreturn]] void fail(const Node& node, std::string_view expected);

/// The member's value, or null.
[[nodiscard]] const Node* find_member(const Node& table, std::string_view name);

}  // namespace conf
