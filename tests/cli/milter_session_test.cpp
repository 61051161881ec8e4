#include "cli/milter_session.hpp"

#include <catch2/catch.hpp>

#include "fake_filter.hpp"

using namespace cli;
using test::answering;
using test::FakeFilter;
using test::number;
using test::packet;
using namespace std::string_literals;

namespace {

using Strings = std::vector<std::string>;

const message::MessageFile& sample() {
  static const auto file = message::parse_message_file("From: a@a.example\r\nSubject: x\r\n\r\nbody\r\n");
  return file;
}

SessionMessage message_to(Strings recipients) { return {{"a@a.example", std::move(recipients)}, {}, "Q1", &sample()}; }

SessionSettings network() {
  SessionSettings settings;
  settings.client = {"c.example", "192.0.2.1", 4711};
  settings.helo = "h.example";
  settings.host_name = "mx.example";
  return settings;
}

/// The macros sent before each event of a kind, the event's code first.
Strings macros_before(FakeFilter& filter, char event) {
  Strings out;
  for (const std::string& data : filter.all('D'))
    if (data.front() == event) out.push_back(data.substr(1));
  return out;
}

/// One session with one message to b@b.example.
MessageOutcome run_one(FakeFilter& filter, MilterEvent last = MilterEvent::end_of_message) {
  MilterClient client(filter.client_socket());
  MilterSession session(client, network());
  session.open();
  MessageOutcome result = session.run(message_to({"b@b.example"}), last);
  session.close();
  return result;
}

}  // namespace

TEST_CASE("milter session: a message is told in Postfix's order and followed by an abort", "[cli][milter_session]") {
  FakeFilter filter(answering({}));
  const MessageOutcome result = run_one(filter);
  CHECK(filter.codes() == "OCHMRTLLNBEAQ");
  CHECK(result.event == MilterEvent::end_of_message);
  CHECK(result.outcome.verdict == MilterVerdict::proceed);
  CHECK(result.is_delivered());
  CHECK(filter.all('M') == Strings{"<a@a.example>\0"s});
}

TEST_CASE("milter session: macros come as Postfix sends them", "[cli][milter_session]") {
  FakeFilter filter(answering({}));
  MilterClient client(filter.client_socket());
  SessionSettings settings = network();
  settings.login = "anna";
  settings.daemon_address = "192.0.2.9";
  MilterSession session(client, settings);
  session.open();
  session.run(message_to({"b@b.example", "c@c.example"}));
  session.close();
  CHECK(macros_before(filter, 'C') == Strings{"j\0mx.example\0{daemon_name}\0mx.example\0{daemon_addr}\000192.0.2.9\0"
                                              "v\0Postfix\0_\0c.example [192.0.2.1]\0"s});
  CHECK(macros_before(filter, 'H') == Strings{""});
  CHECK(macros_before(filter, 'M') == Strings{"{auth_type}\0PLAIN\0{auth_authen}\0anna\0{mail_addr}\0a@a.example\0"
                                              "{mail_host}\0a.example\0{mail_mailer}\0smtp\0"s});
  // The queue id is made when the first recipient has been accepted.
  CHECK(macros_before(filter, 'R') ==
        Strings{"{rcpt_addr}\0b@b.example\0{rcpt_host}\0b.example\0{rcpt_mailer}\0smtp\0"s,
                "i\0Q1\0{rcpt_addr}\0c@c.example\0{rcpt_host}\0c.example\0{rcpt_mailer}\0smtp\0"s});
  for (const char event : "TLNBE"s)
    for (const std::string& macros : macros_before(filter, event)) CHECK(macros == "i\0Q1\0"s);
}

TEST_CASE("milter session: the filter's own list of macros goes before", "[cli][milter_session]") {
  const std::string lists =
      number(0) + "{client_addr}, {client_port}\tj {nonsense}\0"s + number(2) + "{auth_authen}\0"s + number(1) + "\0"s;
  FakeFilter filter(answering({{'O', packet('O', number(6) + number(0x1ff) + number(0) + lists)}}));
  run_one(filter);
  CHECK(macros_before(filter, 'C') == Strings{"{client_addr}\000192.0.2.1\0{client_port}\0004711\0j\0mx.example\0"s});
  CHECK(macros_before(filter, 'M') == Strings{""});
  CHECK(macros_before(filter, 'E') == Strings{"i\0Q1\0"s});  // not chosen: Postfix's
}

TEST_CASE("milter session: a local submission looks as Postfix makes it look", "[cli][milter_session]") {
  FakeFilter filter(answering({}));
  MilterClient client(filter.client_socket());
  SessionSettings settings = network();
  settings.helo.clear();
  settings.is_local_submission = true;
  MilterSession session(client, settings);
  session.open();
  session.run(message_to({"b@b.example"}));
  session.close();
  CHECK(filter.all('C') == Strings{"localhost\0"s + "4\0\0"s + "127.0.0.1\0"s});
  CHECK(filter.all('H') == Strings{"localhost\0"s});
  CHECK(filter.all('M') == Strings{"a@a.example\0"s});
  CHECK(filter.all('R') == Strings{"b@b.example\0"s});
  CHECK(macros_before(filter, 'M') == Strings{"i\0Q1\0{mail_addr}\0a@a.example\0"s});
}

TEST_CASE("milter session: a verdict ends the message where it comes", "[cli][milter_session]") {
  struct Row {
    char event;
    char answer;
    std::string codes;
    bool delivered;
  };
  const std::vector<Row> rows{
      {'M', 'r', "OCHMAQ", false},
      {'M', 'a', "OCHMAQ", true},
      {'M', 'd', "OCHMAQ", false},
      {'R', 'a', "OCHMRAQ", true},
      {'R', 'd', "OCHMRAQ", false},
      {'R', 't', "OCHMRAQ", false},  // no recipient left
      {'T', 'r', "OCHMRTAQ", false},
      {'L', 't', "OCHMRTLAQ", false},
      {'L', 'a', "OCHMRTLAQ", true},
      {'N', 'a', "OCHMRTLLNAQ", true},
      {'B', 'd', "OCHMRTLLNBAQ", false},
      {'E', 'a', "OCHMRTLLNBEAQ", true},
      {'E', 'r', "OCHMRTLLNBEAQ", false},
      {'E', 'd', "OCHMRTLLNBEAQ", false},
      {'M', '4', "OCHM", false},
      {'E', 'f', "OCHMRTLLNBE", false},  // the connection is closed
      {'C', 'a', "OC", true},
      {'C', 'r', "OC", false},
      {'H', 't', "OCH", false},           // of the session
      {'C', 'd', "OCHMRTLLNBEAQ", true},  // a connection cannot be discarded
  };
  for (const Row& row : rows) {
    CAPTURE(row.event, row.answer);
    FakeFilter filter(answering({{row.event, packet(row.answer)}}));
    const MessageOutcome result = run_one(filter);
    CHECK(filter.codes() == row.codes);
    CHECK(result.is_delivered() == row.delivered);
  }
}

TEST_CASE("milter session: a refused recipient leaves the others", "[cli][milter_session]") {
  FakeFilter filter([inner = answering({})](char code, const std::string& data) {
    return data == "<no@b.example>\0"s ? packet('y', "550 5.1.1 unknown\0"s) : inner(code, data);
  });
  MilterClient client(filter.client_socket());
  MilterSession session(client, network());
  session.open();
  const MessageOutcome result = session.run(message_to({"no@b.example", "yes@b.example"}));
  CHECK(result.accepted == Strings{"yes@b.example"});
  REQUIRE(result.refused.size() == 1);
  CHECK(result.refused[0].address == "no@b.example");
  CHECK(result.refused[0].outcome.reply.text == "unknown");
  CHECK(result.is_delivered());
  const MessageOutcome none = session.run(message_to({"no@b.example"}));
  CHECK_FALSE(none.is_delivered());
  CHECK(none.event == MilterEvent::rcpt);
  CHECK(none.outcome.reply.code == 550);
  session.close();
  CHECK(filter.codes() == "OCHMRRTLLNBEAMRAQ");
}

TEST_CASE("milter session: the verdict of a session is that of its messages", "[cli][milter_session]") {
  FakeFilter filter(answering({{'H', packet('r')}}));
  MilterClient client(filter.client_socket());
  MilterSession session(client, network());
  CHECK(session.open().verdict == MilterVerdict::reject);
  for (int i = 0; i < 2; ++i) {
    const MessageOutcome result = session.run(message_to({"b@b.example"}));
    CHECK(result.event == MilterEvent::helo);
    CHECK(result.outcome.reply.code == 550);
  }
  session.close();
  CHECK(filter.codes() == "OCH");
}

TEST_CASE("milter session: a 421 of the filter's ends the session, too", "[cli][milter_session]") {
  FakeFilter filter(answering({{'E', packet('y', "421 4.3.2 going down\0"s)}}));
  MilterClient client(filter.client_socket());
  MilterSession session(client, network());
  session.open();
  CHECK(session.run(message_to({"b@b.example"})).outcome.reply.text == "going down");
  CHECK(session.run(message_to({"b@b.example"})).outcome.reply.text == "going down");
  CHECK(filter.codes() == "OCHMRTLLNBE");
}

TEST_CASE("milter session: it can stop after any event", "[cli][milter_session]") {
  for (const auto& [last, codes] : std::vector<std::pair<MilterEvent, std::string>>{{MilterEvent::mail, "OCHMAQ"},
                                                                                    {MilterEvent::rcpt, "OCHMRAQ"},
                                                                                    {MilterEvent::data, "OCHMRTAQ"},
                                                                                    {MilterEvent::header, "OCHMRTLLAQ"},
                                                                                    {MilterEvent::end_of_header, "OCHMRTLLNAQ"},
                                                                                    {MilterEvent::body, "OCHMRTLLNBAQ"}}) {
    FakeFilter filter(answering({}));
    CHECK(run_one(filter, last).event == last);
    CHECK(filter.codes() == codes);
  }
}

TEST_CASE("milter session: several messages go through one session", "[cli][milter_session]") {
  FakeFilter filter(answering({{'E', packet('h', "N\0v\0"s) + packet('a')}}));
  MilterClient client(filter.client_socket());
  MilterSession session(client, network());
  session.open();
  for (int i = 0; i < 3; ++i) CHECK(session.run(message_to({"b@b.example"})).outcome.changes.size() == 1);
  session.close();
  CHECK(filter.codes() == "OCHMRTLLNBEAMRTLLNBEAMRTLLNBEAQ");
  CHECK(macros_before(filter, 'R').back().substr(0, 2) != "i\0"s);  // the id of the message before is forgotten
}

TEST_CASE("milter session: a quarantine asked for early is not forgotten", "[cli][milter_session]") {
  FakeFilter filter(answering({{'N', packet('q', "why\0"s) + packet('c')}}));
  const MessageOutcome result = run_one(filter);
  CHECK(result.outcome.quarantine == "why");
  CHECK(result.event == MilterEvent::end_of_message);
}
