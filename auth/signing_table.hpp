#pragma once
// Which keys sign for whom. Looked up by hash: ten thousand domains cost no more than one.

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "dkim/signer.hpp"
#include "message/author.hpp"

namespace auth {

struct SigningRule {
  std::optional<base::Domain> domain;  // d=; none: the From domain
  struct Key {
    std::string selector;
    dkim::PrivateKey key;
  };
  std::vector<Key> keys;
};

class SigningTable {
 public:
  /// `pattern`: "user@dom", "dom", "*.dom" (names below dom), "*". False: not one, or there already.
  bool add(std::string_view pattern, std::size_t rule);
  std::size_t add_rule(SigningRule rule);

  /// Whether the configuration names this domain, as d= or in a pattern: not by "*." or "*" alone.
  [[nodiscard]] bool is_named(std::string_view domain) const { return named_.find(std::string(domain)) != named_.end(); }
  [[nodiscard]] bool is_empty() const { return rules_.empty(); }
  /// The keys for this author: by address, domain, nearest "*." above it, "*"; empty: no rule.
  [[nodiscard]] std::vector<dkim::SigningKey> find(const message::Address& author) const;

 private:
  [[nodiscard]] const SigningRule* find_rule(const message::Address& author) const;

  std::vector<SigningRule> rules_;
  std::unordered_map<std::string, std::size_t> by_pattern_;
  std::unordered_set<std::string> named_;
};

}  // namespace auth
