#include "message/header_block.hpp"

#include <catch2/catch.hpp>

using message::Field;
using message::HeaderBlock;

namespace {

HeaderBlock one(std::string_view name, std::string_view value) {
  HeaderBlock header;
  REQUIRE(header.add(name, value));
  return header;
}

}  // namespace

TEST_CASE("header block: a field keeps its octets, and folds become CRLF", "[message]") {
  struct Row {
    std::string_view name, value, raw, field_name, field_value;
  };
  const Row rows[] = {
      {"Subject", " hello", "Subject: hello", "Subject", " hello"},
      {"Subject", "hello", "Subject:hello", "Subject", "hello"},                   // no space is invented
      {"Subject", " a\n b", "Subject: a\r\n b", "Subject", " a\r\n b"},            // libmilter's folds
      {"Subject", " a\r\n b", "Subject: a\r\n b", "Subject", " a\r\n b"},          // a CRLF stays
      {"Subject", " a\r b", "Subject: a\r b", "Subject", " a\r b"},                // a CR alone stays
      {"Subject", " a\n\n b", "Subject: a\r\n\r\n b", "Subject", " a\r\n\r\n b"},  // every bare LF
      {"Subject", "\n a", "Subject:\r\n a", "Subject", "\r\n a"},                  // fold right after the colon
      {"Subject", " a\n", "Subject: a", "Subject", " a"},                          // no line end at the end
      {"From ", " a@b", "From : a@b", "From", " a@b"},                             // RFC 5322 §4.5.8
      {"From \t ", " a@b", "From \t : a@b", "From", " a@b"},                       // raw keeps the blanks
      {"Subject", "", "Subject:", "Subject", ""},                                  // empty
      {"", "", ":", "", ""},                                                       // nothing at all
      {"X", " a:b: c", "X: a:b: c", "X", " a:b: c"},                               // colons in the value
      {"X", std::string_view(" \0\xff", 3), std::string_view("X: \0\xff", 5), "X",
       std::string_view(" \0\xff", 3)},  // any octets
  };
  for (const Row& row : rows) {
    CAPTURE(row.raw);
    const HeaderBlock header = one(row.name, row.value);
    CHECK(header[0].raw == row.raw);
    CHECK(header[0].name == row.field_name);
    CHECK(header[0].value == row.field_value);
  }
}

TEST_CASE("header block: a line is split at its first colon", "[message]") {
  struct Row {
    std::string_view line, raw, name, value;
  };
  const Row rows[] = {
      {"From: a@b\r\n", "From: a@b", "From", " a@b"},
      {"From: a@b\n", "From: a@b", "From", " a@b"},
      {"From : a@b", "From : a@b", "From", " a@b"},
      {"X: a\n b\n", "X: a\r\n b", "X", " a\r\n b"},
      {"no colon here", "no colon here", "no colon here", ""},
      {"no\n colon \n", "no\r\n colon ", "no\r\n colon", ""},
      {"", "", "", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.line);
    HeaderBlock header;
    REQUIRE(header.add_line(row.line));
    CHECK(header[0].raw == row.raw);
    CHECK(header[0].name == row.name);
    CHECK(header[0].value == row.value);
  }
}

TEST_CASE("header block: fields are found by name whatever its case, top to bottom", "[message]") {
  HeaderBlock header;
  header.add("Received", " 1");
  header.add("FROM ", " x");
  header.add("received", " 2");
  header.add("Received-SPF", " 3");
  CHECK(header.size() == 4);
  CHECK(header.find_all("RECEIVED") == std::vector<std::size_t>{0, 2});
  CHECK(header.count("from") == 1);
  CHECK(header.count("Fro") == 0);
  CHECK(header[header.find_all("received")[1]].value == " 2");
}

TEST_CASE("header block: the limit counts line ends, and what does not fit is never added", "[message][limits]") {
  HeaderBlock header(20);
  CHECK(header.add("A", "23456"));    // 7 octets and CRLF: 9
  CHECK(header.add("B", "23\n5 7"));  // 9 with the CR its fold gets, and CRLF: 20, exactly full
  CHECK_FALSE(header.is_truncated());
  CHECK_FALSE(header.add("C", ""));  // one past
  CHECK(header.is_truncated());
  CHECK(header.size() == 2);
  CHECK_FALSE(header.add_line(""));  // and from then on
}

TEST_CASE("header block: after a field that is too large nothing smaller is added", "[message][limits]") {
  HeaderBlock header(16);
  CHECK_FALSE(header.add("A", std::string(100, 'x')));
  CHECK_FALSE(header.add("B", "x"));
  CHECK(header.size() == 0);
}

TEST_CASE("header block: empty lines cost something, too", "[message][limits]") {
  HeaderBlock header(8);
  for (int i = 0; i < 4; ++i) CHECK(header.add_line(""));
  CHECK_FALSE(header.add_line(""));
}

TEST_CASE("header block: a copy owns its own octets", "[message]") {
  HeaderBlock copy;
  {
    const HeaderBlock header = one("From", " a@b");
    copy = header;
  }
  CHECK(copy[0].raw == "From: a@b");
}
