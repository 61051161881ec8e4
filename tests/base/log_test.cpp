#include "base/log.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "base/text.hpp"

namespace {

using base::LogComponent;
using base::LogFields;

std::string json(std::string_view text, const LogFields& fields) {
  const auto time =
      std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + std::chrono::hours{19} + std::chrono::milliseconds{5007};
  return base::json_line({time, base::LogLevel::warning}, LogComponent::dns, text, fields);
}

struct Value {
  std::string_view value;
  std::string_view as_text, as_json;
};

constexpr Value values[] = {
    {"", "-", ""},
    {"plain", "plain", "plain"},
    {"two words", "two\\x20words", "two words"},
    {"line\nline", "line\\x0aline", "line\\u000aline"},
    {"a\"b\\c", "a\\x22b\\x5cc", "a\\\"b\\\\c"},
    {"j\xc3\xb6rg", "j\\xc3\\xb6rg", "j\xc3\xb6rg"},
    {"\xff\xfe", "\\xff\\xfe", "\xef\xbf\xbd\xef\xbf\xbd"},                  // no UTF-8
    {"cut \xe2\x82", "cut\\x20\\xe2\\x82", "cut \xef\xbf\xbd\xef\xbf\xbd"},  // the beginning of a character
    {"\xc2\x85", "\\xc2\\x85", "\\u0085"},                                   // NEL, a line end to some
    {"\xe2\x80\xa8", "\\xe2\\x80\\xa8", "\\u2028"},                          // LINE SEPARATOR
    {"\x7f", "\\x7f", "\\u007f"},
};

}  // namespace

TEST_CASE("log: whatever a value holds, each form of the line is one line that says it", "[log]") {
  for (const auto& row : values) {
    INFO(row.as_text);
    const LogFields fields = LogFields().add("key", row.value);
    CHECK(base::text_line(fields) == "key=" + std::string(row.as_text));
    CHECK(json("", fields) == "{\"time\":\"2026-11-24T19:00:05.007Z\",\"level\":\"warning\",\"component\":\"dns\",\"key\":\"" +
                                  std::string(row.as_json) + "\"}");
  }
}

TEST_CASE("log: every octet gives one line, and JSON of UTF-8", "[log]") {
  for (int octet = 0; octet < 256; ++octet) {
    const std::string value(1, static_cast<char>(octet));
    for (const auto& line : {base::text_line(LogFields().add("k", value)), json("", LogFields().add("k", value))}) {
      CHECK(line.find_first_of("\r\n") == std::string::npos);
      CHECK(base::is_utf8(line));
    }
  }
}

TEST_CASE("log: the text stands behind its component, before the fields", "[log]") {
  const LogFields fields = LogFields().add("server", "192.0.2.1").add_number("tries", 3).add_decimal("ms", 1.25);
  CHECK(base::text_line(LogComponent::dns, "is silent", fields) == "dns: is silent server=192.0.2.1 tries=3 ms=1.2");
  CHECK(json("is silent", fields) ==
        "{\"time\":\"2026-11-24T19:00:05.007Z\",\"level\":\"warning\",\"component\":\"dns\",\"message\":\"is silent\","
        "\"server\":\"192.0.2.1\",\"tries\":3,\"ms\":1.2}");
}

TEST_CASE("log: a value from outside is cut off at its limit", "[log]") {
  const std::string longest(LogFields::max_outside_octets, 'x');
  CHECK(base::text_line(LogFields().add_outside("k", longest)) == "k=" + longest);
  CHECK(base::text_line(LogFields().add_outside("k", longest + "y")) == "k=" + longest + "...");
}

TEST_CASE("log: every level and component is found by its name", "[log]") {
  for (std::size_t i = 0; i < base::log_components; ++i) {
    const auto component = static_cast<LogComponent>(i);
    CHECK(base::find_log_component(base::to_text(component)) == component);
  }
  CHECK_FALSE(base::find_log_component("message "));
  CHECK(base::find_log_level("debug") == base::LogLevel::debug);
  CHECK_FALSE(base::find_log_level("trace"));
}
