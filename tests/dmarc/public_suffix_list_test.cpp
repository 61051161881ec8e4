#include "dmarc/public_suffix_list.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <stdexcept>

using dmarc::PublicSuffixList;

namespace {

base::Domain domain(const std::string& text) { return base::Domain::parse(text).value(); }

const std::string rules =
    "// a comment\ncom\nuk\nco.uk\n*.ck\n!www.ck\n公司.cn\ncn\n"
    "// ===BEGIN PRIVATE DOMAINS===\nhost.example\n// ===END PRIVATE DOMAINS===\n";

std::string registrable(const std::string& name) {
  static const auto list = PublicSuffixList::parse(rules);
  const auto found = list->registrable_domain(domain(name));
  return found ? found->text() : "";
}

}  // namespace

TEST_CASE("public suffix list: one label more than the longest rule that matches", "[dmarc]") {
  struct Row {
    const char *name, *registrable;  // "": it is a suffix itself
  };
  const Row rows[] = {
      {"com", ""},
      {"example.com", "example.com"},
      {"a.b.example.com", "example.com"},
      {"co.uk", ""},
      {"mail.bank.co.uk", "bank.co.uk"},
      {"bank.uk", "bank.uk"},
      {"any.ck", ""},  // a wildcard rule
      {"a.b.any.ck", "b.any.ck"},
      {"a.www.ck", "www.ck"},        // and an exception to it
      {"a.unlisted", "a.unlisted"},  // the default rule
      {"unlisted", ""},
      {"host.example", ""},  // private rules count (RFC 7489 §3.2 makes no difference)
      {"a.b.host.example", "b.host.example"},
      {"a.b.xn--55qx5d.cn", "b.xn--55qx5d.cn"},  // U-labels in the list, A-labels in names
      {"under_score.example.com", "example.com"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    CHECK(registrable(row.name) == row.registrable);
    const std::string organization = row.registrable[0] == '\0' ? row.name : row.registrable;
    CHECK(PublicSuffixList::parse(rules)->organizational_domain(domain(row.name)).text() == organization);
  }
}

TEST_CASE("public suffix list: the default rule lists nothing", "[dmarc]") {
  const auto list = PublicSuffixList::parse(rules);
  CHECK(list->is_listed_suffix(domain("com")));
  CHECK(list->is_listed_suffix(domain("any.ck")));
  CHECK_FALSE(list->is_listed_suffix(domain("www.ck")));
  CHECK_FALSE(list->is_listed_suffix(domain("unlisted")));
  CHECK_FALSE(list->is_listed_suffix(domain("example.com")));
}

TEST_CASE("public suffix list: a file without a rule is refused by name", "[dmarc]") {
  CHECK_THROWS_AS(PublicSuffixList::parse(""), std::runtime_error);
  CHECK_THROWS_AS(PublicSuffixList::parse("// nothing\n\n"), std::runtime_error);
  CHECK_THROWS_WITH(PublicSuffixList::load("/nowhere/list"), "/nowhere/list: found no public suffix list, expected one");
  const std::string path = std::filesystem::temp_directory_path() / ("signet-suffixes-" + std::to_string(::getpid()));
  std::ofstream(path) << rules;
  CHECK(PublicSuffixList::load(path)->is_listed_suffix(domain("co.uk")));
  std::filesystem::remove(path);
}

TEST_CASE("public suffix list: the system has one", "[dmarc]") {
  const auto list = PublicSuffixList::load_system();
  CHECK(list->organizational_domain(domain("a.b.co.uk")).text() == "b.co.uk");
}
