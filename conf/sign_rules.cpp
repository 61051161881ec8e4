#include "conf/sign_rules.hpp"

#include <fmt/format.h>
#include <unordered_map>

#include "base/text.hpp"
#include "conf/apply.hpp"
#include "conf/load.hpp"
#include "conf/syntax.hpp"

namespace conf {
namespace {

constexpr std::size_t max_rules = 10'000;

[[noreturn]] void fail_incomplete(const Node& node, std::string_view found, std::string_view expected) {
  throw Error(node.position, fmt::format("found a [[sign.rule]] {}, expected {}", found, expected));
}

void check_rotation(const Node& node, const SignRule& rule) {
  if (!rule.keys.empty()) fail_incomplete(node, "with both keys and rotate = true", "one of them");
  if (rule.domain.empty()) fail_incomplete(node, "with rotate = true and no domain", "domain");
}

void check_completeness(const Node& node, const SignRule& rule) {
  const auto has = [&](std::string_view name) { return find_member(node, name) != nullptr; };
  constexpr std::string_view keys = "selector and key, or keys, or rotate = true";
  if (!has("from")) fail_incomplete(node, "without from", "from");
  if (has("keys") && (has("selector") || has("key"))) fail_incomplete(node, "with both keys and selector or key", keys);
  if (rule.rotates) return check_rotation(node, rule);
  if (has("keys") || (has("selector") && has("key"))) return;
  fail_incomplete(node,
                  has("selector") ? "with selector and no key"
                  : has("key")    ? "with key and no selector"
                                  : "without a key",
                  keys);
}

SignRule read_rule(const Node& node) {
  SignRule rule;
  apply(rule, node, rule_options(), "", "sign.rule.");
  check_completeness(node, rule);
  rule.position = node.position;
  return rule;
}

/// Where the patterns of the rules so far were written.
using Seen = std::unordered_map<std::string, Position>;

/// Letter case means nothing in a pattern, so "A@b.example" and "a@b.example" contradict each other.
void check_contradictions(const Node& from, const SignRule& rule, Seen& seen) {
  for (std::size_t i = 0; i < rule.from.size(); ++i) {
    const Position& here = from.is(Node::Kind::list) ? from.items[i].position : from.position;
    const auto [earlier, is_new] = seen.emplace(base::to_lower(rule.from[i]), here);
    if (!is_new)
      throw Error(here, fmt::format("found from \"{}\" a second time, expected it once only (it is in line {} already)",
                                    printable_words(rule.from[i]), earlier->second.line));
  }
}

}  // namespace

std::vector<SignRule> read_sign_rules(const Node& node) {
  if (!node.is(Node::Kind::list)) fail(node, "[[sign.rule]], a table in two pairs of brackets");
  if (node.items.size() > max_rules)
    throw Error(node.position, fmt::format("found more than {} rules, expected fewer", max_rules));
  std::vector<SignRule> rules;
  Seen seen;
  for (const Node& item : node.items) {
    if (!item.is(Node::Kind::table)) fail(item, "[[sign.rule]], a table in two pairs of brackets");
    rules.push_back(read_rule(item));
    check_contradictions(*find_member(item, "from"), rules.back(), seen);
  }
  return rules;
}

}  // namespace conf
