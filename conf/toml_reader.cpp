#include "conf/toml_reader.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>
#include <algorithm>
#include <tuple>

#include "base/text.hpp"
#include "conf/guard.hpp"
#include "conf/load.hpp"

namespace conf {
namespace {

constexpr std::size_t max_message_octets = 200;

Position to_position(const toml::source_position& at, const std::string& file) {
  return {file, static_cast<std::uint32_t>(at.line), static_cast<std::uint32_t>(at.column)};
}

/// Of the kinds that no setting has.
std::string name_other(toml::node_type type) {
  switch (type) {
    case toml::node_type::floating_point:
      return "a number that is not whole";
    case toml::node_type::date:
    case toml::node_type::date_time:
      return "a date";
    case toml::node_type::time:
      return "a time of day";
    default:
      return "something else";
  }
}

Node to_node(const toml::node& from, const std::string& file);

std::vector<Member> to_members(const toml::table& table, const std::string& file) {
  std::vector<Member> members;
  for (const auto& [key, value] : table)
    members.push_back({std::string(key.str()), to_position(key.source().begin, file), to_node(value, file)});
  std::sort(members.begin(), members.end(), [](const Member& a, const Member& b) {
    return std::tie(a.position.line, a.position.column) < std::tie(b.position.line, b.position.column);
  });
  return members;
}

/// Recursion is bounded by guard().
Node to_node(const toml::node& from, const std::string& file) {
  Node node;
  node.position = to_position(from.source().begin, file);
  if (const auto* table = from.as_table()) {
    node.kind = Node::Kind::table;
    node.members = to_members(*table, file);
  } else if (const auto* array = from.as_array()) {
    node.kind = Node::Kind::list;
    for (const auto& item : *array) node.items.push_back(to_node(item, file));
  } else if (const auto* text = from.as_string()) {
    node.kind = Node::Kind::text;
    node.text = text->get();
  } else if (const auto* number = from.as_integer()) {
    node.kind = Node::Kind::integer;
    node.integer = number->get();
  } else if (const auto* truth = from.as_boolean()) {
    node.kind = Node::Kind::boolean;
    node.boolean = truth->get();
  } else {
    node.text = name_other(from.type());
  }
  return node;
}

/// The library's own words with what it quotes of the file. It has escaped control characters already, so
/// quotes and backslashes may stay.
std::string printable_message(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, max_message_octets))
    out += c == ' ' || c == '"' || c == '\\' ? std::string(1, c) : base::printable({&c, 1});
  return out;
}

std::string name_what_it_saw(std::string_view text) {
  if (text == "'\\n'" || text == "'\\r'") return "the end of the line";
  return text == "EOF" ? "the end of the file" : printable_message(text);
}

std::string with_article(std::string_view noun) {
  const bool is_vowel = !noun.empty() && std::string_view("aeiou").find(noun.front()) != std::string_view::npos;
  return fmt::format("{} {}", is_vowel ? "an" : "a", noun);
}

/// `text` is what the library found wrong with a `context` ("value", "table header").
std::string reword_in(std::string_view context, std::string_view text) {
  constexpr std::string_view expected = "expected ", saw = ", saw ", again = "cannot redefine existing ";
  if (text.starts_with("could not determine value type"))
    return "found a value without quotes that is no number, expected text in quotes, a number, true, false or a list";
  const std::size_t name = text.find('\'');
  if (text.starts_with(again) && name != std::string_view::npos)
    return fmt::format("found {} a second time, expected it once only",
                       printable_message(text.substr(name, text.find('\'', name + 1) - name + 1)));
  const std::size_t saw_at = text.find(saw);
  if (text.starts_with(expected) && saw_at != std::string_view::npos)
    return fmt::format("found {} in {}, expected {}", name_what_it_saw(text.substr(saw_at + saw.size())), with_article(context),
                       printable_message(text.substr(expected.size(), saw_at - expected.size())));
  return fmt::format("found a faulty {} ({}), expected TOML", context, printable_message(text));
}

/// The library says "Error while parsing CONTEXT: expected Y, saw X"; we say it the way of all our messages.
std::string reword(std::string_view text) {
  constexpr std::string_view opening = "Error while parsing ";
  const std::size_t colon = text.find(": ");
  if (!text.starts_with(opening) || colon == std::string_view::npos)
    return fmt::format("found a fault ({}), expected TOML", printable_message(text));
  return reword_in(text.substr(opening.size(), colon - opening.size()), text.substr(colon + 2));
}

}  // namespace

Node read_toml(std::string_view text, const std::string& file) {
  guard(text, file);
  try {
    return to_node(toml::parse(text), file);
  } catch (const toml::parse_error& error) {
    throw Error(to_position(error.source().begin, file), reword(error.description()));
  }
}

}  // namespace conf
