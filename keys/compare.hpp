#pragma once
// What the DNS shows of a key of ours. RFC 6376 §3.6.1, §6.1.2. Pure.

#include <string>
#include <string_view>

#include "dkim/published_keys.hpp"

namespace keys {

enum class Finding {
  matching,       // this key is published
  not_published,  // there is no record: split-horizon DNS may say so, too
  different,      // another key is
  revoked,        // the record's p= is empty
  unusable,       // what is there is no key record
  no_answer,      // the DNS failed
};

[[nodiscard]] std::string_view to_text(Finding finding);  // a token: "matching", "not-published", …

struct Comparison {
  Finding finding = Finding::no_answer;
  bool is_testing = false;  // t=y in the record of this key
  std::string detail;       // of unusable: what is wrong with it; ASCII

  friend bool operator==(const Comparison&, const Comparison&) = default;
};

/// One of several records that is this key is enough, as a verifier may take any (RFC 6376 §3.6.2.2).
[[nodiscard]] Comparison compare(const dkim::PublicKey& own, const dkim::KeyLookup& lookup);

}  // namespace keys
