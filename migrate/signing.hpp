#pragma once
// Which key signed for whom, by opendkim.conf: KeyTable with SigningTable, or Domain with Selector and KeyFile. A table
// took the first entry that matched; a rule of ours, the one that says most. So for each pattern it is worked out here
// what the table did with it, and entries that never had their turn are named.

#include <string>
#include <vector>

#include "migrate/context.hpp"
#include "migrate/key_table.hpp"
#include "migrate/old_settings.hpp"

namespace migrate {

/// One entry of a SigningTable with all its names resolved.
struct SigningEntry {
  Pattern pattern;
  const OldKey* key = nullptr;
  std::string signer;  // of i=; empty: none
  std::string why;
  Place place;
};

/// How a table chose among its entries.
struct Choice {
  bool by_order = false;       // refile: the first that matches; else the one that says most
  bool takes_several = false;  // MultipleSignatures: of those that match, the first and the last
};

/// The entries that signed mail of `pattern`, in the order of the signatures. `entries`: those that cover it.
[[nodiscard]] std::vector<const SigningEntry*> choose(std::vector<const SigningEntry*> entries, const Choice& choice);

/// The rules for these entries: patterns with the same keys in one.
[[nodiscard]] std::vector<DraftRule> make_rules(const std::vector<SigningEntry>& entries, const Choice& choice,
                                                Findings& findings);

/// Adds the rules that opendkim.conf asks for.
void map_signing(const OldSettings& old, Context& context);

}  // namespace migrate
