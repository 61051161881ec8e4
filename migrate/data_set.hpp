#pragma once
// OpenDKIM's data sets, opendkim(8) "DATA SETS": lists of names, or of names with values, in a file or in the setting
// itself. Data bases (db:, dsn:, ldap:, lua:, …) are not read.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "migrate/old_settings.hpp"

namespace migrate {

inline constexpr std::size_t max_data_entries = 10'000;

struct DataEntry {
  std::string key;
  std::string value;  // empty: only a name
  Place place;
};

/// "FILE:LINE: key value".
[[nodiscard]] std::string cite(const DataEntry& entry);

struct DataSet {
  bool has_patterns = false;  // refile: the order counts, and "*" stands for anything
  std::vector<DataEntry> entries;
};

/// `base_directory`: where relative paths start; "": where they are. Nothing, and a problem, when it cannot be read.
[[nodiscard]] std::optional<DataSet> read_data_set(const OldSetting& setting, const std::string& base_directory,
                                                   Findings& findings);

/// `path` as the old program meant it.
[[nodiscard]] std::string resolve(const std::string& path, const std::string& base_directory);

}  // namespace migrate
