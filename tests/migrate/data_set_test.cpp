#include "migrate/data_set.hpp"

#include <catch2/catch.hpp>

#include "folder.hpp"

using namespace migrate;
using migrate_test::Folder;
using migrate_test::has;

namespace {

std::optional<DataSet> read(const std::string& value, Findings& findings, const std::string& base = "") {
  return read_data_set({"SigningTable", value, {"f", 1}}, base, findings);
}

}  // namespace

TEST_CASE("migrate data set: files by file:, refile: and by a slash", "[migrate]") {
  const Folder folder;
  Findings findings;
  const std::string path = folder.write("t", "# c\n*@a.example key1\n\nb.example\tkey2:x  # c\n");
  for (const std::string& prefix : {std::string("file:"), std::string("refile:"), std::string()}) {
    const auto set = read(prefix + path, findings);
    REQUIRE(set);
    CHECK(set->has_patterns == (prefix == "refile:"));
    REQUIRE(set->entries.size() == 2);
    CHECK(set->entries[0].key == "*@a.example");
    CHECK(set->entries[1].value == "key2:x");
    CHECK(cite(set->entries[1]) == path + ":4: b.example key2:x");
  }
  CHECK(read("file:t", findings, folder.path())->entries.size() == 2);
  CHECK(findings.all().empty());
}

TEST_CASE("migrate data set: lists by csl: and in the setting itself", "[migrate]") {
  Findings findings;
  const auto set = read("csl:a.example=k1, b.example = k2,,c", findings);
  REQUIRE(set->entries.size() == 3);
  CHECK(set->entries[1].key == "b.example");
  CHECK(set->entries[1].value == "k2");
  CHECK(set->entries[2].value.empty());
  CHECK(read("192.0.2.0/24, 10.0.0.1", findings)->entries[1].key == "10.0.0.1");
  CHECK(findings.all().empty());
}

TEST_CASE("migrate data set: data bases are not read, and said to be so", "[migrate]") {
  for (const auto* value : {"db:/x", "dsn:mysql://u@h/d", "ldap://x", "lua:/x", "memcache:h/k", "/etc/keys.db"}) {
    Findings findings;
    CHECK_FALSE(read(value, findings));
    CHECK(has(findings, Severity::problem, "SigningTable is a data base", 1));
  }
  Findings findings;
  CHECK_FALSE(read("refile:/nowhere/table", findings));
  CHECK(has(findings, Severity::problem, "cannot be read"));
}

TEST_CASE("migrate data set: entries have a bound", "[migrate][limits]") {
  const Folder folder;
  std::string text;
  for (std::size_t i = 0; i < max_data_entries; ++i) text += "k v\n";
  Findings findings;
  CHECK(read(folder.write("t", text), findings)->entries.size() == max_data_entries);
  CHECK(findings.all().empty());
  CHECK(read(folder.write("t", text + "k v\n"), findings)->entries.size() == max_data_entries);
  CHECK(has(findings, Severity::problem, "more than 10000 entries", 10'001));
}
