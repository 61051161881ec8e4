#pragma once
// Whose mail an entry of an old SigningTable is about, as patterns of ours.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/domain.hpp"

namespace migrate {

struct Pattern {
  enum class Kind { address, domain, below, all };  // user@dom, dom, *.dom, *
  Kind kind = Kind::all;
  std::string user;                    // address: in lower case
  std::optional<base::Domain> domain;  // of all but `all`

  [[nodiscard]] std::string text() const;  // as `from` of a rule
  /// Whether everything that `other` means is meant by this, too.
  [[nodiscard]] bool covers(const Pattern& other) const;
  /// One From domain, if it is about no other.
  [[nodiscard]] const base::Domain* only_domain() const;
};

/// What a key of the table means. `caveat`: where the patterns mean a little less than it did.
struct PatternReading {
  std::vector<Pattern> patterns;
  std::string fault;         // why there are none
  bool is_harmless = false;  // of a fault: the old table never matched either
  std::string caveat;
};

/// `has_wildcards`: of a refile, where "*" stands for anything in the whole address; else of another table, where the
/// address, its domain, ".parent" and "*" are looked up as they are (opendkim.conf(5) SigningTable).
[[nodiscard]] PatternReading read_pattern(std::string_view key, bool has_wildcards);

}  // namespace migrate
