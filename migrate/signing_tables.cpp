// From the tables and settings of opendkim.conf to signing entries and rules.

#include <fmt/format.h>

#include "base/text.hpp"
#include "conf/syntax.hpp"
#include "migrate/signing.hpp"

namespace migrate {
namespace {

/// Resolves the entries of a SigningTable, "%" included, to keys of the KeyTable.
class TableReader {
 public:
  TableReader(const KeyTable& keys, Findings& findings) : keys_(keys), findings_(findings) {}

  void read(const DataEntry& entry, bool has_wildcards) {
    entry_ = &entry;
    const PatternReading reading = read_pattern(entry.key, has_wildcards);
    const std::string key = conf::printable_words(entry.key);
    if (!reading.fault.empty()) return refuse(fmt::format("{} {}", key, reading.fault), reading.is_harmless);
    if (!reading.caveat.empty()) findings_.warn(entry.place, fmt::format("{} {}", key, reading.caveat));
    const std::size_t colon = entry.value.find(':');
    signer_ = colon == std::string::npos ? "" : entry.value.substr(colon + 1);
    for (const auto& pattern : reading.patterns) add(pattern, entry.value.substr(0, colon));
  }

  [[nodiscard]] const std::vector<SigningEntry>& entries() const { return entries_; }

 private:
  void refuse(const std::string& text, bool is_harmless = false) {
    if (is_harmless)
      findings_.warn(entry_->place, text);
    else
      findings_.problem(entry_->place, text);
  }

  void add(const Pattern& pattern, const std::string& name) {
    if (name != "%") return add_key(pattern, name);
    if (pattern.only_domain() != nullptr) return add_key(pattern, pattern.only_domain()->text());
    expand(pattern, keys_.domains_below(pattern), "the KeyTable",
           [&](const Pattern& domain) { add_key(domain, domain.domain->text()); });
  }

  void add_key(const Pattern& pattern, const std::string& name) {
    const OldKey* key = keys_.find(name);
    if (key == nullptr)
      return refuse(fmt::format("{}: the KeyTable has no usable key {}", pattern.text(), conf::printable_words(name)));
    if (!key->has_author_file() || pattern.only_domain() != nullptr) return push(pattern, *key);
    expand(pattern, find_domains_with_file(key->file, pattern), key->file, [&](const Pattern& domain) { push(domain, *key); });
  }

  /// A pattern without end, written out for the domains that there are now.
  template <class Add>
  void expand(const Pattern& pattern, const std::vector<base::Domain>& domains, std::string_view where, Add add_one) {
    const std::string name = conf::printable_words(where);
    if (domains.empty()) return refuse(fmt::format("{}: found no domain for \"%\" in {}", pattern.text(), name));
    findings_.warn(entry_->place, fmt::format("{}: \"%\" is written out for the {} domains found in {}; a new domain needs a "
                                              "rule of its own",
                                              pattern.text(), domains.size(), name));
    for (const auto& domain : domains) add_one(Pattern{Pattern::Kind::domain, "", domain});
  }

  void push(const Pattern& pattern, const OldKey& key) {
    if (entries_.size() >= max_data_entries)
      return refuse(fmt::format("more than {} entries: {} is left out", max_data_entries, pattern.text()));
    entries_.push_back({pattern, &key, signer_, cite(*entry_), entry_->place});
  }

  const KeyTable& keys_;
  Findings& findings_;
  const DataEntry* entry_ = nullptr;
  std::string signer_;
  std::vector<SigningEntry> entries_;
};

/// The local part that i= has with this entry; empty: what i= says without one.
std::string local_part(const SigningEntry& entry) { return entry.signer.substr(0, entry.signer.find('@')); }

bool is_own_signer(const SigningEntry& entry) {
  const std::size_t at = entry.signer.find('@');
  const std::string domain = at == std::string::npos ? "" : entry.signer.substr(at + 1);
  return domain == "%" || base::iequals(domain, entry.key->domain);
}

/// i=, which a SigningTable sets for each entry and Signet for all.
void map_identity(const std::vector<SigningEntry>& entries, Context& context) {
  const SigningEntry* first = nullptr;
  for (const auto& entry : entries)
    if (first == nullptr && !entry.signer.empty()) first = &entry;
  if (first == nullptr) return;
  const std::string local = local_part(*first);
  for (const auto& entry : entries)
    if (!is_own_signer(entry) || local_part(entry) != local)
      return context.findings.warn(entry.place,
                                   "signatures have no i= any more: it can only be the same for all "
                                   "(sign.identity), and DMARC does not look at it");
  if (conf::is_local_part(local)) context.draft.set_text("sign.identity", local, first->why);
}

void map_tables(const OldSettings& old, const OldSetting& table, const std::string& base_directory, Context& context) {
  const OldSetting* key_table = old.find("KeyTable");
  if (key_table == nullptr)
    return context.findings.problem(table.place, "there is a SigningTable and no KeyTable: no rule was made");
  const auto key_set = read_data_set(*key_table, base_directory, context.findings);
  const auto set = read_data_set(table, base_directory, context.findings);
  if (!key_set || !set) return;
  const KeyTable keys(*key_set, base_directory, context.findings);
  TableReader reader(keys, context.findings);
  for (const auto& entry : set->entries) reader.read(entry, set->has_patterns);
  const Choice choice{set->has_patterns, old.is_on("MultipleSignatures")};
  context.draft.rules = make_rules(reader.entries(), choice, context.findings);
  map_identity(reader.entries(), context);
}

/// One key for all: Domain, Selector, KeyFile.
void map_single(const OldSettings& old, const std::string& base_directory, Context& context) {
  const auto* domains = old.find("Domain");
  const auto* selector = old.find("Selector");
  const auto* file = old.find("KeyFile");
  if (domains == nullptr || selector == nullptr || file == nullptr)
    return context.findings.problem((domains != nullptr    ? domains
                                     : selector != nullptr ? selector
                                                           : file)
                                        ->place,
                                    "signing wants Domain, Selector and KeyFile, and one is missing: no rule was made");
  if (!conf::is_selector(selector->value))
    return context.findings.problem(selector->place, "this is no selector: no rule was made");
  const auto set = read_data_set(*domains, base_directory, context.findings);
  if (!set) return;
  const DraftKey key{selector->value, resolve(file->value, base_directory), cite(*selector) + "; " + cite(*file)};
  for (const auto& entry : set->entries) {
    const auto domain = conf::read_domain(entry.key);
    if (!domain) {
      context.findings.problem(entry.place, fmt::format("Domain: {} is no domain name", conf::printable_words(entry.key)));
      continue;
    }
    DraftRule rule{{{*domain, cite(*domains)}}, *domain, {key}};
    if (old.is_on("SubDomains")) rule.from.push_back({"*." + *domain, cite(*old.find("SubDomains"))});
    context.draft.rules.push_back(std::move(rule));
  }
}

}  // namespace

void map_signing(const OldSettings& old, Context& context) {
  const Cited mode = old.value("Mode", "sv");
  if (mode.value.find('s') == std::string::npos)
    return context.findings.note(mode.place, "Mode has no \"s\": nothing is signed");
  context.findings.note(
      mode.place, "mail of our own clients for which there is no rule is neither signed nor judged; opendkim verified it");
  const auto* base = old.find("BaseDirectory");
  const std::string base_directory = base == nullptr ? "" : base->value;
  if (const auto* table = old.find("SigningTable")) return map_tables(old, *table, base_directory, context);
  if (const auto* table = old.find("KeyTable"))
    return context.findings.problem(table->place,
                                    "there is a KeyTable and no SigningTable (a script chose keys?): no rule was made");
  for (const auto* name : {"Domain", "Selector", "KeyFile"})
    if (old.find(name) != nullptr) return map_single(old, base_directory, context);
  context.findings.note({old.program(), 0}, "opendkim had no keys: nothing is signed");
}

}  // namespace migrate
