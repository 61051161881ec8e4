#pragma once
// The rows whose values are lists; see entry_kinds.hpp.

#include "conf/entry_kinds.hpp"

namespace conf::kinds {

/// What a list is called ("a list of networks") and what each item is ("a network such as 192.0.2.0/24").
struct ListWords {
  std::string_view list;
  std::string_view item;
};

/// More in one list is an error, not a plan: what is read here is looked through for each message.
inline constexpr std::size_t max_list_items = 10'000;

/// The texts of a list of strings: throws Error at the list, or at the item that is not one.
[[nodiscard]] std::vector<const Node*> texts_of(const Node& node, const ListWords& words);

template <class T, class Read>
std::vector<T> read_items(const Node& node, const ListWords& words, const Read& read) {
  std::vector<T> items;
  for (const Node* item : texts_of(node, words)) {
    auto value = read(item->text);
    if (!value) fail(*item, words.item);
    items.push_back(std::move(*value));
  }
  return items;
}

/// `format` gives the text of one item.
template <class Items, class Format>
std::string show_list(const Items& items, Format format) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ", ") + quote_toml(format(item));
  return "[" + out + "]";
}

/// A list of strings; `read` gives each its value (nothing: not one), `format` its text.
template <class S = Settings, class Get, class Read, class Format>
Entry<S> list(std::string_view key, Get get, ListWords words, Read read, Format format, std::string_view help) {
  const auto set = [=](S& s, const Node& node) {
    using Items = std::remove_reference_t<decltype(get(s))>;
    get(s) = read_items<typename Items::value_type>(node, words, read);
  };
  return make<S>(key, std::string(words.list), help, set, [=](const S& s) { return show_list(get(s), format); });
}

/// The lists that several tables have.
[[nodiscard]] std::string text_itself(std::string_view text);

template <class Get>
Option networks(std::string_view key, Get get, std::string_view help) {
  const auto read = [](std::string_view text) -> std::optional<base::IpNetwork> {
    const auto network = base::IpNetwork::parse(text);
    return network ? std::optional(*network) : std::nullopt;
  };
  return list(
      key, get, {"a list of networks", "a network such as 192.0.2.0/24 or 2001:db8::/32, or one address"}, read,
      [](const base::IpNetwork& network) { return network.text(); }, help);
}

template <class Get>
Option domains(std::string_view key, Get get, std::string_view help) {
  const auto read = [](std::string_view text) -> std::optional<base::Domain> {
    const auto domain = base::Domain::parse(text);
    return domain ? std::optional(*domain) : std::nullopt;
  };
  return list(
      key, get, {"a list of domains", "a domain such as example.org"}, read,
      [](const base::Domain& domain) { return domain.text(); }, help);
}

}  // namespace conf::kinds
