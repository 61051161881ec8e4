#include "dkim/header_hash.hpp"

#include <catch2/catch.hpp>

using dkim::Canonicalization;

namespace {

message::HeaderBlock header_of(const std::vector<std::string_view>& lines) {
  message::HeaderBlock header;
  for (const auto line : lines) header.add_line(line);
  return header;
}

const std::vector<std::string_view> lines = {"Received: 1", "From: a", "RECEIVED: 2", "Empty:", "received: 3"};

}  // namespace

TEST_CASE("header hash: names select fields from the bottom up, absent ones add nothing", "[dkim]") {
  struct {
    std::vector<std::string> names;
    std::string_view expected;
  } const table[] = {
      {{}, ""},
      {{"from"}, "from:a\r\n"},
      {{"received"}, "received:3\r\n"},
      {{"received", "received"}, "received:3\r\nreceived:2\r\n"},
      {{"received", "from", "received", "received"}, "received:3\r\nfrom:a\r\nreceived:2\r\nreceived:1\r\n"},
      {{"received", "received", "received", "received"}, "received:3\r\nreceived:2\r\nreceived:1\r\n"},  // oversigned
      {{"from", "from"}, "from:a\r\n"},
      {{"subject", "from"}, "from:a\r\n"},  // absent
      {{"empty"}, "empty:\r\n"},            // there, but empty
  };
  const auto header = header_of(lines);
  const dkim::FieldIndex fields(header);
  for (const auto& row : table) CHECK(fields.canonical_fields(row.names, Canonicalization::relaxed) == row.expected);
  CHECK(fields.count("received") == 3);
  CHECK(fields.count("subject") == 0);
}

TEST_CASE("header hash: a signature does not cover itself through h=", "[dkim]") {
  const auto header = header_of({"DKIM-Signature: own", "From: a", "DKIM-Signature: other"});
  const dkim::FieldIndex fields(header);
  const std::vector<std::string> names = {"dkim-signature", "dkim-signature"};
  CHECK(fields.canonical_fields(names, Canonicalization::simple, 0) == "DKIM-Signature: other\r\n");
  CHECK(fields.canonical_fields(names, Canonicalization::simple, 2) == "DKIM-Signature: own\r\n");
}

TEST_CASE("header hash: the signature's own field comes without b= and without its line end", "[dkim]") {
  const auto header = header_of({"DKIM-Signature : v=1;\r\n\tb=abc ; x=2 "});
  std::string simple, relaxed;
  dkim::append_own_field(simple, header[0], Canonicalization::simple);
  dkim::append_own_field(relaxed, header[0], Canonicalization::relaxed);
  CHECK(simple == "DKIM-Signature : v=1;\r\n\tb=; x=2 ");
  CHECK(relaxed == "dkim-signature:v=1; b=; x=2");
}
