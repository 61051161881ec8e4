#include "auth/signing_table.hpp"

#include <map>

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

/// The one From domain that a pattern means; "*.dom" and "*" mean many.
std::optional<base::Domain> domain_of(const std::string& pattern) {
  const auto domain = base::Domain::parse(pattern.substr(pattern.rfind('@') + 1));
  return domain && !pattern.starts_with('*') ? std::optional(*domain) : std::nullopt;
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

Signers SigningTable::find(const message::Address& author) const {
  const SigningRule* rule = find_rule(author);
  if (rule == nullptr) return {{}, "no-rule-for-domain"};
  Signers signers{{}, rule->keys.empty() ? "no-active-key" : "key-differs"};
  for (const auto& key : rule->keys)
    if (!key.is_refused || !*key.is_refused)
      signers.keys.push_back({rule->domain.value_or(author.domain), key.selector, key.key});
  return signers;
}

std::vector<KeyUse> SigningTable::uses() const {
  std::map<std::pair<std::string, std::string>, KeyUse> found;  // by domain and selector
  for (const auto& [pattern, number] : by_pattern_) {
    const SigningRule& rule = rules_[number];
    const auto domain = rule.domain ? rule.domain : domain_of(pattern);
    if (!domain) continue;
    for (const auto& key : rule.keys)
      found.emplace(std::pair(domain->text(), key.selector), KeyUse{*domain, key.selector, key.key, key.is_refused});
  }
  std::vector<KeyUse> uses;
  for (auto& [name, use] : found) uses.push_back(std::move(use));
  return uses;
}

}  // namespace auth
