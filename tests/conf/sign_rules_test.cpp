#include "conf/sign_rules.hpp"

#include <fmt/format.h>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/conf/support.hpp"

namespace {

using conf_test::error_of;

struct Row {
  std::string text;
  std::string error;  // after the file's name
};

std::string rule(const std::string& lines) { return "[[sign.rule]]\n" + lines + "\n"; }

const std::string short_key = "selector = \"s\"\nkey = \"k\"";

}  // namespace

TEST_CASE("sign rule: the short form is one key", "[conf]") {
  const auto rules = conf::parse(rule("key = \"k\"\nfrom = \"*\"\nselector = \"s\""), "f").sign.rules;  // in any order
  REQUIRE(rules.size() == 1);
  REQUIRE(rules[0].keys.size() == 1);
  CHECK(rules[0].keys[0].selector == "s");
  CHECK(rules[0].keys[0].file == "k");
}

TEST_CASE("sign rule: the long form is several keys, in their order", "[conf]") {
  const auto rules = conf::parse(rule("from = [\"a.example\", \"u@b.example\"]\ndomain = \"Ex\xc3\xa4mple.org\"\n"
                                      "keys = [{ selector = \"r\", file = \"/r\" }, { file = \"/e\", selector = \"e\" }]"),
                                 "f")
                         .sign.rules;
  REQUIRE(rules.size() == 1);
  CHECK(rules[0].from == std::vector<std::string>{"a.example", "u@b.example"});
  CHECK(rules[0].domain == "xn--exmple-cua.org");
  REQUIRE(rules[0].keys.size() == 2);
  CHECK(rules[0].keys[0].selector == "r");
  CHECK(rules[0].keys[1].file == "/e");
}

TEST_CASE("sign rule: an array of inline tables is the same", "[conf]") {
  CHECK(conf::parse("sign.rule = [{ from = \"*\", selector = \"s\", key = \"k\" }]", "f").sign.rules.size() == 1);
  CHECK(conf::parse("sign.rule = []", "f").sign.rules.empty());
}

TEST_CASE("sign rule: what is missing, wrong or contradictory is refused", "[conf]") {
  const std::string key_shape = "{ selector = \"NAME\", file = \"PATH\" }";
  const std::string pattern = "a pattern: \"user@example.org\", \"example.org\", \"*.example.org\" or \"*\"";
  const std::vector<Row> rows = {
      {rule(short_key), "1:1: found a [[sign.rule]] without from, expected from"},
      {rule("from = \"*\""), "1:1: found a [[sign.rule]] without a key, expected selector and key, or keys, or rotate = true"},
      {rule("from = \"*\"\nkey = \"k\""),
       "1:1: found a [[sign.rule]] with key and no selector, expected selector and key, or keys, or rotate = true"},
      {rule("from = \"*\"\nselector = \"s\""),
       "1:1: found a [[sign.rule]] with selector and no key, expected selector and key, or keys, or rotate = true"},
      {rule("from = \"*\"\nkey = \"k\"\nkeys = [{ selector = \"s\", file = \"f\" }]"),
       "1:1: found a [[sign.rule]] with both keys and selector or key, expected selector and key, or keys, or rotate = true"},
      {rule("from = \"*\"\nkeys = []"), "3:8: found an empty list, expected a list of 1 to 8 keys, each " + key_shape},
      {rule("from = \"*\"\nkeys = [\"k\"]"), "3:9: found \"k\", expected " + key_shape},
      {rule("from = \"*\"\nkeys = [{ selector = \"s\" }]"), "3:9: found a key without file, expected " + key_shape},
      {rule("from = \"*\"\nkeys = [{ file = \"f\" }]"), "3:9: found a key without selector, expected " + key_shape},
      {rule("from = \"*\"\nkeys = [{ selector = \"s\", file = \"f\" }, { selector = \"S\", file = \"g\" }]"),
       "3:41: found selector \"S\" a second time, expected another for each key"},
      {rule("from = []\n" + short_key), "2:8: found an empty list, expected a pattern or a list of patterns"},
      {rule("from = 3\n" + short_key), "2:8: found 3, expected " + pattern},
      {rule("from = [\"*\", \"@x\"]\n" + short_key), "2:14: found \"@x\", expected " + pattern},
      {rule("from = \"*\"\nselector = \"a b\"\nkey = \"k\""), "3:12: found \"a b\", expected a selector such as \"mail2026\""},
      {rule("from = \"*\"\nselector = \"s\"\nkey = \"\""), "4:7: found \"\", expected the path of a file, or \"credential:NAME\""},
      {rule("from = \"*\"\ndomain = \"*.example.org\"\n" + short_key),
       "3:10: found \"*.example.org\", expected a domain, or \"\""},
      {"[sign.rule]\nfrom = \"*\"", "1:1: found a table, expected [[sign.rule]], a table in two pairs of brackets"},
      {"sign.rule = [3]", "1:14: found 3, expected [[sign.rule]], a table in two pairs of brackets"},
      {"sign.rule = \"x\"", "1:13: found \"x\", expected [[sign.rule]], a table in two pairs of brackets"},
  };
  for (const auto& row : rows) {
    INFO(row.text);
    CHECK(error_of(row.text) == "f:" + row.error);
  }
}

TEST_CASE("sign rule: the same from twice is refused with both lines", "[conf]") {
  const std::vector<Row> rows = {
      {rule("from = \"*\"\n" + short_key) + rule("from = \"*\"\n" + short_key),
       "6:8: found from \"*\" a second time, expected it once only (it is in line 2 already)"},
      {rule("from = \"Example.org\"\n" + short_key) + rule("from = [\n\"b.example\",\n\"example.ORG.\"]\n" + short_key),
       "8:1: found from \"example.org\" a second time, expected it once only (it is in line 2 already)"},
      {rule("from = \"U@example.org\"\n" + short_key) + rule("from = \"u@example.org\"\n" + short_key),
       "6:8: found from \"u@example.org\" a second time, expected it once only (it is in line 2 already)"},
      {rule("from = [\"*\", \"*\"]\n" + short_key),
       "2:14: found from \"*\" a second time, expected it once only (it is in line 2 already)"},
  };
  for (const auto& row : rows) {
    INFO(row.text);
    CHECK(error_of(row.text) == "f:" + row.error);
  }
  CHECK(error_of(rule("from = [\"example.org\", \"*.example.org\", \"u@example.org\", \"*\"]\n" + short_key)) == "");
}

TEST_CASE("sign rule: eight keys are fine, nine are not", "[conf]") {
  std::string keys;
  for (int i = 0; i < 8; ++i) keys += fmt::format("{{ selector = \"s{}\", file = \"k\" }}, ", i);
  CHECK(error_of(rule("from = \"*\"\nkeys = [" + keys + "]")) == "");
  CHECK(error_of(rule("from = \"*\"\nkeys = [" + keys + "{ selector = \"t\", file = \"k\" }]")).find("1 to 8 keys") !=
        std::string::npos);
}

TEST_CASE("sign rule: ten thousand rules are read in the time of ten thousand rules", "[conf]") {
  std::string text = "sign.rule = [\n";
  for (int i = 0; i < 10'000; ++i) text += fmt::format("{{from=\"d{}.example\",selector=\"s\",key=\"k\"}},\n", i);
  CHECK(conf::parse(text + "]", "f").sign.rules.size() == 10'000);
  CHECK(error_of(text + "{from=\"*\",selector=\"s\",key=\"k\"}]") == "f:1:13: found more than 10000 rules, expected fewer");
}
