#include "migrate/pattern.hpp"

#include <catch2/catch.hpp>

using namespace migrate;

namespace {

std::string texts(const PatternReading& reading) {
  std::string out;
  for (const auto& pattern : reading.patterns) out += (out.empty() ? "" : " ") + pattern.text();
  return out.empty() ? reading.fault.substr(0, 13) : out + (reading.caveat.empty() ? "" : " !");
}

struct Row {
  const char* key;
  const char* meaning;
};

Pattern pattern(const char* key) { return read_pattern(key, false).patterns.at(0); }

}  // namespace

TEST_CASE("migrate pattern: of a refile, as opendkim matches the whole address", "[migrate]") {
  const std::vector<Row> rows = {
      {"*", "*"},
      {"*@*", "*"},
      {"*@example.com", "example.com"},
      {"*@Example.COM", "example.com"},
      {"*@*.example.com", "*.example.com"},
      {"*.example.com", "*.example.com"},
      {"*example.com", "example.com *.example.com !"},  // evilexample.com, too
      {"*@*example.com", "example.com *.example.com !"},
      {"Bob@example.com", "bob@example.com"},
      {"example.com", "never matched"},  // is no whole address
      {"@example.com", "never matched"},
      {"postmaster@*", "means users o"},
      {"*@mail.*", "holds no doma"},
      {"b*@example.com", "means users o"},
      {"*@", "holds no doma"},
      {"a b@example.com", "holds no addr"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.key);
    CHECK(texts(read_pattern(row.key, true)) == row.meaning);
  }
}

TEST_CASE("migrate pattern: of other tables, as opendkim looks names up", "[migrate]") {
  const std::vector<Row> rows = {
      {"*", "*"},
      {"example.com", "example.com"},
      {".example.com", "*.example.com"},
      {"bob@example.com", "bob@example.com"},
      {"bob@.example.com", "means users o"},
      {"bob@*", "means users o"},
      {"*@example.com", "never matched"},  // the star stands for itself
      {"*.example.com", "never matched"},
      {"@example.com", "holds no addr"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.key);
    CHECK(texts(read_pattern(row.key, false)) == row.meaning);
  }
}

TEST_CASE("migrate pattern: covers what it means", "[migrate]") {
  const auto covers = [](const char* a, const char* b) { return pattern(a).covers(pattern(b)); };
  CHECK(covers("*", "*"));
  CHECK(covers("*", "a@b.example"));
  CHECK_FALSE(covers("b.example", "*"));
  CHECK(covers("b.example", "a@b.example"));
  CHECK_FALSE(covers("b.example", "a@c.b.example"));
  CHECK(covers(".b.example", "a@c.b.example"));
  CHECK(covers(".b.example", "c.b.example"));
  CHECK(covers(".b.example", ".c.b.example"));
  CHECK(covers(".b.example", ".b.example"));
  CHECK_FALSE(covers(".b.example", "b.example"));
  CHECK_FALSE(covers(".b.example", "a@b.example"));
  CHECK_FALSE(covers("b.example", ".b.example"));
  CHECK_FALSE(covers(".c.b.example", ".b.example"));
  CHECK(covers("a@b.example", "A@b.example"));
  CHECK_FALSE(covers("a@b.example", "b.example"));
}
