#include "message/reverse_path.hpp"

#include <catch2/catch.hpp>

using message::parse_reverse_path;
using message::ReversePath;
using namespace std::string_view_literals;

namespace {

struct Row {
  std::string_view argument;
  std::string_view local_part, domain;  // domain "-": none
  std::string_view text;
};

void check(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(std::string(row.argument));
    const ReversePath path = parse_reverse_path(row.argument);
    CHECK_FALSE(path.is_unparsable);
    CHECK_FALSE(path.is_null);
    CHECK(path.local_part == row.local_part);
    CHECK((path.domain ? path.domain->text() : "-") == row.domain);
    CHECK(path.text == row.text);
  }
}

}  // namespace

TEST_CASE("reverse-path: a mailbox with or without brackets", "[message]") {
  check({
      {"<user@example.com>", "user", "example.com", "user@example.com"},
      {"user@example.com", "user", "example.com", "user@example.com"},
      {" <user@example.com> ", "user", "example.com", "user@example.com"},
      {"<User@EXAMPLE.com>", "User", "example.com", "User@EXAMPLE.com"},
      {"<user@example.com.>", "user", "example.com", "user@example.com."},
      {"<\"a b\"@example.com>", "a b", "example.com", "\"a b\"@example.com"},
      {"<\"a\\\"b@c\"@example.com>", "a\"b@c", "example.com", "\"a\\\"b@c\"@example.com"},
      {"<a..b.@example.com>", "a..b.", "example.com", "a..b.@example.com"},  // in use
      {"<SRS0=HHH=TT=x.example=u@fwd.example>", "SRS0=HHH=TT=x.example=u", "fwd.example",
       "SRS0=HHH=TT=x.example=u@fwd.example"},  // untouched
      {"<u@b\xc3\xbc"
       "cher.example>",
       "u", "xn--bcher-kva.example",
       "u@b\xc3\xbc"
       "cher.example"},
      {"<\xc3\xbc@example.com>", "\xc3\xbc", "example.com", "\xc3\xbc@example.com"},  // SMTPUTF8
      {"<u@com>", "u", "com", "u@com"},
      {"<root>", "root", "-", "root"},  // local mail
      {"root", "root", "-", "root"},
      {"<u@[192.0.2.1]>", "u", "-", "u@[192.0.2.1]"},
      {"<u@[IPv6:2001:db8::1]>", "u", "-", "u@[IPv6:2001:db8::1]"},
      {"<@example.com>", "", "example.com", "@example.com"},  // RFC 7208 §4.3 knows what to do
  });
}

TEST_CASE("reverse-path: a source route is dropped", "[message]") {
  check({
      {"<@a.example:u@c.example>", "u", "c.example", "u@c.example"},
      {"<@a.example,@b.example:u@c.example>", "u", "c.example", "u@c.example"},
      {"@a.example:u@c.example", "u", "c.example", "u@c.example"},
  });
}

TEST_CASE("reverse-path: empty is null", "[message]") {
  for (const auto argument : {"<>"sv, ""sv, " <> "sv}) {
    const ReversePath path = parse_reverse_path(argument);
    CHECK(path.is_null);
    CHECK_FALSE(path.is_unparsable);
    CHECK_FALSE(path.domain);
    CHECK(path.text.empty());
  }
}

TEST_CASE("reverse-path: what is not one has no domain", "[message]") {
  const std::string_view rows[] = {
      "<u@example.com",
      "u@example.com>",
      "<<u@example.com>>",
      "<u@a@b.example>",
      "<u@exa mple.com>",
      "<u v@x.example>",
      "<u@>",
      "<\"u@x.example>",
      "<\"u\"v@x.example>",
      "<u@x..example>",
      "<u@[192.0.2.1>",
      "<u@[]>",
      "<u,v@x.example>",
      "<u;v@x.example>",
      "<(c)u@x.example>",
      "<@a@x.example>",
      "<@a:>",
      "<@a b:u@x.example>",
      "<@a:@b:u@x.example>",
      "<",
      ">",
      "<u@x.example>\r\nRCPT",
      "<u\r@x.example>",
      "<\"u\n\"@x.example>",
      "<\xe9@x.example>",
      "<u@\xff.example>",
      "<u\0@x.example>"sv,
      "<u@x.example\0>"sv,
      "<\"u\0\"@x.example>"sv,
  };
  for (const std::string_view argument : rows) {
    CAPTURE(std::string(argument));
    const ReversePath path = parse_reverse_path(argument);
    CHECK(path.is_unparsable);
    CHECK_FALSE(path.is_null);
    CHECK_FALSE(path.domain);
    CHECK(path.local_part.empty());
  }
}

TEST_CASE("reverse-path: 1,024 octets are read, one more is not", "[message][limits]") {
  const std::string domain = "@example.com";
  const ReversePath longest = parse_reverse_path(std::string(1024 - domain.size(), 'a') + domain);
  CHECK_FALSE(longest.is_unparsable);
  const ReversePath longer = parse_reverse_path(std::string(1025 - domain.size(), 'a') + domain);
  CHECK(longer.is_unparsable);
  CHECK(longer.text.size() == 1024);
  CHECK(parse_reverse_path(std::string(1000000, '<')).text.size() == 1024);
}
