#include "migrate/old_settings.hpp"

#include <catch2/catch.hpp>

#include "folder.hpp"

using namespace migrate;
using migrate_test::all_of;
using migrate_test::Folder;
using migrate_test::has;

TEST_CASE("migrate opendkim.conf: name, blanks, value, comment", "[migrate]") {
  const Folder folder;
  Findings findings;
  const auto old = read_milter_settings(
      "opendkim", folder.write("f", "# c\n\n  Domain \t a.example, b.example # why\nselector one\nSelector two\nSyslog no\n"),
      findings);
  CHECK(old.find("Domain")->value == "a.example, b.example");
  CHECK(cite(*old.find("DOMAIN")) == folder.path("f") + ":3: Domain a.example, b.example");
  CHECK(old.find("Selector")->value == "two");  // as opendkim -e says, names have no case and the last counts
  CHECK(has(findings, Severity::note, "selector is set again in", 4));
  CHECK_FALSE(old.is_on("Syslog", true));
  CHECK(old.is_on("LogWhy", true));
  CHECK(old.value("Mode", "sv").why == "the default of opendkim: Mode sv");
}

TEST_CASE("migrate opendkim.conf: a name without a value is a problem", "[migrate]") {
  const Folder folder;
  Findings findings;
  static_cast<void>(read_milter_settings("opendkim", folder.write("f", "Selector\n"), findings));
  CHECK(has(findings, Severity::problem, "Selector has no value", 1));
}

TEST_CASE("migrate opendkim.conf: Include is followed, and loops end", "[migrate]") {
  const Folder folder;
  Findings findings;
  folder.write("more", "Selector two\nInclude @@/f\n");
  const auto old =
      read_milter_settings("opendkim", folder.write("f", "Selector one\nInclude @@/more\nInclude @@/none\n"), findings);
  CHECK(old.find("Selector")->value == "two");
  CHECK(old.find("Selector")->place.file == folder.path("more"));
  CHECK(has(findings, Severity::problem, "/f includes itself", 2));
  CHECK(has(findings, Severity::problem, "cannot be read"));
}

TEST_CASE("migrate opendkim.conf: files within files have bounds", "[migrate][limits]") {
  const Folder folder;
  Findings findings;
  for (int i = 0; i < 7; ++i) folder.write("f" + std::to_string(i), "Include @@/f" + std::to_string(i + 1) + "\n");
  folder.write("f5", "Selector deepest\n");
  CHECK(read_milter_settings("opendkim", folder.path("f0"), findings).find("Selector") != nullptr);
  CHECK(findings.all().empty());
  folder.write("f5", "Include @@/f6\n");
  folder.write("f6", "Selector deeper\n");
  CHECK(read_milter_settings("opendkim", folder.path("f0"), findings).find("Selector") == nullptr);
  CHECK(has(findings, Severity::problem, "too many files within files", 1));

  Findings of_many;
  std::string many;
  for (std::size_t i = 0; i < OldSettings::max_included_files; ++i) many += "Include @@/f6\n";
  static_cast<void>(read_milter_settings("opendkim", folder.write("many", many), of_many));
  CHECK_FALSE(of_many.has_problem());
  static_cast<void>(read_milter_settings("opendkim", folder.write("many", many + "Include @@/f6\n"), of_many));
  CHECK(has(of_many, Severity::problem, "too many files within files", 101));
}

TEST_CASE("migrate opendkim.conf: settings have a bound", "[migrate][limits]") {
  const Folder folder;
  Findings findings;
  std::string text;
  for (std::size_t i = 0; i < OldSettings::max_settings; ++i) text += "N" + std::to_string(i) + " x\n";
  CHECK(read_milter_settings("opendkim", folder.write("f", text), findings).all().size() == OldSettings::max_settings);
  CHECK(findings.all().empty());
  CHECK(read_milter_settings("opendkim", folder.write("f", text + "One more\n"), findings).all().size() ==
        OldSettings::max_settings);
  CHECK(has(findings, Severity::problem, "more than 2000 settings: One is left out"));
}

TEST_CASE("migrate opendkim.conf: Booleans go by their first octet", "[migrate]") {
  for (const auto* yes : {"true", "Yes", "1", "tomato"}) CHECK(read_boolean(yes) == true);
  for (const auto* no : {"false", "No", "0"}) CHECK(read_boolean(no) == false);
  CHECK_FALSE(read_boolean("on"));
  CHECK_FALSE(read_boolean(""));
}

TEST_CASE("migrate policyd-spf.conf: name = value, and names have case", "[migrate]") {
  const Folder folder;
  Findings findings;
  const auto old = read_policyd_settings(
      folder.write("f", "  # c\ndebugLevel = 1 \nHELO_reject=Null # c\nnonsense\na = b = c\nTestOnly =\n"), findings);
  CHECK(old.find("debugLevel")->value == "1");
  CHECK(old.find("HELO_reject")->value == "Null");
  CHECK(old.find("helo_reject") == nullptr);
  CHECK(old.all().size() == 2);
  for (const std::uint32_t line : {4U, 5U, 6U}) CHECK(has(findings, Severity::problem, "not \"name = value\"", line));
}
