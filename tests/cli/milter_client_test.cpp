#include "cli/milter_client.hpp"

#include <netinet/in.h>
#include <catch2/catch.hpp>

#include "fake_filter.hpp"

using namespace cli;
using test::answering;
using test::FakeFilter;
using test::negotiation;
using test::number;
using test::packet;
using namespace std::string_literals;

namespace {

using Strings = std::vector<std::string>;
using Kind = MilterError::Kind;

Kind kind_of_failure(const std::function<void()>& action) {
  try {
    action();
  } catch (const MilterError& error) {
    CAPTURE(error.what());
    return error.kind();
  }
  FAIL("nothing was thrown");
  return Kind::address;
}

/// The steps of one whole message, each with a continue expected of it.
void send_message(MilterClient& client, const std::string& body = "text\r\n") {
  client.mail(Strings{"<a@a.example>"});
  client.rcpt(Strings{"<b@b.example>"});
  client.data();
  client.header("Subject", " x");
  client.end_of_header();
  client.body(body);
  client.end_of_message();
}

}  // namespace

TEST_CASE("milter client: version 6 and everything is offered", "[cli][milter_client]") {
  FakeFilter filter(answering({{'O', negotiation(0x100000, 0x31, 6)}}));
  MilterClient client(filter.client_socket());
  const MilterNegotiation& negotiated = client.negotiate();
  CHECK(negotiated.version == 6);
  CHECK(negotiated.actions == 0x31);
  CHECK(negotiated.leading_space());
  CHECK(negotiated.macros.empty());
  client.close();
  CHECK(filter.all('O') == Strings{number(6) + number(0x1ff) + number(0x1fffff)});
}

TEST_CASE("milter client: the filter's lists of macros are kept by stage", "[cli][milter_client]") {
  const std::string lists = number(0) + "j {client_ptr}\0"s + number(5) + "i\0"s + number(77) + "future\0"s;
  FakeFilter filter(answering({{'O', packet('O', number(6) + number(0) + number(0) + lists)}}));
  MilterClient client(filter.client_socket());
  client.negotiate();
  CHECK(client.negotiation().macros ==
        std::map<MacroStage, std::string>{{MacroStage::connect, "j {client_ptr}"}, {MacroStage::end_of_message, "i"}});
}

TEST_CASE("milter client: a negotiation that makes no sense is a protocol error", "[cli][milter_client]") {
  const Strings answers{
      negotiation(0, 0x1ff, 7),                                          // a version that was not offered
      negotiation(0, 0x1ff, 1),                                          // too old to be spoken
      negotiation(0, 0x200),                                             // an action that was not offered
      packet('c'),                                                       // not a negotiation
      packet('O', number(6) + number(0)),                                // one number short
      packet('O', number(6) + number(0) + number(0) + number(0) + "j"),  // a macro list without its NUL
      packet('O', number(6) + number(0) + number(0) + "\0\0"s),          // half a stage
  };
  for (const std::string& answer : answers) {
    CAPTURE(answer);
    FakeFilter filter(answering({{'O', answer}}));
    MilterClient client(filter.client_socket());
    CHECK(kind_of_failure([&] { client.negotiate(); }) == Kind::protocol);
  }
}

TEST_CASE("milter client: connect tells the client's kind of address", "[cli][milter_client]") {
  struct Row {
    MilterPeer peer;
    std::string data;
  };
  const std::vector<Row> rows{
      {{"a.example", "192.0.2.1", 258}, "a.example\0"s + "4\x01\x02" + "192.0.2.1\0"s},  // port in network order
      {{"a.example", "2001:db8::1", 25}, "a.example\0"s + "6\0\x19"s + "2001:db8::1\0"s},
      {{"a.example", "::ffff:192.0.2.1", 25}, "a.example\0"s + "6\0\x19"s + "::ffff:192.0.2.1\0"s},  // as it is written
      {{"unknown", "192.0.2.1", 0}, "[192.0.2.1]\0"s + "4\0\0"s + "192.0.2.1\0"s},  // Sendmail's form of unknown
      {{"", "192.0.2.1", 0}, "[192.0.2.1]\0"s + "4\0\0"s + "192.0.2.1\0"s},
      {{"localhost", "/run/mta", 9}, "localhost\0"s + "L\0\0"s + "/run/mta\0"s},  // no port
      {{"", "", 25}, "unknown\0U"s},                                              // nothing more follows
      {{"a.example", "not an address", 25}, "a.example\0U"s},
  };
  for (const Row& row : rows) {
    CAPTURE(row.peer.name, row.peer.address);
    FakeFilter filter(answering({}));
    MilterClient client(filter.client_socket());
    client.negotiate();
    client.connect(row.peer);
    client.close();
    CHECK(filter.all('C') == Strings{row.data});
  }
}

TEST_CASE("milter client: events carry their arguments, after their macros", "[cli][milter_client]") {
  FakeFilter filter(answering({}));
  MilterClient client(filter.client_socket());
  client.negotiate();
  client.helo("h.example");
  client.mail(Strings{"<a@a.example>", "BODY=8BITMIME"}, {{"i", "Q1"}, {"{auth_authen}", "anna"}});
  client.rcpt(Strings{"<b@b.example>"});
  client.data();
  client.unknown("XYZZY now");
  client.quit();
  const std::vector<test::Seen> expected{{'D', "H"},
                                         {'H', "h.example\0"s},
                                         {'D', "Mi\0Q1\0{auth_authen}\0anna\0"s},
                                         {'M', "<a@a.example>\0BODY=8BITMIME\0"s},
                                         {'D', "R"},
                                         {'R', "<b@b.example>\0"s},
                                         {'D', "T"},
                                         {'T', ""},
                                         {'D', "U"},
                                         {'U', "XYZZY now\0"s},
                                         {'Q', ""}};
  auto seen = filter.seen();
  seen.erase(seen.begin());  // the negotiation
  CHECK(seen == expected);
}

TEST_CASE("milter client: a string ends at its first NUL", "[cli][milter_client]") {
  FakeFilter filter(answering({}));
  MilterClient client(filter.client_socket());
  client.negotiate();
  client.header("Subject", "a\0b"s);
  client.close();
  CHECK(filter.all('L') == Strings{"Subject\0a\0"s});
}

TEST_CASE("milter client: events the filter does not want are not sent, their macros are", "[cli][milter_client]") {
  struct Row {
    std::uint32_t step;
    std::string codes;
  };
  const std::vector<Row> rows{
      {milter_step::no_mail, "ORTLNBE"},    {milter_step::no_rcpt, "OMTLNBE"},          {milter_step::no_data, "OMRLNBE"},
      {milter_step::no_headers, "OMRTNBE"}, {milter_step::no_end_of_header, "OMRTLBE"}, {milter_step::no_body, "OMRTLNE"},
      {0x7f | milter_step::no_data, "OE"},  // the end of the message is always told
  };
  for (const Row& row : rows) {
    FakeFilter filter(answering({}, row.step));
    MilterClient client(filter.client_socket());
    client.negotiate();
    send_message(client);
    client.close();
    CHECK(filter.codes() == row.codes);
    CHECK(filter.all('D').size() == 7);
  }
}

TEST_CASE("milter client: events the filter does not answer are not waited for", "[cli][milter_client]") {
  const std::uint32_t silent = milter_step::unanswered_connect | milter_step::unanswered_helo | milter_step::unanswered_mail |
                               milter_step::unanswered_rcpt | milter_step::unanswered_data | milter_step::unanswered_header |
                               milter_step::unanswered_end_of_header | milter_step::unanswered_body |
                               milter_step::unanswered_unknown;
  std::map<char, std::string> answers;
  for (const char code : "CHMRTLNBU"s) answers[code] = "";
  FakeFilter filter(answering(answers, silent));
  MilterClient client(filter.client_socket());
  client.negotiate();
  client.connect({"a.example", "192.0.2.1", 25});
  client.helo("a.example");
  client.unknown("X");
  send_message(client);
  client.close();
  CHECK(filter.codes() == "OCHUMRTLNBE");
}

TEST_CASE("milter client: an older filter never sees newer events", "[cli][milter_client]") {
  for (const auto& [version, codes] : std::vector<std::pair<std::uint32_t, std::string>>{
           {2, "OMRLNBE"}, {3, "OUMRLNBE"}, {4, "OUMRTLNBE"}, {6, "OUMRTLNBE"}}) {
    FakeFilter filter(answering({{'O', negotiation(0, 0, version)}}));
    MilterClient client(filter.client_socket());
    client.negotiate();
    client.unknown("X");
    send_message(client);
    client.close();
    CHECK(filter.codes() == codes);
  }
}

TEST_CASE("milter client: header values have LF folds, and their space only when it is wanted", "[cli][milter_client]") {
  struct Row {
    std::string value, trimmed, whole;
  };
  const std::vector<Row> rows{
      {" x", "x", " x"},
      {"  x", " x", "  x"},   // one space, not all
      {"\tx", "\tx", "\tx"},  // not a tab
      {"x", "x", "x"},
      {"", "", ""},
      {" a\r\n b\r\n\tc", "a\n b\n\tc", " a\n b\n\tc"},
      {"\r\n b", "\n b", "\n b"},              // the space is not the first octet
      {" a\rb\n c", "a\rb\n c", " a\rb\n c"},  // a CR alone stays
  };
  for (const bool wanted : {false, true}) {
    for (const Row& row : rows) {
      FakeFilter filter(answering({}, wanted ? milter_step::leading_space : 0));
      MilterClient client(filter.client_socket());
      client.negotiate();
      client.header("X", row.value);
      client.close();
      CHECK(filter.all('L') == Strings{"X\0"s + (wanted ? row.whole : row.trimmed) + '\0'});
    }
  }
}

TEST_CASE("milter client: a body comes in chunks of 65,535 octets", "[cli][milter_client]") {
  for (const auto& [size, last] : std::vector<std::pair<std::size_t, std::size_t>>{
           {0, 0}, {1, 1}, {65535, 65535}, {65536, 1}, {131070, 65535}, {131071, 1}}) {
    FakeFilter filter(answering({}));
    MilterClient client(filter.client_socket());
    client.negotiate();
    const std::string body(size, 'x');
    client.body(body);
    client.close();
    const Strings chunks = filter.all('B');
    REQUIRE(chunks.size() == (size + 65534) / 65535);
    std::string joined;
    for (const std::string& chunk : chunks) joined += chunk;
    CHECK(joined == body);
    if (!chunks.empty()) CHECK(chunks.back().size() == last);
  }
}

TEST_CASE("milter client: skip ends the events of its kind, for this message only", "[cli][milter_client]") {
  FakeFilter filter(answering({{'B', packet('s')}}, milter_step::skip));
  MilterClient client(filter.client_socket());
  client.negotiate();
  const std::string body(200'000, 'x');
  CHECK(client.body(body).skip);
  client.body(body);
  client.end_of_message();
  client.abort();
  client.body(body);
  client.close();
  CHECK(filter.codes() == "OBEAB");
}

TEST_CASE("milter client: a verdict ends the body", "[cli][milter_client]") {
  FakeFilter filter(answering({{'B', packet('a')}}));
  MilterClient client(filter.client_socket());
  client.negotiate();
  CHECK(client.body(std::string(200'000, 'x')).verdict == MilterVerdict::accept);
  client.close();
  CHECK(filter.codes() == "OB");
}

TEST_CASE("milter client: an abort lets another message follow", "[cli][milter_client]") {
  FakeFilter filter(answering({}));
  MilterClient client(filter.client_socket());
  client.negotiate();
  client.mail(Strings{"<a@a.example>"});
  client.abort();
  send_message(client);
  client.abort();
  client.quit_new_connection();
  client.connect({"a.example", "192.0.2.1", 25});
  client.quit();
  CHECK_FALSE(client.is_open());
  CHECK(filter.codes() == "OMAMRTLNBEAKCQ");
}

TEST_CASE("milter client: the connection can be cut anywhere and fed with anything", "[cli][milter_client]") {
  FakeFilter filter([](char code, const std::string&) -> std::optional<std::string> {
    return code == '\xff' ? packet('X', "what") : packet('c');
  });
  MilterClient client(filter.client_socket());
  client.send_packet('\xff', "odd");
  CHECK(client.receive_packet().data == "what");
  client.send_raw(
      "\0\0\0\x09"
      "Bhal"s);
  client.close();
  client.close();
  CHECK(filter.codes() == "\xff");  // half a packet is none
  CHECK(kind_of_failure([&] { client.abort(); }) == Kind::closed);
}

TEST_CASE("milter client: a filter that goes away or falls silent is told apart", "[cli][milter_client]") {
  SECTION("it closes instead of answering") {
    FakeFilter filter([](char code, const std::string&) -> std::optional<std::string> {
      return code == 'O' ? std::optional(negotiation()) : code == 'D' ? std::optional(""s) : std::nullopt;
    });
    MilterClient client(filter.client_socket());
    client.negotiate();
    CHECK(kind_of_failure([&] { client.helo("x"); }) == Kind::closed);
  }
  SECTION("it closes within a packet") {
    FakeFilter filter([sent = false](char, const std::string&) mutable -> std::optional<std::string> {
      if (std::exchange(sent, true)) return std::nullopt;
      return "\0\0\0\x0d"
             "O"s;
    });
    MilterClient client(filter.client_socket());
    client.send_packet('x');
    client.send_packet('x');
    CHECK(kind_of_failure([&] { static_cast<void>(client.receive_packet()); }) == Kind::closed);
  }
  SECTION("it answers nothing") {
    FakeFilter filter(answering({{'O', ""}}));
    MilterClient client(filter.client_socket(), {.read = std::chrono::milliseconds(0)});
    CHECK(kind_of_failure([&] { client.negotiate(); }) == Kind::timeout);
  }
  SECTION("it reads nothing") {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    MilterClient client(ends[0], {.write = std::chrono::milliseconds(0)});
    CHECK(kind_of_failure([&] { client.send_raw(std::string(16'000'000, 'x')); }) == Kind::timeout);
    ::close(ends[1]);
  }
}

TEST_CASE("milter client: a reply has at least one octet and at most a mebibyte", "[cli][milter_client]") {
  constexpr std::size_t most = MilterStream::max_packet_octets;
  struct Row {
    std::string reply;
    bool fine;
  };
  const std::vector<Row> rows{
      {packet('x', std::string(most - 1, 'y')), true},
      {packet('x', std::string(most, 'y')), false},  // one octet more
      {number(0), false},                            // not even a code
      {number(0xffffffff), false},                   // nothing is made that large
  };
  for (const Row& row : rows) {
    FakeFilter filter([&](char, const std::string&) { return row.reply; });
    MilterClient client(filter.client_socket());
    client.send_packet('x');
    if (row.fine) {
      CHECK(client.receive_packet().data.size() == most - 1);
    } else {
      CHECK(kind_of_failure([&] { static_cast<void>(client.receive_packet()); }) == Kind::protocol);
    }
    client.close();
  }
}

TEST_CASE("milter client: an error names the event it came at", "[cli][milter_client]") {
  FakeFilter filter(answering({{'R', packet('Z')}}));
  MilterClient client(filter.client_socket());
  client.negotiate();
  CHECK_THROWS_WITH(client.rcpt(Strings{"<b@b.example>"}), Catch::Contains("RCPT") && Catch::Contains("'Z'"));
}

TEST_CASE("milter client: an address that is none is not tried", "[cli][milter_client]") {
  for (const std::string address :
       {"", "inet", "inet:", "inet:@localhost", "inet:0@localhost", "inet:65536@localhost", "inet:smtp@localhost",
        "unix:", "local:", "tcp:25@localhost", "/run/filter", "inet:-1@localhost"}) {
    CAPTURE(address);
    CHECK(kind_of_failure([&] { MilterClient client(address); }) == Kind::address);
  }
  CHECK(kind_of_failure([&] { MilterClient client("unix:" + std::string(108, 'x')); }) ==
        Kind::address);  // no room for the NUL
  CHECK(kind_of_failure([&] { MilterClient client("unix:" + std::string(107, 'x')); }) == Kind::connection);
}

TEST_CASE("milter client: sockets are found by unix, local and inet addresses", "[cli][milter_client]") {
  for (const std::string kind : {"unix:", "local:"}) {
    const test::UnixListener listener;
    FakeFilter filter(listener.socket(), answering({}));
    MilterClient client(kind + listener.path());
    CHECK(client.negotiate().version == 6);
    client.quit();
  }
  for (const std::string form : {"inet:{}@127.0.0.1", "inet:{}@localhost", "inet:127.0.0.1:{}", "inet:{}"}) {
    CAPTURE(form);
    const int listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof where;
    void* any = &where;
    REQUIRE(::bind(listening, static_cast<sockaddr*>(any), size) == 0);
    REQUIRE(::listen(listening, 1) == 0);
    REQUIRE(::getsockname(listening, static_cast<sockaddr*>(any), &size) == 0);
    FakeFilter filter(listening, answering({}));
    std::string address = form;
    address.replace(address.find("{}"), 2, std::to_string(ntohs(where.sin_port)));
    MilterClient client(address);
    CHECK(client.negotiate().version == 6);
    client.quit();
  }
}
