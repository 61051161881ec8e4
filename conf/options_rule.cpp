// What a [[sign.rule]] and one of its keys hold.

#include "base/text.hpp"
#include "conf/apply.hpp"
#include "conf/list_kinds.hpp"
#include "conf/load.hpp"

namespace conf {
namespace {

constexpr std::size_t max_keys = 8;  // of one rule, which makes as many signatures
constexpr std::string_view key_shape = "{ selector = \"NAME\", file = \"PATH\" }";
constexpr std::string_view key_place = "the path of a file, or \"credential:NAME\"";
constexpr kinds::ListWords pattern_words = {"a pattern or a list of patterns",
                                            "a pattern: \"user@example.org\", \"example.org\", \"*.example.org\" or \"*\""};

Entry<SignRule> from() {
  const auto set = [](SignRule& rule, const Node& node) {
    if (node.is(Node::Kind::list) && node.items.empty()) fail(node, pattern_words.list);
    if (node.is(Node::Kind::list))
      return static_cast<void>(rule.from = kinds::read_items<std::string>(node, pattern_words, read_from_pattern));
    const auto pattern = node.is(Node::Kind::text) ? read_from_pattern(node.text) : std::nullopt;
    if (!pattern) fail(node, pattern_words.item);
    rule.from = {*pattern};
  };
  return kinds::make<SignRule>(
      "from", std::string(pattern_words.list),
      "Whose mail: \"user@example.org\", \"example.org\", \"*.example.org\" (everything below it) or \"*\" (everybody). "
      "Compared with the From field. The rule that says most decides: the address, else the domain, else the longest "
      "\"*.\", else \"*\"; so the order of rules means nothing.",
      set, [](const SignRule& rule) { return kinds::show_list(rule.from, kinds::text_itself); });
}

Entry<SignRule> domain() {
  const auto read = [](std::string_view text) { return text.empty() ? std::optional(std::string()) : read_domain(text); };
  return kinds::text<SignRule>(
      "domain", [](auto& rule) -> auto& { return rule.domain; }, "a domain, or \"\"", read,
      "The signing domain (d=). Empty: the From domain. For DMARC it must be that or share its Organizational Domain.");
}

/// The first key, made when there is none: what the short form fills in.
SignKey& short_form(SignRule& rule) {
  if (rule.keys.empty()) rule.keys.emplace_back();
  return rule.keys.front();
}

Entry<SignRule> short_selector() {
  const auto set = [](SignRule& rule, const Node& node) {
    if (!node.is(Node::Kind::text) || !is_selector(node.text)) fail(node, "a selector such as \"mail2026\"");
    short_form(rule).selector = node.text;
  };
  return kinds::make<SignRule>("selector", "a selector such as \"mail2026\"",
                               "The selector (s=): the public key is published at SELECTOR._domainkey.DOMAIN.", set,
                               [](const SignRule&) { return std::string(); });
}

Entry<SignRule> short_key() {
  const auto set = [](SignRule& rule, const Node& node) {
    if (!node.is(Node::Kind::text) || !is_key_place(node.text)) fail(node, key_place);
    short_form(rule).file = node.text;
    short_form(rule).position = node.position;
  };
  return kinds::make<SignRule>(
      "key", std::string(key_place),
      "The file with the private key, PEM, RSA or Ed25519, readable by Signet and not by everybody. A "
      "relative path starts at the folder of this file. \"credential:NAME\" is what systemd hands over "
      "by LoadCredential=NAME:PATH.",
      set, [](const SignRule&) { return std::string(); });
}

SignKey read_key(const Node& node) {
  if (!node.is(Node::Kind::table)) fail(node, key_shape);
  SignKey key;
  apply(key, node, key_options(), "", "sign.rule.keys.");
  for (const auto* name : {"selector", "file"})
    if (find_member(node, name) == nullptr)
      throw Error(node.position, fmt::format("found a key without {}, expected {}", name, key_shape));
  return key;
}

std::string show_keys(const SignRule& rule) {
  std::string out;
  if (rule.rotates) return out;
  for (const auto& key : rule.keys) {
    std::string members;
    for (const auto& entry : key_options())
      members += fmt::format("{}{} = {}", members.empty() ? "" : ", ", entry.key, entry.show(key));
    out += fmt::format("{}{{ {} }}", out.empty() ? "" : ", ", members);
  }
  return "[" + out + "]";
}

Entry<SignRule> keys() {
  const std::string type = fmt::format("a list of 1 to {} keys, each {}", max_keys, key_shape);
  const auto set = [type](SignRule& rule, const Node& node) {
    if (!node.is(Node::Kind::list) || node.items.empty() || node.items.size() > max_keys) fail(node, type);
    rule.keys.clear();
    for (const Node& item : node.items) {
      auto key = read_key(item);
      for (const auto& earlier : rule.keys)
        if (base::iequals(earlier.selector, key.selector))
          throw Error(item.position,
                      fmt::format("found selector \"{}\" a second time, expected another for each key", key.selector));
      rule.keys.push_back(std::move(key));
    }
  };
  return kinds::make<SignRule>("keys", type,
                               "In place of selector and key: several keys, which make one signature each, such as RSA and "
                               "Ed25519 (RFC 8463).",
                               set, show_keys);
}

Entry<SignRule> rotates() {
  auto entry = kinds::boolean<SignRule>(
      "rotate", [](auto& rule) -> auto& { return rule.rotates; },
      "In place of selector and key: the keys of the rule's domain that `signet key rotate` makes and replaces, in "
      "keys.directory. The rule must say its domain.");
  entry.show = [](const SignRule& rule) { return std::string(rule.rotates ? "true" : ""); };
  return entry;
}

}  // namespace

std::span<const Entry<SignRule>> rule_options() {
  static const std::vector<Entry<SignRule>> all = {from(), domain(), short_selector(), short_key(), keys(), rotates()};
  return all;
}

std::span<const Entry<SignKey>> key_options() {
  static const std::vector<Entry<SignKey>> all = {
      kinds::text<SignKey>(
          "selector", [](auto& key) -> auto& { return key.selector; }, "a selector such as \"mail2026\"",
          kinds::when(is_selector), "The selector (s=)."),
      kinds::with_position(
          kinds::text<SignKey>(
              "file", [](auto& key) -> auto& { return key.file; }, key_place, kinds::when(is_key_place),
              "The file with the private key, or \"credential:NAME\"."),
          [](auto& key) -> auto& { return key.position; })};
  return all;
}

}  // namespace conf
