#include "dns/zone_file.hpp"

#include <unistd.h>
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "dns/message.hpp"

using dns::Status;
using dns::Type;

namespace {

dns::AnswerPtr look_up(std::string_view zone_text, std::string_view name, Type type) {
  auto zone = dns::parse_zone(zone_text);
  if (!zone) FAIL(zone.error().line << ":" << zone.error().column << ": " << zone.error().text);
  dns::ZoneResolver resolver(std::move(*zone));
  dns::AnswerPtr got;
  resolver.start(dns::ask_for(name, type), [&](dns::AnswerPtr answer) { got = std::move(answer); });
  return got;
}

constexpr std::string_view example = R"(
$ORIGIN example.org.   ; a comment
$TTL 3600
@       IN SOA ns hostmaster ( 1 2 ; in here too
                               3 4 5 )
        NS   ns
        MX   10 mail
             MX   20 Mail.Example.NET.
        TXT  "v=spf1 " "mx -all"
        TXT  plain
NS      A    192.0.2.1
        60 IN AAAA 2001:db8::1
mail    IN 120 A 192.0.2.2
        A    192.0.2.3
a.b.deep A   192.0.2.4
alias   30 CNAME mail
far     CNAME elsewhere.net.
null    MX   0 .
*.wild  TXT  "from the wildcard"
own.wild A   192.0.2.5
1.2.0.192.in-addr.arpa. PTR mail
$FAIL   lost    A   timeout
$FAIL   broken  ANY servfail
broken  TXT  here
$ORIGIN sub
www     A    192.0.2.6
)";

}  // namespace

TEST_CASE("dns zone file: records of every type are found", "[dns]") {
  CHECK(look_up(example, "example.org", Type::ns)->names == std::vector<std::string>{"ns.example.org"});
  CHECK(look_up(example, "example.org", Type::mx)->exchanges ==
        std::vector<dns::Mx>{{10, "mail.example.org"}, {20, "mail.example.net"}});
  CHECK(look_up(example, "EXAMPLE.org.", Type::txt)->texts == std::vector<std::string>{"v=spf1 mx -all", "plain"});
  CHECK(look_up(example, "ns.example.org", Type::aaaa)->addresses.at(0).text() == "2001:db8::1");
  CHECK(look_up(example, "mail.example.org", Type::a)->addresses.size() == 2);
  CHECK(look_up(example, "null.example.org", Type::mx)->exchanges == std::vector<dns::Mx>{{0, ""}});
  CHECK(look_up(example, "1.2.0.192.in-addr.arpa", Type::ptr)->names == std::vector<std::string>{"mail.example.org"});
  CHECK(look_up(example, "www.sub.example.org", Type::a)->status == Status::ok);  // a relative origin
  CHECK(look_up(example, "alias.example.org", Type::cname)->names == std::vector<std::string>{"mail.example.org"});
}

TEST_CASE("dns zone file: a TTL is the record's, else that of $TTL, else the last one", "[dns]") {
  const auto ttl = [](std::string_view text, std::string_view name) { return look_up(text, name, Type::a)->ttl.count(); };
  CHECK(ttl(example, "ns.example.org") == 3600);
  CHECK(ttl(example, "mail.example.org") == 120);  // the smallest of the set
  CHECK(ttl(example, "alias.example.org") == 30);  // the smallest of the chain
  CHECK(ttl("a A 192.0.2.1\n", "a") == 300);
  CHECK(ttl("a 7 A 192.0.2.1\nb A 192.0.2.1\n", "b") == 7);
  CHECK(ttl("a 7 A 192.0.2.1\n$TTL 9\nb A 192.0.2.1\n", "b") == 9);
}

TEST_CASE("dns zone file: names that are not there, and those that only look so", "[dns]") {
  struct Row {
    const char* name;
    Type type;
    Status status;
  };
  const Row rows[] = {
      {"nothing.example.org", Type::a, Status::no_such_name},
      {"example.org", Type::a, Status::no_data},       // SOA makes the name exist
      {"deep.example.org", Type::a, Status::no_data},  // an empty non-terminal
      {"b.deep.example.org", Type::txt, Status::no_data},
      {"org", Type::a, Status::no_data},
      {"far.example.org", Type::a, Status::no_such_name},  // its target is not here
      {"mail.example.org", Type::txt, Status::no_data},
      {"alias.example.org", Type::txt, Status::no_data},
      {"x.wild.example.org", Type::txt, Status::ok},
      {"x.y.wild.example.org", Type::txt, Status::ok},  // RFC 4592 §2.2.1: any depth
      {"x.wild.example.org", Type::a, Status::no_data},
      {"wild.example.org", Type::txt, Status::no_data},             // not below itself
      {"own.wild.example.org", Type::txt, Status::no_data},         // a name that exists is not the wildcard's
      {"x.own.wild.example.org", Type::txt, Status::no_such_name},  // nor those below it
      {"*.wild.example.org", Type::txt, Status::ok},
      {"lost.example.org", Type::a, Status::timeout},
      {"lost.example.org", Type::txt, Status::no_data},
      {"broken.example.org", Type::a, Status::server_failure},
      {"broken.example.org", Type::txt, Status::ok},  // ANY spares what is there
  };
  for (const Row& row : rows) {
    CAPTURE(row.name, to_text(row.type));
    CHECK(look_up(example, row.name, row.type)->status == row.status);
  }
}

TEST_CASE("dns zone file: a wildcard of the whole root answers for anything", "[dns]") {
  CHECK(look_up("* A 192.0.2.1", "any.name", Type::a)->status == Status::ok);
}

TEST_CASE("dns zone file: a chain of eight CNAMEs is followed; nine, or a loop, are malformed", "[dns]") {
  std::string text = "c0 A 192.0.2.1\n";
  for (std::size_t i = 1; i <= dns::max_cname_chain + 1; ++i)
    text += "c" + std::to_string(i) + " CNAME c" + std::to_string(i - 1) + "\n";
  CHECK(look_up(text, "c8", Type::a)->status == Status::ok);
  CHECK(look_up(text, "c9", Type::a)->status == Status::malformed);
  CHECK(look_up("a CNAME b\nb CNAME a\n", "a", Type::a)->status == Status::malformed);
  CHECK(look_up("a CNAME b\nb CNAME a\n", "a", Type::cname)->status == Status::ok);
}

TEST_CASE("dns zone file: strings and names with escapes", "[dns]") {
  const auto text = [](std::string_view data) { return look_up("a TXT " + std::string(data), "a", Type::txt)->texts.at(0); };
  CHECK(text(R"("a\"b\\c\;d")") == R"(a"b\c;d)");
  CHECK(text(R"("\000\255\065")") == std::string("\0\xff"
                                                 "A",
                                                 3));
  CHECK(text(R"(a\ b\(c)") == "a b(c");
  CHECK(text(R"("v=DMARC1; p=none")") == "v=DMARC1; p=none");
  CHECK(text(R"("")").empty());
  CHECK(text(R"(a"b"c)") == "abc");  // a quote ends what is before it
  CHECK(text("( \"a\"\n ; between\n\t\"b\" )") == "ab");
  CHECK(text("\"a\"\r\n") == "a");  // lines may end in CRLF
  CHECK(look_up(R"(a\032\\b A 192.0.2.1)", "a \\b", Type::a)->status == Status::ok);
  CHECK(look_up(R"(\$x A 192.0.2.1)", "$x", Type::a)->status == Status::ok);  // no directive
}

TEST_CASE("dns zone file: an empty text and blank lines are a zone", "[dns]") {
  for (const char* text : {"", "\n", "  \n\t\n", "; only this", "\n ; that\n", "( )\n"}) {
    CAPTURE(text);
    CHECK(look_up(text, "a", Type::a)->status == Status::no_such_name);
  }
}

TEST_CASE("dns zone file: what is wrong is said with its line and column", "[dns]") {
  struct Row {
    std::string text;
    std::size_t line, column;
  };
  const Row rows[] = {
      {"a A 192.0.2.256\n", 1, 5},
      {"a A 192.0.2.1 192.0.2.2", 1, 15},
      {"a A", 1, 4},
      {"a", 1, 2},
      {"a 60", 1, 5},
      {"\na WKS 1\n", 2, 3},  // a type we do not know
      {"a CH TXT x", 1, 3},   // nor another class
      {"a 60 60 A 192.0.2.1", 1, 6},
      {"a IN IN A 192.0.2.1", 1, 6},
      {"a 2147483648 A 192.0.2.1", 1, 3},  // RFC 2181 §8
      {"  A 192.0.2.1", 1, 3},             // no owner yet
      {"a AAAA 192.0.2.1", 1, 8},
      {"a A 2001:db8::1", 1, 5},
      {"a MX mail", 1, 10},
      {"a MX x mail", 1, 6},
      {"a MX 65536 mail", 1, 6},
      {"a CNAME .", 1, 9},
      {"a CNAME \"b\"", 1, 9},
      {"a..b A 192.0.2.1", 1, 1},
      {"a\\.b A 192.0.2.1", 1, 1},  // cannot be spelled
      {"a\\04 A 192.0.2.1", 1, 1},
      {"a TXT \\256", 1, 7},
      {"a TXT \"never closed\n\"", 1, 7},
      {"a TXT x\\", 1, 7},
      {"a TXT ( x\n", 2, 1},
      {"a TXT ( ( x ) )", 1, 9},
      {"a TXT x )", 1, 9},
      {"a TXT " + std::string(256, 'x'), 1, 7},
      {std::string(64, 'x') + " A 192.0.2.1", 1, 1},
      {"a SOA ns host 1 2 3 4", 1, 3},
      {"a CNAME b\na A 192.0.2.1", 2, 3},  // RFC 1034 §3.6.2
      {"a A 192.0.2.1\na CNAME b", 2, 3},
      {"a CNAME b\na CNAME c", 2, 3},
      {"$INCLUDE other.zone", 1, 1},
      {"$TTL 1h", 1, 6},
      {"$TTL", 1, 1},
      {"$ORIGIN", 1, 1},
      {"$ORIGIN a. b.", 1, 12},
      {"$FAIL a A", 1, 9},
      {"$FAIL a A refuse", 1, 11},
      {"$FAIL a LOC timeout", 1, 9},
      {"$FAIL a..b A timeout", 1, 7},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto zone = dns::parse_zone(row.text);
    REQUIRE_FALSE(zone);
    CHECK(zone.error().line == row.line);
    CHECK(zone.error().column == row.column);
    CHECK_FALSE(zone.error().text.empty());
  }
}

TEST_CASE("dns zone file: the limits and one past them", "[dns][limits]") {
  CHECK(dns::parse_zone("a TXT " + std::string(255, 'x')));
  std::string records;
  for (std::size_t i = 0; i < dns::Answer::max_records; ++i) records += "a TXT x\n";
  CHECK(dns::parse_zone(records));
  CHECK_FALSE(dns::parse_zone(records + "a TXT x\n"));
  std::string strings = "a TXT";
  for (int i = 0; i < 257; ++i) strings += " " + std::string(255, 'x');
  CHECK(dns::parse_zone(strings));
  CHECK_FALSE(dns::parse_zone(strings + " x"));
  CHECK(dns::parse_zone(std::string(dns::max_zone_octets, '\n')));
  CHECK_FALSE(dns::parse_zone(std::string(dns::max_zone_octets + 1, '\n')));
}

TEST_CASE("dns zone file: a file is read, and its faults name it", "[dns]") {
  const std::string path = std::filesystem::temp_directory_path() / ("zone_file_test." + std::to_string(getpid()));
  std::ofstream(path) << "a A 192.0.2.1\n";
  CHECK(dns::load_zone(path).look_up(dns::ask_for("a", Type::a))->status == Status::ok);
  std::ofstream(path) << "a A 192.0.2.1\nb A x\n";
  CHECK_THROWS_WITH(dns::load_zone(path), path + ":2:5: not an address of the type");
  std::filesystem::remove(path);
  CHECK_THROWS_AS(dns::load_zone(path), std::runtime_error);
  CHECK_THROWS_AS(dns::load_zone("/"), std::runtime_error);
}
