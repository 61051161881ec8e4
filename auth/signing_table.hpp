#pragma once
// Which keys sign for whom. Looked up by hash: ten thousand domains cost no more than one.

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "dkim/signer.hpp"
#include "message/author.hpp"

namespace auth {

/// Whether a key must not sign just now, because the DNS shows another. Whoever watches the DNS sets it, on any thread.
using KeySwitch = std::shared_ptr<std::atomic<bool>>;

struct SigningRule {
  std::optional<base::Domain> domain;  // d=; none: the From domain
  struct Key {
    std::string selector;
    dkim::PrivateKey key;
    KeySwitch is_refused{};  // null: never
  };
  std::vector<Key> keys;
};

/// Who signs for an author.
struct Signers {
  std::vector<dkim::SigningKey> keys;
  std::string_view why_none;  // token, where there is none: no-rule-for-domain no-active-key key-differs
};

/// One key as one domain signs with it.
struct KeyUse {
  base::Domain domain;  // d=
  std::string selector;
  dkim::PrivateKey key;
  KeySwitch is_refused;
};

class SigningTable {
 public:
  /// `pattern`: "user@dom", "dom", "*.dom" (names below dom), "*". False: not one, or there already.
  bool add(std::string_view pattern, std::size_t rule);
  std::size_t add_rule(SigningRule rule);

  /// Whether the configuration names this domain, as d= or in a pattern: not by "*." or "*" alone.
  [[nodiscard]] bool is_named(std::string_view domain) const { return named_.find(std::string(domain)) != named_.end(); }
  [[nodiscard]] bool is_empty() const { return rules_.empty(); }
  /// For this author: by address, domain, nearest "*." above it, "*".
  [[nodiscard]] Signers find(const message::Address& author) const;
  /// All keys, once for each domain that a rule or its patterns name: what a message alone would name is not there.
  [[nodiscard]] std::vector<KeyUse> uses() const;

 private:
  [[nodiscard]] const SigningRule* find_rule(const message::Address& author) const;

  std::vector<SigningRule> rules_;
  std::unordered_map<std::string, std::size_t> by_pattern_;
  std::unordered_set<std::string> named_;
};

}  // namespace auth
