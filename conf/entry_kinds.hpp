#pragma once
// How the rows of the option table are made: one function per kind of value. Each takes the key, how to reach
// the field (a generic lambda, so that it serves reading and writing), the bounds and the help.

#include <fmt/format.h>
#include <chrono>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "conf/node.hpp"
#include "conf/options.hpp"
#include "conf/syntax.hpp"

namespace conf::kinds {

inline Settings initial(const Settings&) { return defaults(); }
inline SignRule initial(const SignRule&) { return {}; }
inline SignKey initial(const SignKey&) { return {}; }

template <class S, class Set, class Show>
Entry<S> make(std::string_view key, std::string type, std::string_view help, Set set, Show show) {
  Entry<S> entry;
  entry.key = key;
  entry.type = std::move(type);
  entry.help = help;
  entry.default_text = show(initial(S{}));
  entry.set = std::move(set);
  entry.show = std::move(show);
  return entry;
}

template <class E>
using Names = std::vector<std::pair<std::string_view, E>>;

/// One of a few words.
template <class S = Settings, class E, class Get>
Entry<S> choice(std::string_view key, Get get, const Names<E>& names, std::string_view help) {
  std::string type = "one of";
  for (const auto& [name, value] : names) type += fmt::format("{} \"{}\"", type == "one of" ? "" : ",", name);
  const auto set = [=](S& s, const Node& node) {
    for (const auto& [name, value] : names)
      if (node.is(Node::Kind::text) && node.text == name) return static_cast<void>(get(s) = value);
    fail(node, type);
  };
  const auto show = [=](const S& s) {
    for (const auto& [name, value] : names)
      if (get(s) == value) return quote_toml(name);
    return std::string();
  };
  return make<S>(key, type, help, set, show);
}

/// true or false.
template <class S = Settings, class Get>
Entry<S> boolean(std::string_view key, Get get, std::string_view help) {
  const auto set = [=](S& s, const Node& node) {
    if (!node.is(Node::Kind::boolean)) fail(node, "true or false");
    get(s) = node.boolean;
  };
  return make<S>(key, "true or false", help, set, [=](const S& s) { return std::string(get(s) ? "true" : "false"); });
}

/// A whole number.
template <class S = Settings, class Get>
Entry<S> number(std::string_view key, Get get, std::int64_t least, std::int64_t most, std::string_view unit,
                std::string_view help) {
  const std::string type = fmt::format("a whole number{}{} between {} and {}", unit.empty() ? "" : " of ", unit, least, most);
  const auto set = [=](S& s, const Node& node) {
    if (!node.is(Node::Kind::integer) || node.integer < least || node.integer > most) fail(node, type);
    get(s) = static_cast<std::remove_reference_t<decltype(get(s))>>(node.integer);
  };
  auto entry = make<S>(key, type, help, set, [=](const S& s) { return std::to_string(get(s)); });
  entry.unit = unit;
  return entry;
}

/// A duration of the node, or nothing when it is none: a string with a unit, or whole seconds.
[[nodiscard]] std::optional<std::chrono::milliseconds> duration_of(const Node& node);

/// A duration. `or_none`: zero is allowed too, whatever `least` is.
template <class S = Settings, class Get>
Entry<S> duration(std::string_view key, Get get, std::chrono::milliseconds least, std::chrono::milliseconds most,
                  std::string_view help, bool or_none = false) {
  const std::string type = fmt::format("a duration between {} and {}{}", format_duration(least), format_duration(most),
                                       or_none ? ", or \"0s\" for none" : "");
  const auto set = [=](S& s, const Node& node) {
    using Field = std::remove_reference_t<decltype(get(s))>;
    const auto value = duration_of(node);
    if (!value) fail(node, type + " (a string such as \"500ms\", \"20s\", \"15m\", \"1h\" or \"1d\", or whole seconds)");
    const bool is_none = or_none && value->count() == 0;
    if (!is_none && (*value < least || *value > most)) fail(node, type);
    get(s) = std::chrono::duration_cast<Field>(*value);
    if (get(s) != *value) fail(node, type + ", in whole seconds");
  };
  auto entry = make<S>(key, type, help, set, [=](const S& s) { return quote_toml(format_duration(get(s))); });
  entry.unit = "seconds";
  return entry;
}

/// A string that `read` understands; what it gives is kept.
template <class S = Settings, class Get, class Read>
Entry<S> text(std::string_view key, Get get, std::string_view type, Read read, std::string_view help) {
  const auto set = [=](S& s, const Node& node) {
    auto value = node.is(Node::Kind::text) ? read(node.text) : std::nullopt;
    if (!value) fail(node, type);
    get(s) = std::move(*value);
  };
  return make<S>(key, std::string(type), help, set, [=](const S& s) { return quote_toml(get(s)); });
}

/// A `read` for text() and list() from a yes-or-no check.
[[nodiscard]] std::function<std::optional<std::string>(std::string_view)> when(bool (*check)(std::string_view));
/// The same, but an empty string passes.
[[nodiscard]] std::function<std::optional<std::string>(std::string_view)> when_or_empty(bool (*check)(std::string_view));

/// `get_position` is set to where the value stands.
template <class S, class Get>
Entry<S> with_position(Entry<S> entry, Get get_position) {
  entry.set = [set = std::move(entry.set), get_position](S& s, const Node& node) {
    set(s, node);
    get_position(s) = node.position;
  };
  return entry;
}

/// Read at the start only.
template <class S>
Entry<S> at_restart(Entry<S> entry) {
  entry.needs_restart = true;
  return entry;
}

}  // namespace conf::kinds
