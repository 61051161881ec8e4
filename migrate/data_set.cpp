#include "migrate/data_set.hpp"

#include <fmt/format.h>

#include <array>
#include <filesystem>

#include "base/text.hpp"
#include "conf/syntax.hpp"
#include "migrate/lines.hpp"

namespace migrate {
namespace {

constexpr std::array<std::string_view, 9> data_bases = {
    "db:", "dsn:", "ldap:", "ldaps:", "ldapi:", "lua:", "memcache:", "erlang:", "mdb:"};

bool is_data_base(std::string_view text) {
  for (const auto prefix : data_bases)
    if (text.starts_with(prefix)) return true;
  return text.ends_with(".db");
}

bool is_full(const DataSet& set, const Place& place, Findings& findings) {
  if (set.entries.size() < max_data_entries) return false;
  findings.problem(place, fmt::format("more than {} entries: the rest is left out", max_data_entries));
  return true;
}

std::optional<DataSet> read_table(const std::string& path, bool has_patterns, Findings& findings) {
  const auto lines = read_lines(path, findings);
  if (!lines) return std::nullopt;
  DataSet set{has_patterns, {}};
  for (const auto& line : *lines) {
    const std::string_view text = strip_comment(line.text);
    if (text.empty()) continue;
    if (is_full(set, {path, line.number}, findings)) break;
    const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
    set.entries.push_back({std::string(text.substr(0, end)), std::string(base::trim(text.substr(end))), {path, line.number}});
  }
  return set;
}

DataSet read_list(std::string_view text, const Place& place, Findings& findings) {
  DataSet set;
  for (const std::string_view part : base::split(text, ',')) {
    const std::string_view item = base::trim(part);
    if (item.empty()) continue;
    if (is_full(set, place, findings)) break;
    const std::size_t equals = item.find('=');
    const std::string_view value = equals == std::string_view::npos ? std::string_view() : item.substr(equals + 1);
    set.entries.push_back({std::string(base::trim(item.substr(0, equals))), std::string(base::trim(value)), place});
  }
  return set;
}

}  // namespace

std::string cite(const DataEntry& entry) {
  return fmt::format("{}: {}{}{}", to_text(entry.place), conf::printable_words(entry.key), entry.value.empty() ? "" : " ",
                     conf::printable_words(entry.value));
}

std::string resolve(const std::string& path, const std::string& base_directory) {
  return (std::filesystem::path(base_directory) / path).string();
}

std::optional<DataSet> read_data_set(const OldSetting& setting, const std::string& base_directory, Findings& findings) {
  const std::string_view text = setting.value;
  const auto after = [&](std::string_view prefix) { return std::string(text.substr(prefix.size())); };
  if (text.starts_with("refile:")) return read_table(resolve(after("refile:"), base_directory), true, findings);
  if (text.starts_with("file:")) return read_table(resolve(after("file:"), base_directory), false, findings);
  if (text.starts_with("csl:")) return read_list(text.substr(4), setting.place, findings);
  if (is_data_base(text)) {
    findings.problem(setting.place, fmt::format("{} is a data base, which is not read here: write its contents to a file, one "
                                                "entry a line, name that (file:/PATH) and import again",
                                                setting.name));
    return std::nullopt;
  }
  if (text.starts_with('/')) return read_table(std::string(text), false, findings);
  return read_list(text, setting.place, findings);
}

}  // namespace migrate
