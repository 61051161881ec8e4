#include "message/author.hpp"

#include <catch2/catch.hpp>

using message::Author;
using message::AuthorStatus;
using message::HeaderBlock;
using message::parse_author;

namespace {

/// "local@domain" of each address, or the status.
std::string read(std::string_view value) {
  const Author author = parse_author(value);
  if (author.status != AuthorStatus::ok) return std::string(to_text(author.status));
  std::string out;
  for (const auto& address : author.addresses)
    out += (out.empty() ? "" : " ") + ("<" + address.local_part + "@" + address.domain.text() + ">");
  return out;
}

struct Row {
  std::string_view value, result;
};

void check(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(std::string(row.value));
    CHECK(read(row.value) == row.result);
  }
}

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

using namespace std::string_view_literals;

}  // namespace

TEST_CASE("author: the ordinary forms name their address", "[message][author]") {
  check({
      {"user@example.com", "<user@example.com>"},
      {" user@example.com ", "<user@example.com>"},
      {" <user@example.com>", "<user@example.com>"},
      {"A User <user@example.com>", "<user@example.com>"},
      {"\"User, A\" <user@example.com>", "<user@example.com>"},
      {"A User\r\n\t<user@example.com>", "<user@example.com>"},   // CRLF fold
      {"A User\n <user@example.com>", "<user@example.com>"},      // LF fold
      {"A\r\n \r\n B <user@example.com>", "<user@example.com>"},  // obs-FWS: a blank line of a fold
      {"User@EXAMPLE.Com", "<User@example.com>"},                 // only the domain loses its case
      {"u@a.b.c", "<u@a.b.c>"},                                   // one-letter labels
      {"u@com", "<u@com>"},                                       // one label
      {"u@foo_bar.example", "<u@foo_bar.example>"},               // in use
      {"u@xn--bcher-kva.example", "<u@xn--bcher-kva.example>"},
      {"u@b\xc3\xbc"
       "cher.example",
       "<u@xn--bcher-kva.example>"},                       // U-label to A-label
      {"\xc3\xbc@example.com", "<\xc3\xbc@example.com>"},  // RFC 6532
      {"\"a b\"@example.com", "<a b@example.com>"},
      {"\"a\\\"b\\\\c\"@example.com", "<a\"b\\c@example.com>"},
      {"\"\"@example.com", "<@example.com>"},  // empty, but quoted
      {"a+b=c/d%e!f@example.com", "<a+b=c/d%e!f@example.com>"},
      {"user@example.com (A User)", "<user@example.com>"},
      {"\"\" <u@example.com>", "<u@example.com>"},
  });
}

TEST_CASE("author: a comment is white space, whatever it looks like", "[message][author][hostile]") {
  check({
      {"(ceo@bank.example) user@example.com", "<user@example.com>"},
      {"(ceo@bank.example <ceo@bank.example>,) U (x) <user@example.com> (y)", "<user@example.com>"},
      {"user(a)@(b)example(c).(d)com", "<user@example.com>"},  // around dots and @
      {"user@example . com", "<user@example.com>"},            // obs-domain
      {"a . b@example.com", "<a.b@example.com>"},              // obs-local-part
      {"\"a\".b@example.com", "<a.b@example.com>"},
      {"(a (b (c))) user@example.com", "<user@example.com>"},
      {"(a \\) b) user@example.com", "<user@example.com>"},  // quoted pair
      {"(a \" b) user@example.com", "<user@example.com>"},   // a quote means nothing in a comment
      {"\"(\" <user@example.com>", "<user@example.com>"},    // nor a parenthesis in quotes
      {"(\r\n fold) user@example.com", "<user@example.com>"},
      {"() user@example.com", "<user@example.com>"},
      {"(\x07) user@example.com", "<user@example.com>"},  // obs-ctext
      {"(a user@example.com", "unparsable"},              // not closed
      {"a) user@example.com", "unparsable"},              // not opened
      {"(a (b) user@example.com", "unparsable"},
      {"user@example.com (", "unparsable"},
      {"(a\\", "unparsable"},
      {"(a\r) user@example.com", "unparsable"},         // CR alone
      {"(a\n) user@example.com", "unparsable"},         // no fold
      {"(\\\xc3\xa9) user@example.com", "unparsable"},  // a pair of more than ASCII
  });
}

TEST_CASE("author: comments nest 32 deep and no deeper", "[message][author][limits]") {
  const auto nested = [](std::size_t depth) { return repeat("(", depth) + repeat(")", depth) + "u@example.com"; };
  CHECK(read(nested(32)) == "<u@example.com>");
  CHECK(read(nested(33)) == "unparsable");
  CHECK(read(repeat("(", 1000000)) == "unparsable");
}

TEST_CASE("author: several addresses are all authors, in order", "[message][author]") {
  check({
      {"a@x.example, b@y.example", "<a@x.example> <b@y.example>"},
      {"A <a@x.example>,B <b@y.example>", "<a@x.example> <b@y.example>"},
      {", a@x.example,, b@y.example,,", "<a@x.example> <b@y.example>"},  // obs-mbox-list
      {"a@x.example b@y.example", "unparsable"},                         // no comma
      {"<a@x.example> <b@y.example>", "unparsable"},
      {"<a@x.example>, b", "unparsable"},           // one bad, all bad
      {"Smith, John <a@x.example>", "unparsable"},  // a comma is not part of a name
      {"a@x.example; b@y.example", "unparsable"},   // not a separator
      {"a@x.example,b@[192.0.2.1]", "unparsable"},
  });
  const Author author = parse_author("a@x.example, b@y.example, c@X.EXAMPLE");
  REQUIRE(author.domains.size() == 2);
  CHECK(author.domains[0].text() == "x.example");
  CHECK(author.domains[1].text() == "y.example");
  CHECK(author.addresses.size() == 3);
}

TEST_CASE("author: a group in From is its members", "[message][author]") {
  check({
      {"Team: a@x.example, B <b@y.example>;", "<a@x.example> <b@y.example>"},  // RFC 6854
      {"Team:;", "no address"},
      {"Undisclosed (x) : (y) ; (z)", "no address"},
      {"Team: a@x.example;, c@z.example", "<a@x.example> <c@z.example>"},
      {"A:;, B:;", "no address"},
      {"\"Te:am\" x: a@x.example;", "<a@x.example>"},
      {"Team: ,a@x.example,;", "<a@x.example>"},         // obs-group-list
      {"Team: a@x.example", "unparsable"},               // not closed
      {"Team: a@x.example; b@y.example", "unparsable"},  // no comma after it
      {"A: B: a@x.example;;", "unparsable"},             // no group in a group
      {":a@x.example;", "unparsable"},                   // no name
      {"Team: a@x.example;;", "unparsable"},
      {";", "unparsable"},
      {"a@b: c@d;", "unparsable"},  // an address is no name
      {"Re: hello <a@x.example>", "unparsable"},
  });
}

TEST_CASE("author: display names in use are read where nobody could find another address", "[message][author][hostile]") {
  check({
      {"J. R. Smith <a@b.example>", "<a@b.example>"},  // obs-phrase
      {".NET Team <a@b.example>", "<a@b.example>"},
      {"J.R.R. <a@b.example>", "<a@b.example>"},
      {"Andr\xe9 <a@b.example>", "<a@b.example>"},  // raw Latin-1
      {"\xff\xfe\x80 <a@b.example>", "<a@b.example>"},
      {"\"\xe9\" <a@b.example>", "<a@b.example>"},
      {"\xe4\xbd\xa0\xe5\xa5\xbd<a@b.example>", "<a@b.example>"},
      {"[JIRA] Bob <a@b.example>", "<a@b.example>"},
      {"Bob [x. y] <a@b.example>", "<a@b.example>"},
      {"O'Neil & Sons #1 $ % * + - / = ? ^ _ ` { | } ~ ! <a@b.example>", "<a@b.example>"},
      {"a\"b\"c <a@b.example>", "<a@b.example>"},
      {"Name @handle <a@b.example>", "<a@b.example>"},  // no name with a dot behind the @
      {"Bob @ Example <a@b.example>", "<a@b.example>"},
      {"John !@M@! Doe <a@b.example>", "<a@b.example>"},
      {"\"ceo@bank.example\" <a@b.example>", "<a@b.example>"},  // quoted, it is a word
      {"ceo@bank.example <a@b.example>", "unparsable"},         // which of the two?
      {"ceo @ bank . example <a@b.example>", "unparsable"},
      {"ceo@bank(x).example <a@b.example>", "unparsable"},
      {"@bank.example <a@b.example>", "unparsable"},
      {"ceo@bank\xe3\x80\x82"
       "example <a@b.example>",
       "unparsable"},  // U+3002 is a dot
      {"ceo@bank\xef\xbc\x8e"
       "example <a@b.example>",
       "unparsable"},  // U+FF0E, too
      {"ceo@bank\xef\xbd\xa1"
       "example <a@b.example>",
       "unparsable"},  // and U+FF61
      {"ceo@[192.0.2.1] <a@b.example>", "unparsable"},
      {"[\"] <a@b.example> \"] <c@d.example>", "unparsable"},  // a literal for one reader, quotes for another
      {"[a@b.example] <c@d.example>", "unparsable"},
      {"[a <c@d.example>", "unparsable"},
      {"a] <c@d.example>", "unparsable"},
      {"A \\\"B\\\" <a@b.example>", "unparsable"},  // a backslash outside quotes
      {"\"A <a@b.example>", "unparsable"},
      {"A\" <a@b.example>", "unparsable"},
      {"\"A\\", "unparsable"},
      {"\"a\\\" <a@b.example>", "unparsable"},
      {"\"a\\\xc3\xa9\" <a@b.example>", "unparsable"},  // a pair of more than ASCII
      {"\x1b$B <a@b.example>", "unparsable"},           // ISO-2022-JP: controls, and shifts that hide specials
  });
}

TEST_CASE("author: angle brackets balance and stand last", "[message][author][hostile]") {
  check({
      {"<>", "unparsable"},
      {"<<a@b.example>>", "unparsable"},
      {"<a@b.example", "unparsable"},
      {"a@b.example>", "unparsable"},
      {"<a@b.example> Bob", "unparsable"},
      {"<a@b.example>, <", "unparsable"},
      {"A <b> <a@b.example>", "unparsable"},
      {"<ceo@bank.example> <a@b.example>", "unparsable"},
      {"A <a@b.example> <c@d.example>", "unparsable"},
      {"<a@b.example,c@d.example>", "unparsable"},
      {"A < a@b.example > (x)", "<a@b.example>"},
      {"<\r\n a@b.example\r\n >", "<a@b.example>"},
  });
}

TEST_CASE("author: an obsolete source route is dropped", "[message][author][hostile]") {
  check({
      {"<@a:user@c.example>", "<user@c.example>"},
      {"<@a,@b.example:user@c.example>", "<user@c.example>"},
      {"A < @ a , , @b : user@c.example>", "<user@c.example>"},  // obs-domain-list
      {"<@a@b:user@c.example>", "unparsable"},                   // no comma
      {"<@:user@c.example>", "unparsable"},
      {"<@a,@b>", "unparsable"},
      {"<@a.example>", "unparsable"},
      {"<@a:>", "unparsable"},
      {"@a:user@c.example", "unparsable"},  // only in brackets
      {"<@a,b:user@c.example>", "unparsable"},
      {"<@", "unparsable"},
  });
}

TEST_CASE("author: an encoded word is never an address or part of one", "[message][author][hostile]") {
  check({
      {"=?utf-8?Q?Bob?= <a@b.example>", "<a@b.example>"},
      {"=?utf-8?q?(omit)?=\n =?utf-8?q?(omit)?= <a@b.example>", "<a@b.example>"},
      {"\"=?utf-8?q?x?=\" <a@b.example>", "<a@b.example>"},
      {"=?utf-8?Q?ceo=40bank.example?=", "unparsable"},
      {"=?utf-8?B?Y2VvQGJhbmsuZXhhbXBsZQ==?=", "unparsable"},
      {"=?utf-8?Q?=3Cceo=40bank.example=3E?= <a@b.example>", "<a@b.example>"},  // just a word
      {"=?utf-8?Q?ceo?=@bank.example", "unparsable"},                           // a decoding reader sees another local part
      {"=?utf-8?Q?a.b?=@bank.example", "unparsable"},
      {"\"=?utf-8?Q?ceo?=\"@bank.example", "unparsable"},
      {"ceo@=?utf-8?Q?bank.example?=", "unparsable"},
      {"a=?b@bank.example", "<a=?b@bank.example>"},     // not a whole one
      {"=?utf-8?q?a,b?= <a@b.example>", "unparsable"},  // RFC 2047 §5: no comma unencoded
  });
}

TEST_CASE("author: a domain is a name, dots of every kind separate its labels", "[message][author][hostile]") {
  check({
      {"u@example\xe3\x80\x82"
       "com",
       "<u@example.com>"},  // U+3002
      {"u@example\xef\xbc\x8e"
       "com",
       "<u@example.com>"},  // U+FF0E
      {"u@example\xef\xbd\xa1"
       "com",
       "<u@example.com>"},                                // U+FF61
      {"u@\xef\xbd\x85xample.com", "<u@example.com>"},    // full-width e
      {"u@\xe2\x98\x95.example", "<u@xn--53h.example>"},  // symbols are in use
      {"u@example.com.", "unparsable"},                   // RFC 5322 has no final dot
      {"u@example.com\xe3\x80\x82", "unparsable"},        // of any kind
      {"u@.example.com", "unparsable"},
      {"u@example..com", "unparsable"},
      {"u@example.\xe3\x80\x82"
       "com",
       "unparsable"},
      {"u@-example.com", "unparsable"},
      {"u@example-.com", "unparsable"},
      {"u@[192.0.2.1]", "unparsable"},  // names no domain
      {"u@[IPv6:2001:db8::1]", "unparsable"},
      {"u@exam ple.com", "unparsable"},
      {"u@\"example.com\"", "unparsable"},
      {"u@example.com/x", "unparsable"},
      {"u@exa\xffmple.com", "unparsable"},  // not UTF-8
      {"u@", "unparsable"},
      {"@example.com", "unparsable"},
      {"u@a@b.example", "unparsable"},
      {"u@@b.example", "unparsable"},
      {"u@b\xef\xbc\xa0"
       "c.example",
       "unparsable"},  // full-width @
  });
  CHECK(read("u@" + repeat("a", 63) + ".example") == "<u@" + repeat("a", 63) + ".example>");
  CHECK(read("u@" + repeat("a", 64) + ".example") == "unparsable");
  CHECK(read("u@" + repeat("a.", 126) + "a") != "unparsable");  // 253 octets
  CHECK(read("u@" + repeat("a.", 126) + "aa") == "unparsable");
}

TEST_CASE("author: a local part is words and dots", "[message][author]") {
  check({
      {".a@x.example", "unparsable"},
      {"a.@x.example", "unparsable"},
      {"a..b@x.example", "unparsable"},
      {"a b@x.example", "unparsable"},
      {"\"a\"b@x.example", "unparsable"},
      {"a\"b\"@x.example", "unparsable"},
      {"\"a\" \"b\"@x.example", "unparsable"},
      {"\"Smith, J <j@y.example>\" a@x.example", "unparsable"},
      {"\xe9@x.example", "unparsable"},  // not UTF-8
      {"[a]@x.example", "unparsable"},
      {"\"a\\,b\"@x.example", "<a,b@x.example>"},  // quoted-pair comma
      {"a\\,b@x.example", "unparsable"},
      {"\"a\\\x7f\"@x.example", "<a\x7f@x.example>"},  // obs-qp
      {"\"\x07\"@x.example", "<\x07@x.example>"},      // obs-qtext
      {"\x07@x.example", "unparsable"},
      {"\"\ta\r\n b\"@x.example", "<\ta b@x.example>"},  // a fold inside
  });
}

TEST_CASE("author: NUL and line ends that are no folds are never read over", "[message][author][hostile]") {
  check({
      {"a@x.example\0"sv, "unparsable"},
      {"\0a@x.example"sv, "unparsable"},
      {"a@x.example\0.evil.example"sv, "unparsable"},
      {"\"\0\" <a@x.example>"sv, "unparsable"},
      {"\"\\\0\" <a@x.example>"sv, "unparsable"},
      {"(\0) a@x.example"sv, "unparsable"},
      {"a@x.example\r\n", "unparsable"},
      {"a@x.example\n", "unparsable"},
      {"a@x.example\r", "unparsable"},
      {"a@x.example\nb@y.example", "unparsable"},
      {"\"a\rb\" <a@x.example>", "unparsable"},
      {"\"a\nb\" <a@x.example>", "unparsable"},
      {"a@x.example\r\r\n ", "unparsable"},
      {"a@x.example\r\n ", "<a@x.example>"},
  });
}

TEST_CASE("author: what names nobody has no author", "[message][author][hostile]") {
  check({
      {"", "no address"},
      {" \t", "no address"},
      {"(nobody)", "no address"},
      {",,,", "no address"},
      {"Display Name", "unparsable"},
      {"\"quoted\"", "unparsable"},
      {"user", "unparsable"},
      {"<user>", "unparsable"},
  });
}

TEST_CASE("author: 100 addresses and 10 domains are the most", "[message][author][limits]") {
  const auto same_domain = [](std::size_t count) { return repeat("a@x.example,", count); };
  CHECK(parse_author(same_domain(100)).status == AuthorStatus::ok);
  CHECK(parse_author(same_domain(101)).status == AuthorStatus::too_many);
  const auto domains = [](std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += "a@x" + std::to_string(i) + ".example, ";
    return out;
  };
  CHECK(parse_author(domains(10)).domains.size() == 10);
  const Author eleven = parse_author(domains(11));
  CHECK(eleven.status == AuthorStatus::too_many);
  CHECK(eleven.addresses.empty());
  CHECK(eleven.domains.empty());
  CHECK(parse_author(domains(11) + "a@x0.example").status == AuthorStatus::too_many);
}

TEST_CASE("author: a very long field is read in one pass", "[message][author][hostile]") {
  CHECK(read(repeat("word ", 200000) + "<a@x.example>") == "<a@x.example>");
  CHECK(read("\"" + repeat("\\\"", 500000) + "\" <a@x.example>") == "<a@x.example>");
  CHECK(read(repeat("(c) ", 250000) + "a@x.example") == "<a@x.example>");
  CHECK(read(repeat(",", 1000000) + "a@x.example") == "<a@x.example>");
  CHECK(read(repeat("a@", 500000)) == "unparsable");
  CHECK(read(repeat("[", 1000000)) == "unparsable");
  CHECK(read("<" + repeat("@a,", 300000)) == "unparsable");
  CHECK(read("u@" + repeat("a.", 500000) + "b") == "unparsable");
  CHECK(read("u@" + repeat("\xc3\xa9", 500000)) == "unparsable");
}

TEST_CASE("author: the fault is short printable ASCII", "[message][author]") {
  for (const std::string_view value : {"\x01\r\n"sv, "\xff@"sv, "(("sv, "a@\xff\xff"sv}) {
    const Author author = parse_author(value);
    CHECK_FALSE(author.fault.empty());
    CHECK(author.fault.size() < 200);
    for (const char c : author.fault) CHECK((c >= ' ' && c < 0x7f));
  }
  CHECK(parse_author("a@x.example, b@[1]").fault == "address literal at octet 15 of the From field");
}

TEST_CASE("author: exactly one From field is an author's", "[message][author][hostile]") {
  HeaderBlock header;
  CHECK(find_author(header).status == AuthorStatus::missing);
  header.add("Subject", " From: x@y.example");
  header.add("X-From", " x@y.example");
  CHECK(find_author(header).status == AuthorStatus::missing);
  header.add("fRoM ", " a@x.example");  // blank before the colon, any case
  CHECK(find_author(header).domains.front().text() == "x.example");
  header.add("From", " a@x.example");  // even the same
  const Author several = find_author(header);
  CHECK(several.status == AuthorStatus::several_fields);
  CHECK(several.domains.empty());
}

TEST_CASE("author: a truncated header may hide another From field", "[message][author][hostile]") {
  HeaderBlock header(64);
  header.add("From", " a@x.example");
  header.add("X", std::string(100, 'x'));
  REQUIRE(header.is_truncated());
  CHECK(find_author(header).status == AuthorStatus::unparsable);
}
