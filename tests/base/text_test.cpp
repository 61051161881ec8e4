#include "base/text.hpp"

#include <catch2/catch.hpp>
#include <limits>

using namespace std::string_view_literals;

TEST_CASE("text: character classes are ASCII, whatever the octet", "[base]") {
  for (int i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    CAPTURE(i);
    CHECK(base::is_digit(c) == (i >= '0' && i <= '9'));
    CHECK(base::is_alpha(c) == ((i >= 'a' && i <= 'z') || (i >= 'A' && i <= 'Z')));
    CHECK(base::is_alnum(c) == (base::is_digit(c) || base::is_alpha(c)));
    CHECK(base::is_wsp(c) == (i == ' ' || i == '\t'));
    CHECK(base::is_fws(c) == (i == ' ' || i == '\t' || i == '\r' || i == '\n'));
    CHECK(base::is_ascii(c) == (i < 0x80));
    CHECK(base::is_visible(c) == (i > 0x20 && i < 0x7f));
    CHECK(base::to_lower(c) == (i >= 'A' && i <= 'Z' ? static_cast<char>(i + 32) : c));
  }
}

TEST_CASE("text: UTF-8 is what RFC 3629 says it is", "[base]") {
  struct Row {
    std::string_view text;
    bool good;
  };
  const Row rows[] = {
      {"", true},
      {"plain", true},
      {"\0"sv, true},
      {"\xc2\x80", true},           // U+0080, the first of two octets
      {"\xdf\xbf", true},           // U+07FF, the last
      {"\xe0\xa0\x80", true},       // U+0800
      {"\xed\x9f\xbf", true},       // U+D7FF, before the surrogates
      {"\xee\x80\x80", true},       // U+E000, after them
      {"\xef\xbf\xbf", true},       // U+FFFF
      {"\xf0\x90\x80\x80", true},   // U+10000
      {"\xf4\x8f\xbf\xbf", true},   // U+10FFFF, the last of all
      {"\xf4\x90\x80\x80", false},  // one past
      {"\xf5\x80\x80\x80", false},
      {"\xed\xa0\x80", false},      // surrogate
      {"\xed\xbf\xbf", false},      // surrogate
      {"\xc0\x80", false},          // overlong
      {"\xc1\xbf", false},          // overlong
      {"\xe0\x9f\xbf", false},      // overlong
      {"\xf0\x8f\xbf\xbf", false},  // overlong
      {"\x80", false},              // continuation alone
      {"\xc3", false},              // cut off
      {"\xe2\x82", false},
      {"\xf0\x9f\x92", false},
      {"a\xc3", false},
      {"\xc3(", false},  // no continuation
      {"\xe2\x28\xa1", false},
      {"\xff", false},
      {"\xfe", false},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.text));
    CHECK(base::is_utf8(row.text) == row.good);
  }
  CHECK(base::is_ascii("abc\x7f"));
  CHECK_FALSE(base::is_ascii("abc\x80"));
}

TEST_CASE("text: comparison ignores the case of ASCII letters only", "[base]") {
  CHECK(base::iequals("From", "fROM"));
  CHECK(base::iequals("", ""));
  CHECK_FALSE(base::iequals("From", "Fro"));
  CHECK_FALSE(base::iequals("Fro", "From"));
  CHECK_FALSE(base::iequals("@", "`"));  // 0x40 and 0x60 are no letters
  CHECK_FALSE(base::iequals("[", "{"));
  CHECK_FALSE(base::iequals("\xc3\x84", "\xc3\xa4"));  // A and a with diaeresis
  CHECK(base::istarts_with("V=SPF1 -all", "v=spf1"));
  CHECK(base::istarts_with("abc", ""));
  CHECK_FALSE(base::istarts_with("v=spf", "v=spf1"));
  CHECK(base::to_lower("MiX\xc3\x84[") == "mix\xc3\x84[");
}

TEST_CASE("text: trim and split keep what is inside", "[base]") {
  CHECK(base::trim(" \t\r\n a b \r\n\t ") == "a b");
  CHECK(base::trim(" \t\r\n").empty());
  CHECK(base::trim("").empty());
  CHECK(base::trim("\v a \f") == "\v a \f");  // these are not FWS
  using Parts = std::vector<std::string_view>;
  CHECK(base::split("a.b.c", '.') == Parts{"a", "b", "c"});
  CHECK(base::split("", '.') == Parts{""});
  CHECK(base::split(".", '.') == Parts{"", ""});
  CHECK(base::split("a..b.", '.') == Parts{"a", "", "b", ""});
}

TEST_CASE("text: a number is digits and nothing but digits, up to its bound", "[base]") {
  constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
  struct Row {
    std::string_view text;
    std::uint64_t most;
    bool good;
    std::uint64_t value;
  };
  const Row rows[] = {
      {"0", 0, true, 0},
      {"1", 0, false, 0},
      {"9", 9, true, 9},
      {"10", 9, false, 0},
      {"32", 32, true, 32},
      {"33", 32, false, 0},
      {"007", 9, true, 7},
      {"000000000000000000000000000001", 9, true, 1},
      {"18446744073709551615", largest, true, largest},
      {"18446744073709551616", largest, false, 0},
      {"99999999999999999999999999", largest, false, 0},
      {"", largest, false, 0},
      {"+1", largest, false, 0},
      {"-1", largest, false, 0},
      {" 1", largest, false, 0},
      {"1 ", largest, false, 0},
      {"0x1", largest, false, 0},
      {"1\0"sv, largest, false, 0},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.text), row.most);
    std::uint64_t value = 0;
    CHECK(base::parse_number(row.text, row.most, value) == row.good);
    CHECK(value == row.value);
  }
  std::uint64_t untouched = 42;
  CHECK_FALSE(base::parse_number("12x", largest, untouched));
  CHECK(untouched == 42);
}

TEST_CASE("text: printable leaves nothing that could break a log line", "[base]") {
  CHECK(base::printable("user@example.com") == "user@example.com");
  CHECK(base::printable("a b\r\n\"\\\0\xff"sv) == R"(a\x20b\x0d\x0a\x22\x5c\x00\xff)");
  CHECK(base::printable("abc", 3) == "abc");
  CHECK(base::printable("abcd", 3) == "abc...");
  CHECK(base::printable("abcd", 0) == "...");
  CHECK(base::printable(std::string(1000, 'x')).size() == 259);
}
