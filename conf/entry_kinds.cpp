#include "conf/entry_kinds.hpp"

#include "conf/list_kinds.hpp"

namespace conf::kinds {
namespace {

// As many as read_duration takes of any unit, so that the product with 1000 fits.
constexpr std::int64_t max_seconds = 1'000'000'000;

}  // namespace

std::optional<std::chrono::milliseconds> duration_of(const Node& node) {
  if (node.is(Node::Kind::text)) return read_duration(node.text);
  if (!node.is(Node::Kind::integer) || node.integer < 0 || node.integer > max_seconds) return std::nullopt;
  return std::chrono::seconds{node.integer};
}

std::function<std::optional<std::string>(std::string_view)> when(bool (*check)(std::string_view)) {
  return [check](std::string_view text) { return check(text) ? std::optional(std::string(text)) : std::nullopt; };
}

std::function<std::optional<std::string>(std::string_view)> when_or_empty(bool (*check)(std::string_view)) {
  return
      [check](std::string_view text) { return text.empty() || check(text) ? std::optional(std::string(text)) : std::nullopt; };
}

std::vector<const Node*> texts_of(const Node& node, const ListWords& words) {
  if (!node.is(Node::Kind::list)) fail(node, words.list);
  if (node.items.size() > max_list_items) fail(node, fmt::format("{} of at most {} items", words.list, max_list_items));
  std::vector<const Node*> texts;
  for (const Node& item : node.items) {
    if (!item.is(Node::Kind::text)) fail(item, words.item);
    texts.push_back(&item);
  }
  return texts;
}

std::string text_itself(std::string_view text) { return std::string(text); }

}  // namespace conf::kinds
