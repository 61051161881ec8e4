#include "base/tag_list.hpp"

#include <catch2/catch.hpp>
#include <string>

using base::TagList;
using namespace std::string_view_literals;

namespace {

/// "name=value|…" of the tags, or "error".
std::string read(std::string_view text) {
  const auto list = TagList::parse(text);
  if (!list) return "error";
  std::string out;
  for (const auto& tag : list->tags()) {
    out += (out.empty() ? "" : "|") + std::string(tag.name) + "=" + std::string(tag.value);
    CHECK(text.substr(tag.offset, tag.value.size()) == tag.value);
  }
  return out;
}

std::string many(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += "t" + std::to_string(i) + "=;";
  return out;
}

}  // namespace

TEST_CASE("tag list: names and values are found, white space around them is not part of them", "[base]") {
  struct Row {
    std::string_view text, tags;
  };
  const Row rows[] = {
      {"v=1", "v=1"},         {"v=1;", "v=1"},  // a final semicolon
      {"v=1; \r\n\t", "v=1"}, {" v = 1 ;\r\n\ta = rsa-sha256 ", "v=1|a=rsa-sha256"},
      {"v=", "v="},                                                                  // an empty value
      {"v= ;p=", "v=|p="},    {"b=ab\r\n cd", "b=ab\r\n cd"},                        // folds inside stay
      {"b=a=b==", "b=a=b=="},                                                        // only the first '=' counts
      {"V=1;v=2", "V=1|v=2"},                                                        // case matters
      {"a_1=x", "a_1=x"},     {"i=\xc3\xbc@example.com", "i=\xc3\xbc@example.com"},  // RFC 8616 §3
      {"n=a b", "n=a b"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(read(row.text) == row.tags);
  }
}

TEST_CASE("tag list: what breaks RFC 6376 §3.2 breaks the list", "[base]") {
  struct Row {
    std::string_view text;
    std::size_t offset;
  };
  const Row rows[] = {
      {"", 0},
      {" ", 0},
      {";", 0},
      {";v=1", 0},  // an empty tag
      {"v=1;;p=x", 4},
      {"v=1;;", 4},
      {"v=1; ;", 4},
      {"v", 0},
      {"v=1;p", 4},
      {"=1", 0},
      {"1v=1", 0},  // begins with a letter
      {"_v=1", 0},
      {"v-w=1", 0},
      {"v w=1", 0},
      {"\xc3\xbc=1", 0},
      {"v=1;v=1", 4},  // even the same
      {"v=1;a=2; v=3", 8},
      {"v=a\0b"sv, 3},
      {"v=a\x07", 3},
      {"v=a\x7f", 3},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.text));
    const auto list = TagList::parse(row.text);
    REQUIRE_FALSE(list);
    CHECK(list.error().offset == row.offset);
  }
}

TEST_CASE("tag list: 64 tags are the most", "[base][limits]") {
  CHECK(TagList::parse(many(TagList::max_tags))->tags().size() == 64);
  CHECK_FALSE(TagList::parse(many(TagList::max_tags + 1)));
}

TEST_CASE("tag list: a tag is found by its exact name", "[base]") {
  const auto list = TagList::parse("v=DKIM1; p=; K=x");
  REQUIRE(list);
  CHECK(list->find("v") == "DKIM1");
  CHECK(list->find("p") == "");
  CHECK_FALSE(list->find("k"));
  CHECK_FALSE(list->find("q"));
}
