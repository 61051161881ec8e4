#include "message/received_spf.hpp"

#include <catch2/catch.hpp>

using namespace std::string_view_literals;

namespace {

std::string written(std::string_view value) {
  const std::string text = message::format_received_spf({"pass", "", {{"helo", std::string(value)}}});
  REQUIRE(text.starts_with("pass helo="));
  return text.substr(std::string_view("pass helo=").size());
}

}  // namespace

TEST_CASE("received-spf: result, comment and values stand as in RFC 7208 §9.1", "[message]") {
  CHECK(message::format_received_spf({"none", "", {}}) == "none");
  CHECK(message::format_received_spf({"pass", "the domain says so", {{"client-ip", "192.0.2.1"}, {"helo", "mx"}}}) ==
        "pass (the domain says so) client-ip=192.0.2.1; helo=mx");
}

TEST_CASE("received-spf: a value is bare where it is a dot-atom and else quoted", "[message]") {
  struct Row {
    std::string_view value, text;
  };
  const Row rows[] = {
      {"mx.example", "mx.example"},
      {"2001:db8::1", "\"2001:db8::1\""},  // ':' is no atext
      {"a@b.example", "\"a@b.example\""},
      {"+ip4:192.0.2.0/24", "\"+ip4:192.0.2.0/24\""},
      {"", "\"\""},
      {"a..b", "\"a..b\""},
      {"a \"b\" \\c", "\"a \\\"b\\\" \\\\c\""},  // escaped, so that the string ends where it should
  };
  for (const Row& row : rows) CHECK(written(row.value) == row.text);
}

TEST_CASE("received-spf: no value and no comment can end the line or the string", "[message][hostile]") {
  CHECK(written("a\r\nX-Evil: 1"sv) == "\"a??X-Evil: 1\"");
  CHECK(written("a\0b"sv) == "\"a?b\"");
  CHECK(written("gr\xc3\xbc\xc3\x9f") == "\"gr????\"");
  CHECK(written("x\"; receiver=evil") == "\"x\\\"; receiver=evil\"");
  CHECK(message::format_received_spf({"fail", "a) (b\nc\\", {}}) == "fail (a] [b?c/)");
}

TEST_CASE("received-spf: long values are cut and long lines folded", "[message][limits]") {
  CHECK(message::format_received_spf({"pass", "", {{"helo", std::string(513, 'a')}}}) ==
        "pass\n\thelo=" + std::string(512, 'a'));
  const std::string text =
      message::format_received_spf({"pass",
                                    "192.0.2.1 is one of those that may send",
                                    {{"client-ip", "192.0.2.1"}, {"envelope-from", "someone@example.org"}}});
  CHECK(text == "pass (192.0.2.1 is one of those that may send)\n\tclient-ip=192.0.2.1; envelope-from=\"someone@example.org\"");
}
