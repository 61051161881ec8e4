#include "message/message_file.hpp"

#include <catch2/catch.hpp>
#include <vector>

using message::MessageFile;
using message::parse_message_file;

namespace {

std::vector<std::string> fields_of(const MessageFile& file) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < file.header.size(); ++i) out.emplace_back(file.header[i].raw);
  return out;
}

}  // namespace

TEST_CASE("message file: the header ends where it should", "[message]") {
  struct Row {
    std::string_view octets;
    std::vector<std::string> fields;
    std::string_view body;
  };
  const Row rows[] = {
      {"A: 1\r\nB: 2\r\n\r\nbody\r\n", {"A: 1", "B: 2"}, "body\r\n"},
      {"A: 1\nB: 2\n\nbody\n", {"A: 1", "B: 2"}, "body\r\n"},              // LF files
      {"A: 1\n b\n\tc\n\nbody", {"A: 1\r\n b\r\n\tc"}, "body"},            // continuations; no final line end stays none
      {"A: 1\n \n\nbody", {"A: 1\r\n "}, "body"},                          // a blank line is no empty line
      {"A: 1\nnot a field\nB: 2\n", {"A: 1"}, "not a field\r\nB: 2\r\n"},  // that line begins the body
      {"A: 1\n\n\nbody", {"A: 1"}, "\r\nbody"},                            // only the first empty line goes
      {" continuation of nothing\nA: 1\n", {}, " continuation of nothing\r\nA: 1\r\n"},
      {"\nA: 1\n", {}, "A: 1\r\n"},  // no header at all
      {"A: 1", {"A: 1"}, ""},        // ends in the header
      {"A: 1\n", {"A: 1"}, ""},
      {"A: 1\n\n", {"A: 1"}, ""},
      {"", {}, ""},
      {"\n", {}, ""},
      {"From me Mon Jan  1\nA: 1\n\nx", {"A: 1"}, "x"},      // mbox
      {"From: me\n\nx", {"From: me"}, "x"},                  // not mbox
      {"From : me\n\nx", {"From : me"}, "x"},                // a field with a blank, not mbox either
      {"A: 1\nFrom me\n\nx", {"A: 1"}, "From me\r\n\r\nx"},  // only at the very top
      {"From a: b\nFrom : c\n\nx", {"From : c"}, "x"},       // mbox: the address is no part of a name
      {"A: 1\r\r\nB: 2\n\nx", {"A: 1\r", "B: 2"}, "x"},      // a CR alone stays
      {"A: 1\n\r\nx\ry\r\n", {"A: 1"}, "x\ry\r\n"},
      {": no name\n\nx", {}, ": no name\r\n\r\nx"},
      {"N\xc3\xa9: 1\n\nx", {}, "N\xc3\xa9: 1\r\n\r\nx"},  // field names are ASCII
  };
  for (const Row& row : rows) {
    CAPTURE(row.octets);
    const MessageFile file = parse_message_file(row.octets);
    CHECK(fields_of(file) == row.fields);
    CHECK(file.body == row.body);
  }
}

TEST_CASE("message file: a header beyond the limit shows as truncated, and the body is still the body", "[message][limits]") {
  const MessageFile file = parse_message_file("A: 1\nB: 22222222\nC: 3\n\nbody", 12);
  CHECK(file.header.is_truncated());
  CHECK(file.header.size() == 1);
  CHECK(file.body == "body");
}
