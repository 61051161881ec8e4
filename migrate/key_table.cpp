#include "migrate/key_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/text.hpp"
#include "conf/syntax.hpp"

namespace migrate {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_folder_entries = 10'000;

/// A path, by opendkim.conf(5) KeyTable; else it is the key itself.
bool is_file(std::string_view text) { return text.starts_with('/') || text.starts_with("./") || text.starts_with("../"); }

/// What stands in `name` for every "%" of `shape`; empty: it has not that shape.
std::string match_percent(std::string_view name, std::string_view shape) {
  const std::string_view rest = name.substr(std::min(shape.find('%'), name.size()));
  for (std::size_t size = 1; size <= rest.size(); ++size)
    if (fill_in(shape, rest.substr(0, size)) == name) return std::string(rest.substr(0, size));
  return "";
}

}  // namespace

std::string fill_in(std::string_view text, std::string_view domain) {
  std::string out;
  for (const char c : text) out += c == '%' ? std::string(domain) : std::string(1, c);
  return out;
}

KeyTable::KeyTable(const DataSet& set, const std::string& base_directory, Findings& findings) {
  for (const auto& entry : set.entries) add(entry, base_directory, findings);
}

void KeyTable::add(const DataEntry& entry, const std::string& base_directory, Findings& findings) {
  const std::string name = conf::printable_words(entry.key);
  const auto parts = base::split(entry.value, ':');
  const auto refuse = [&](std::string_view why) {
    findings.problem(entry.place, fmt::format("key {} is not carried over: {}", name, why));
  };
  if (parts.size() < 3) return refuse("expected DOMAIN:SELECTOR:FILE");
  const std::string file = entry.value.substr(parts[0].size() + parts[1].size() + 2);
  if (!is_file(file)) return refuse("the table holds the key itself; save it as a PEM file, mode 0600, and name that instead");
  const std::string path = resolve(file, base_directory);
  if (parts[0] != "%" && !conf::read_domain(parts[0])) return refuse("its signing domain is no domain name");
  if (!conf::is_selector(parts[1])) return refuse("its selector is not one");
  if (!conf::is_path(path)) return refuse("its file is no path");
  OldKey key{entry.key, std::string(parts[0]), std::string(parts[1]), path, "", entry.place};
  if (!key.has_author_domain()) key.domain = *conf::read_domain(parts[0]);
  key.why = cite(entry);
  if (!keys_.emplace(entry.key, std::move(key)).second) refuse("the table has this name already, and the first counts");
}

const OldKey* KeyTable::find(const std::string& name) const {
  const auto found = keys_.find(name);
  return found == keys_.end() ? nullptr : &found->second;
}

std::vector<base::Domain> KeyTable::domains_below(const Pattern& pattern) const {
  std::vector<base::Domain> domains;
  for (const auto& [name, key] : keys_) {
    const auto domain = base::Domain::parse(name);
    if (domain && pattern.covers({Pattern::Kind::domain, "", *domain})) domains.push_back(*domain);
  }
  return domains;
}

std::vector<base::Domain> find_domains_with_file(const std::string& file, const Pattern& pattern) {
  const std::size_t percent = file.find('%');
  const std::size_t start = file.rfind('/', percent) + 1;
  const std::string shape = file.substr(start, std::min(file.find('/', percent), file.size()) - start);
  std::vector<base::Domain> domains;
  std::error_code error;  // a folder that cannot be read has no domains in it; the caller says that none were found
  std::size_t seen = 0;
  for (fs::directory_iterator at(file.substr(0, start), error), end; !error && at != end && seen < max_folder_entries; ++seen) {
    const auto domain = base::Domain::parse(match_percent(at->path().filename().string(), shape));
    if (domain && pattern.covers({Pattern::Kind::domain, "", *domain}) && fs::exists(fill_in(file, domain->text()), error))
      domains.push_back(*domain);
    at.increment(error);
  }
  std::sort(domains.begin(), domains.end());
  return domains;
}

}  // namespace migrate
