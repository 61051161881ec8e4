#pragma once
// OpenDKIM's KeyTable: names of keys, each with signing domain, selector and private key.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/data_set.hpp"
#include "migrate/pattern.hpp"

namespace migrate {

/// One key. Every "%" in `file`, and a `domain` of "%", stand for the From domain.
struct OldKey {
  std::string name;
  std::string domain;  // d=
  std::string selector;
  std::string file;  // absolute
  std::string why;
  Place place;

  [[nodiscard]] bool has_author_domain() const { return domain == "%"; }
  [[nodiscard]] bool has_author_file() const { return file.find('%') != std::string::npos; }
};

/// With `domain` in the place of every "%".
[[nodiscard]] std::string fill_in(std::string_view text, std::string_view domain);

class KeyTable {
 public:
  /// Entries that Signet cannot use become problems.
  KeyTable(const DataSet& set, const std::string& base_directory, Findings& findings);

  [[nodiscard]] const OldKey* find(const std::string& name) const;
  /// The names that are domains which `pattern` covers: what "%" can stand for in a SigningTable.
  [[nodiscard]] std::vector<base::Domain> domains_below(const Pattern& pattern) const;

 private:
  void add(const DataEntry& entry, const std::string& base_directory, Findings& findings);

  std::map<std::string, OldKey> keys_;
};

/// The domains that `pattern` covers for which a file with this name exists; "%" in it stands for the domain.
[[nodiscard]] std::vector<base::Domain> find_domains_with_file(const std::string& file, const Pattern& pattern);

}  // namespace migrate
