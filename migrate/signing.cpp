#include "migrate/signing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "conf/syntax.hpp"

namespace migrate {
namespace {

constexpr std::size_t max_rule_patterns = 10'000;  // of all rules; conf/ takes no more rules

/// How much a pattern says: addresses most, then domains, then what is below the longest name.
std::tuple<int, std::size_t> weight(const Pattern& pattern) {
  return {-static_cast<int>(pattern.kind), pattern.kind == Pattern::Kind::below ? pattern.domain->label_count() : 0};
}

/// The d= of a rule for this pattern; empty: the From domain.
std::string domain_of(const SigningEntry& entry) { return entry.key->has_author_domain() ? "" : entry.key->domain; }

bool is_aligned(const SigningEntry& entry, const Pattern& pattern) {
  const auto* author = pattern.only_domain();
  return entry.key->has_author_domain() || (author != nullptr && author->text() == entry.key->domain);
}

/// A rule has one signing domain: the From domain's own if there is such an entry, else the first's.
std::vector<const SigningEntry*> of_one_domain(const std::vector<const SigningEntry*>& chosen, const Pattern& pattern,
                                               Findings& findings) {
  const auto own = std::find_if(chosen.begin(), chosen.end(), [&](const auto* e) { return is_aligned(*e, pattern); });
  const std::string domain = domain_of(own == chosen.end() ? *chosen.front() : **own);
  std::vector<const SigningEntry*> kept;
  for (const auto* entry : chosen) {
    const bool is_same =
        domain_of(*entry) == domain || (pattern.only_domain() != nullptr && is_aligned(*entry, pattern) && own != chosen.end());
    if (is_same)
      kept.push_back(entry);
    else
      findings.problem(entry->place, fmt::format("the second signature for {}, by {}, is not carried over: all signatures of a "
                                                 "message are by one domain",
                                                 pattern.text(), entry->key->domain));
  }
  return kept;
}

DraftKey draft_key(const SigningEntry& entry, const Pattern& pattern) {
  const auto* author = pattern.only_domain();
  return {entry.key->selector, author != nullptr ? fill_in(entry.key->file, author->text()) : entry.key->file, entry.key->why};
}

std::vector<const SigningEntry*> covering(const std::vector<SigningEntry>& entries, const Pattern& pattern) {
  std::vector<const SigningEntry*> found;
  for (const auto& entry : entries)
    if (entry.pattern.covers(pattern)) found.push_back(&entry);
  return found;
}

/// Rules, one for each combination of domain and keys.
class RuleBook {
 public:
  void add(const std::vector<const SigningEntry*>& chosen, const SigningEntry& asked) {
    DraftRule rule{{{asked.pattern.text(), asked.why}}, domain_of(*chosen.front()), {}};
    std::string id = rule.domain;
    std::set<std::pair<std::string, std::string>> seen;
    for (const auto* entry : chosen) {
      DraftKey key = draft_key(*entry, asked.pattern);
      if (!seen.emplace(key.selector, key.file).second) continue;
      id += '\n' + key.selector + '\n' + key.file;
      rule.keys.push_back(std::move(key));
    }
    const auto [place, is_new] = index_.emplace(id, rules_.size());
    if (is_new)
      rules_.push_back(std::move(rule));
    else
      rules_[place->second].from.push_back(rule.from.front());
  }
  std::vector<DraftRule> finish() { return std::move(rules_); }

 private:
  std::vector<DraftRule> rules_;
  std::map<std::string, std::size_t> index_;
};

/// Why the entry of a pattern did not sign although it matches.
std::string why_unused(const std::vector<const SigningEntry*>& chosen, const Choice& choice) {
  const std::string first = to_text(chosen.front()->place);
  if (chosen.size() > 1)
    return fmt::format("of several, OpenDKIM 2.11 takes the first and the last, {} and {}", first,
                       to_text(chosen.back()->place));
  return fmt::format("{} comes first{}", first, choice.by_order ? " (MultipleSignatures would use both)" : "");
}

}  // namespace

std::vector<const SigningEntry*> choose(std::vector<const SigningEntry*> entries, const Choice& choice) {
  if (!choice.by_order) {
    const auto heavier = [](const auto* a, const auto* b) { return weight(a->pattern) > weight(b->pattern); };
    std::stable_sort(entries.begin(), entries.end(), heavier);
    const auto is_same = [](const auto* a, const auto* b) { return a->pattern.text() == b->pattern.text(); };
    entries.erase(std::unique(entries.begin(), entries.end(), is_same), entries.end());  // a table has one value for a name
  }
  if (entries.size() > 2 && choice.takes_several) return {entries.front(), entries.back()};  // a defect of OpenDKIM 2.11
  if (entries.size() > 1 && !choice.takes_several) entries.resize(1);
  return entries;
}

std::vector<DraftRule> make_rules(const std::vector<SigningEntry>& entries, const Choice& choice, Findings& findings) {
  RuleBook book;
  std::set<std::string> done;
  for (const auto& entry : entries) {
    const auto chosen = choose(covering(entries, entry.pattern), choice);
    if (std::find(chosen.begin(), chosen.end(), &entry) == chosen.end())
      findings.warn(entry.place,
                    fmt::format("{}: this entry was never used: {}", entry.pattern.text(), why_unused(chosen, choice)));
    if (!done.insert(entry.pattern.text()).second) continue;
    if (done.size() > max_rule_patterns) {
      findings.problem(entry.place, fmt::format("more than {} patterns: the rest is left out", max_rule_patterns));
      break;
    }
    book.add(of_one_domain(chosen, entry.pattern, findings), entry);
  }
  return book.finish();
}

}  // namespace migrate
