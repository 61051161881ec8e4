#include "auth/signing_table.hpp"

#include "base/text.hpp"

namespace auth {
namespace {

/// The pattern in the one form the map uses: domains as base::Domain spells them, local parts in lower case.
std::optional<std::string> normalize(std::string_view pattern) {
  if (pattern == "*") return std::string(pattern);
  const std::size_t at = pattern.rfind('@');
  const bool is_address = at != std::string_view::npos;
  const bool is_wildcard = !is_address && pattern.starts_with("*.");
  const auto domain = base::Domain::parse(pattern.substr(is_address ? at + 1 : is_wildcard ? 2 : 0));
  if (!domain || at == 0) return std::nullopt;
  if (is_address) return base::to_lower(pattern.substr(0, at)) + "@" + domain->text();
  return (is_wildcard ? "*." : "") + domain->text();
}

}  // namespace

bool SigningTable::add(std::string_view pattern, std::size_t rule) {
  auto key = normalize(pattern);
  if (key && !key->starts_with('*')) named_.insert(key->substr(key->rfind('@') + 1));
  return key && by_pattern_.emplace(std::move(*key), rule).second;
}

std::size_t SigningTable::add_rule(SigningRule rule) {
  if (rule.domain) named_.insert(rule.domain->text());
  rules_.push_back(std::move(rule));
  return rules_.size() - 1;
}

const SigningRule* SigningTable::find_rule(const message::Address& author) const {
  const auto at = [&](const std::string& key) {
    const auto found = by_pattern_.find(key);
    return found == by_pattern_.end() ? nullptr : &rules_[found->second];
  };
  if (const auto* rule = at(base::to_lower(author.local_part) + "@" + author.domain.text())) return rule;
  if (const auto* rule = at(author.domain.text())) return rule;
  for (auto parent = author.domain.parent(); parent; parent = parent->parent())
    if (const auto* rule = at("*." + parent->text())) return rule;
  return at("*");
}

std::vector<dkim::SigningKey> SigningTable::find(const message::Address& author) const {
  std::vector<dkim::SigningKey> keys;
  if (const SigningRule* rule = find_rule(author))
    for (const auto& key : rule->keys) keys.push_back({rule->domain.value_or(author.domain), key.selector, key.key});
  return keys;
}

}  // namespace auth
