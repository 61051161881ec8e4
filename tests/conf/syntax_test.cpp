#include "conf/syntax.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"

namespace {

using std::chrono::milliseconds;

struct Duration {
  std::string text;
  std::int64_t milliseconds;  // -1: not one
};

struct Check {
  std::string text;
  bool is_fine;
};

struct Spelling {
  std::string text;
  std::string read;  // empty: not one
};

void run(const std::vector<Check>& rows, bool (*check)(std::string_view)) {
  for (const auto& row : rows) {
    INFO(row.text);
    CHECK(check(row.text) == row.is_fine);
  }
}

void run(const std::vector<Spelling>& rows, std::optional<std::string> (*read)(std::string_view)) {
  for (const auto& row : rows) {
    INFO(row.text);
    CHECK(read(row.text).value_or("") == row.read);
  }
}

const std::string label63(63, 'a');

}  // namespace

TEST_CASE("syntax: a duration is a whole number and a unit", "[conf]") {
  const std::vector<Duration> rows = {
      {"500ms", 500},
      {"20s", 20'000},
      {"15m", 900'000},
      {"1h", 3'600'000},
      {"1d", 86'400'000},
      {"0s", 0},
      {"007s", 7'000},                          // leading zeros change nothing
      {"1000000000d", 86'400'000'000'000'000},  // the largest number
      {"1000000001s", -1},                      // one more
      {"99999999999999999999s", -1},            // would overflow
      {"20", -1},                               // which unit?
      {"", -1},
      {"s", -1},
      {"-1s", -1},
      {"1.5s", -1},
      {"1h30m", -1},  // one number, one unit
      {" 20s", -1},
      {"20s ", -1},
      {"20 s", -1},
      {"20S", -1},
      {"20sec", -1},
  };
  for (const auto& row : rows) {
    INFO(row.text);
    CHECK(conf::read_duration(row.text).value_or(milliseconds{-1}).count() == row.milliseconds);
  }
}

TEST_CASE("syntax: a duration is written in the largest unit that leaves a whole number", "[conf]") {
  const std::vector<std::pair<std::int64_t, std::string>>
      rows =
          {
              {0, "0s"},          {1, "1ms"},         {1'500, "1500ms"},   {20'000, "20s"},
              {60'000, "60s"},  // limits of a few minutes are read more easily in seconds
              {299'000, "299s"},  {240'000, "240s"},  {300'000, "5m"},     {3'600'000, "1h"},
              {5'400'000, "90m"}, {86'400'000, "1d"}, {90'000'000, "25h"},
          };
  for (const auto& [count, text] : rows) {
    CHECK(conf::format_duration(milliseconds{count}) == text);
    CHECK(conf::read_duration(text) == milliseconds{count});
  }
}

TEST_CASE("syntax: a file mode is three or four octal digits", "[conf]") {
  CHECK(conf::read_file_mode("0660") == 0660U);
  CHECK(conf::read_file_mode("777") == 0777U);
  CHECK(conf::read_file_mode("000") == 0U);
  for (const auto* text : {"", "0", "66", "0668", "1660", "00660", "0o660", "-660", "rw-"})
    CHECK_FALSE(conf::read_file_mode(text));
}

TEST_CASE("syntax: a socket is one that libmilter takes", "[conf]") {
  const std::string path107 = "/" + std::string(106, 'p');
  run({{"inet:8891@127.0.0.1", true},
       {"inet:8891@localhost", true},
       {"inet:65535@mail.example.org", true},
       {"inet6:8891@::1", true},
       {"inet6:8891@[::1]", true},
       {"inet6:8891@localhost", true},
       {"unix:/run/signet/signet.sock", true},
       {"local:/run/signet.sock", true},
       {"unix:" + path107, true},         // what sun_path holds
       {"unix:" + path107 + "p", false},  // one more
       {"unix:run/signet.sock", false},   // relative to where?
       {"unix:/", false},
       {"unix:/run/", false},
       {"unix:/run/a\nb", false},
       {"inet:8891", false},  // would listen on every address: say so
       {"inet:0@127.0.0.1", false},
       {"inet:65536@127.0.0.1", false},
       {"inet:@127.0.0.1", false},
       {"inet:8891@", false},
       {"inet:8891@::1", false},  // the other family
       {"inet6:8891@127.0.0.1", false},
       {"inet:8891@[127.0.0.1]", false},
       {"inet:8891@127.0.0.256", false},  // not a host name either
       {"inet:8891@a b", false},
       {"INET:8891@127.0.0.1", false},
       {"tcp:8891@127.0.0.1", false},
       {"127.0.0.1:8891", false},
       {"/run/signet.sock", false},
       {"", false}},
      conf::is_socket);
}

TEST_CASE("syntax: a DNS server is an address with or without a port", "[conf]") {
  run({{"192.0.2.1", true},
       {"192.0.2.1:5353", true},
       {"2001:db8::1", true},
       {"[2001:db8::1]:53", true},
       {"[2001:db8::1]", false},
       {"2001:db8::1:5353", true},  // an address; a port needs brackets
       {"[192.0.2.1]:53", false},
       {"192.0.2.1:0", false},
       {"192.0.2.1:65536", false},
       {"192.0.2.1:", false},
       {"[]:53", false},
       {":53", false},
       {"dns.example", false},  // who would resolve it?
       {"", false}},
      conf::is_dns_server);
}

TEST_CASE("syntax: a field name is what RFC 5322 makes of one", "[conf]") {
  run({{"X-Signet-Quarantine", true},
       {std::string(64, 'x'), true},
       {std::string(65, 'x'), false},
       {"X_Y!", true},  // unusual, and allowed
       {"", false},
       {"X-Spam:", false},
       {"X Spam", false},
       {"X\r\nEvil", false},
       {"-X", false},
       {"X-Ä", false}},
      conf::is_field_name);
}

TEST_CASE("syntax: only fields that stay as they are can be signed", "[conf]") {
  run({{"From", true},
       {"list-unsubscribe-post", true},
       {"Received", false},
       {"return-path", false},
       {"DKIM-Signature", false},          // RFC 6376 §5.4
       {"authentication-results", false},  // ours is added later
       {"bcc", false},
       {"a;b", false}},  // would end the tag h=
      conf::is_signable_field_name);
}

TEST_CASE("syntax: an authserv-id is a token or a domain", "[conf]") {
  run({{"mx.example.org", "mx.example.org"},
       {"MX_1", "MX_1"},
       {std::string(255, 'a'), std::string(255, 'a')},
       {std::string(256, 'a'), ""},
       {"mx.exämple.org", "mx.xn--exmple-cua.org"},
       {"a b", ""},
       {".", ""},    // without its final dot, nothing
       {"a;b", ""},  // would end the authserv-id (RFC 8601 §2.2)
       {"a/b", ""},
       {"\"a\"", ""},
       {"a\r\nb", ""},
       {"", ""}},
      conf::read_authserv_id);
}

TEST_CASE("syntax: a refusal's text has only the escapes that are documented", "[conf]") {
  run({{"see https://example.org/%d?p=%p, 100%% sure", true},
       {std::string(200, 'x'), true},
       {std::string(201, 'x'), false},
       {"50% off", false},
       {"%s", false},
       {"ends in %", false},
       {"%%%", false},          // one percent sign and half an escape
       {"a\r\n250 ok", false},  // a second line of the reply
       {"tab\t", false},
       {"ä", false}},
      conf::is_reject_text);
}

TEST_CASE("syntax: a from pattern is an address, a domain, what is below one, or everything", "[conf]") {
  run({{"*", "*"},
       {"Example.ORG", "example.org"},
       {"example.org.", "example.org"},
       {"*.example.org", "*.example.org"},
       {"*.EXÄMPLE.org", "*.xn--exmple-cua.org"},
       {"User@Example.org", "User@example.org"},
       {"a@b@example.org", "a@b@example.org"},  // the last @ ends a quoted local part
       {"@example.org", ""},
       {"user@", ""},
       {"*@example.org", "*@example.org"},  // an address whose local part is an asterisk
       {"**", ""},
       {"*.", ""},
       {"*.*.org", ""},
       {"user@*.org", ""},
       {std::string(64, 'u') + "@example.org", std::string(64, 'u') + "@example.org"},
       {std::string(65, 'u') + "@example.org", ""},
       {"a b@example.org", ""},
       {"a..b", ""},
       {"", ""}},
      conf::read_from_pattern);
}

TEST_CASE("syntax: selectors, local parts, groups, macro values and paths have their own letters", "[conf]") {
  run({{"mail2026", true},
       {"a.b", true},
       {"a_b", true},
       {label63, true},
       {label63 + "a", false},
       {"", false},
       {"a..b", false},
       {"a.", false},
       {"ä", false},
       {"a;b", false}},
      conf::is_selector);
  run({{"postmaster", true},
       {"a.b+c", true},
       {std::string(64, 'a'), true},
       {std::string(65, 'a'), false},
       {".a", false},
       {"a b", false},
       {"a@b", false},
       {"a;b", false}},
      conf::is_local_part);
  run({{"postfix", true}, {"_x-1.y", true}, {"", false}, {"a b", false}, {"a:b", false}, {std::string(33, 'a'), false}},
      conf::is_account_name);
  run({{"ORIGINATING", true}, {"", false}, {"a b", false}, {std::string(65, 'a'), false}}, conf::is_macro_value);
  run({{"/a b/ä", true}, {"a", true}, {"", false}, {"a\nb", false}, {std::string(4096, 'a'), false}}, conf::is_path);
}

TEST_CASE("syntax: what is shown of a file's text is one line of ASCII", "[conf]") {
  CHECK(conf::printable_words("two words") == "two words");
  CHECK(conf::printable_words(" a  b ") == " a  b ");
  CHECK(conf::printable_words("a\x1b[31m\n\xc3\xa4") == "a\\x1b[31m\\x0a\\xc3\\xa4");
  CHECK(conf::printable_words("") == "");
  CHECK(conf::printable_words("abcd", 3) == "abc...");
}

TEST_CASE("syntax: a TOML string escapes what must be", "[conf]") {
  CHECK(conf::quote_toml("ä b") == "\"ä b\"");
  CHECK(conf::quote_toml("a\"\\\n\x7f") == "\"a\\\"\\\\\\u000A\\u007F\"");
}

TEST_CASE("syntax: the edit distance counts exchanged neighbours once", "[conf]") {
  const std::vector<std::tuple<std::string, std::string, std::size_t>> rows = {
      {"", "", 0},         {"", "abc", 3},      {"mode", "mode", 0}, {"mod", "mode", 1},       {"moder", "mode", 1},
      {"mdoe", "mode", 1}, {"node", "mode", 1}, {"form", "from", 1}, {"kitten", "sitting", 3}, {"ab", "cd", 2},
  };
  for (const auto& [a, b, distance] : rows) {
    INFO(a << " " << b);
    CHECK(conf::edit_distance(a, b) == distance);
    CHECK(conf::edit_distance(b, a) == distance);
  }
}
