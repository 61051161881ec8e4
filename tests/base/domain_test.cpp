#include "base/domain.hpp"

#include <catch2/catch.hpp>
#include <set>
#include <unordered_set>

using base::Domain;
using namespace std::string_view_literals;

namespace {

Domain domain(std::string_view text) { return Domain::parse(text).value(); }

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

TEST_CASE("domain: every spelling of a name is one", "[base]") {
  struct Row {
    std::string_view text, name;
  };
  const Row rows[] = {
      {"example.com", "example.com"},
      {"EXAMPLE.Com", "example.com"},
      {"example.com.", "example.com"},
      {"com", "com"},
      {"_dmarc.example.com", "_dmarc.example.com"},
      {"-a-.b-.example", "-a-.b-.example"},  // in use
      {"1.2.3.4", "1.2.3.4"},                // a name like any other
      {"xn--bcher-kva.example", "xn--bcher-kva.example"},
      {"XN--BCHER-KVA.example", "xn--bcher-kva.example"},
      {"b\xc3\xbc"
       "cher.example",
       "xn--bcher-kva.example"},
      {"B\xc3\x9c"
       "CHER.example",
       "xn--bcher-kva.example"},  // U-label in capitals
      {"bu\xcc\x88"
       "cher.example",
       "xn--bcher-kva.example"},  // decomposed
      {"b\xc3\xbc"
       "cher.example.",
       "xn--bcher-kva.example"},
      {"b\xc3\xbc"
       "cher\xe3\x80\x82"
       "example",
       "xn--bcher-kva.example"},  // U+3002
      {"example\xef\xbc\x8e"
       "com",
       "example.com"},  // U+FF0E
      {"example\xef\xbd\xa1"
       "com",
       "example.com"},                               // U+FF61
      {"\xef\xbd\x85xample.com", "example.com"},     // full-width letter
      {"fa\xc3\x9f.example", "xn--fa-hia.example"},  // non-transitional: not fass
      {"_dmarc.b\xc3\xbc"
       "cher.example",
       "_dmarc.xn--bcher-kva.example"},
      {"\xe2\x98\x95.example", "xn--53h.example"},  // UTS #46 allows symbols
      {"I\xc3\xb1t\xe2\x98\x83.test", "xn--it-zja5709a.test"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto parsed = Domain::parse(row.text);
    REQUIRE(parsed);
    CHECK(parsed->text() == row.name);
    CHECK(Domain::parse(parsed->text()) == parsed);
  }
}

TEST_CASE("domain: what is not a name says where", "[base]") {
  struct Row {
    std::string_view text;
    std::size_t offset;
  };
  const Row rows[] = {
      {"", 0},
      {".", 0},
      {"..", 0},
      {".example.com", 0},
      {"example..com", 8},
      {"example.com..", 12},
      {"exam ple.com", 4},
      {"a@b.example", 1},
      {"a/b.example", 1},
      {"[192.0.2.1]", 0},
      {"a\0.example"sv, 1},
      {"example.com\n", 11},
      {"a*.example", 1},
      {"a\\.example", 1},
      {"\xff.example", 0},                      // not UTF-8
      {"b\xc3\xbc\0.example"sv, 0},             // NUL
      {"a\xe2\x84\x80.example", 0},             // U+2100 is mapped to "a/c"
      {"a\xef\xbc\xa0.example", 0},             // U+FF20 is mapped to "@"
      {"\xc2\xa8.example", 0},                  // U+00A8 is mapped to a space and U+0308
      {"\xe2\x98\x95\xc3\x9f.example", 0},      // a symbol and a sharp s: the two ways of UTS #46 differ
      {"\xe2\x98\x95\xe2\x80\x8d.example", 0},  // a symbol and a joiner
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.text));
    const auto parsed = Domain::parse(row.text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().offset == row.offset);
    CHECK_FALSE(parsed.error().text.empty());
  }
}

TEST_CASE("domain: 63 octets to a label, 253 to a name", "[base][limits]") {
  CHECK(Domain::parse(repeat("a", 63) + ".example"));
  CHECK_FALSE(Domain::parse(repeat("a", 64) + ".example"));
  CHECK(Domain::parse(repeat("a.", 126) + "a"));         // 253
  CHECK(Domain::parse(repeat("a.", 126) + "a."));        // and the final dot
  CHECK_FALSE(Domain::parse(repeat("a.", 126) + "aa"));  // 254
  CHECK_FALSE(Domain::parse(repeat("a", 1000000)));
  CHECK_FALSE(Domain::parse(repeat("\xc3\xbc", 60) + ".example"));  // too long as an A-label
  CHECK_FALSE(Domain::parse(repeat("\xc3\xbc", 1000000)));
  CHECK_FALSE(Domain::parse(repeat("\xe3\x80\x82", 300)));
}

TEST_CASE("domain: parents and last labels", "[base]") {
  const Domain name = domain("a.b.example.com");
  CHECK(name.label_count() == 4);
  CHECK(name.parent() == domain("b.example.com"));
  CHECK(domain("com").label_count() == 1);
  CHECK_FALSE(domain("com").parent());
  struct Row {
    std::size_t labels;
    std::string_view rest;
  };
  const Row rows[] = {
      {0, "com"}, {1, "com"}, {2, "example.com"}, {3, "b.example.com"}, {4, "a.b.example.com"}, {99, "a.b.example.com"}};
  for (const Row& row : rows) CHECK(name.last_labels(row.labels).text() == row.rest);
  CHECK(domain("com").last_labels(1).text() == "com");
  CHECK(domain("a.b").last_labels(1).text() == "b");
}

TEST_CASE("domain: below means whole labels", "[base]") {
  struct Row {
    std::string_view name, ancestor;
    bool below;
  };
  const Row rows[] = {
      {"mail.example.com", "example.com", true},
      {"a.b.example.com", "example.com", true},
      {"example.com", "example.com", false},
      {"badexample.com", "example.com", false},  // no dot between
      {"example.com", "mail.example.com", false},
      {"example.com", "com", true},
      {"example.com", "om", false},
      {"example.com.evil", "example.com", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name, row.ancestor);
    CHECK(domain(row.name).is_below(domain(row.ancestor)) == row.below);
    CHECK(domain(row.name).is_or_is_below(domain(row.ancestor)) == (row.below || row.name == row.ancestor));
  }
}

TEST_CASE("domain: equal names order, hash and compare alike", "[base]") {
  CHECK(domain("Example.COM.") == domain("example.com"));
  CHECK(domain("a.example") < domain("b.example"));
  CHECK(std::set<Domain>{domain("b"), domain("a"), domain("B")}.size() == 2);
  CHECK(std::unordered_set<Domain>{domain("b"), domain("a"), domain("B")}.size() == 2);
}
