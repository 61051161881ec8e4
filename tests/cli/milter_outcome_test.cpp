#include "cli/milter_outcome.hpp"

#include <catch2/catch.hpp>

#include "fake_filter.hpp"

using namespace cli;
using namespace std::string_literals;
using test::number;

namespace {

/// What the packets make, all but the last of which must not be the verdict.
MilterOutcome read_all(const std::vector<MilterPacket>& packets, MilterEvent event = MilterEvent::end_of_message) {
  MilterOutcomeReader reader(event);
  for (std::size_t i = 0; i < packets.size(); ++i) CHECK(reader.add(packets[i]) == (i + 1 == packets.size()));
  return reader.take();
}

bool is_refused(const MilterPacket& packet, MilterEvent event = MilterEvent::end_of_message) {
  MilterOutcomeReader reader(event);
  try {
    reader.add(packet);
  } catch (const MilterError& error) {
    return error.kind() == MilterError::Kind::protocol;
  }
  return false;
}

}  // namespace

TEST_CASE("milter outcome: each response has its verdict and its reply", "[cli][milter_outcome]") {
  struct Row {
    char code;
    std::string data;
    MilterVerdict verdict;
    SmtpReply reply;
  };
  const std::vector<Row> rows{
      {'c', "", MilterVerdict::proceed, {}},
      {'s', "", MilterVerdict::proceed, {}},
      {'a', "", MilterVerdict::accept, {}},
      {'d', "", MilterVerdict::discard, {}},
      {'r', "", MilterVerdict::reject, {550, "5.7.1", "Command rejected"}},
      {'t', "", MilterVerdict::tempfail, {451, "4.7.1", "Service unavailable - try again later"}},
      {'4', "", MilterVerdict::shutdown, {421, "4.7.0", "Service unavailable"}},
      {'f', "", MilterVerdict::connection_failure, {421, "4.7.0", "Service unavailable"}},
      {'y', "550 5.7.20 No passing signature\0"s, MilterVerdict::reply, {550, "5.7.20", "No passing signature"}},
  };
  for (const Row& row : rows) {
    const MilterOutcome outcome = read_all({{row.code, row.data}}, MilterEvent::mail);
    CHECK(outcome.verdict == row.verdict);
    CHECK(outcome.reply == row.reply);
    CHECK(outcome.skip == (row.code == 's'));
    CHECK(outcome.is_final() == (row.verdict != MilterVerdict::proceed));
  }
}

TEST_CASE("milter outcome: a reply code is read as Postfix reads it", "[cli][milter_outcome]") {
  struct Row {
    std::string text;
    SmtpReply reply;
  };
  const std::vector<Row> rows{
      {"451 4.7.1 later", {451, "4.7.1", "later"}},
      {"550 no enhanced code", {550, "", "no enhanced code"}},
      {"550 ", {550, "", ""}},
      {"550 5.7.1", {550, "5.7.1", ""}},
      {"550 4.7.1 other class", {550, "", "4.7.1 other class"}},  // RFC 2034 §4: the classes agree
      {"550 5.7 x", {550, "", "5.7 x"}},                          // two numbers are none
      {"550 5.7.1000 x", {550, "", "5.7.1000 x"}},                // at most three digits
      {"550 5.7.1 100%% sure", {550, "5.7.1", "100% sure"}},      // Sendmail formats it
      {"550 5.7.1 50%s%", {550, "5.7.1", "50s"}},
      {"550-5.7.1 a\r\n550-5.7.1 b\r\n550 5.7.1 c\0"s, {550, "5.7.1", "a\nb\nc"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(parse_smtp_reply(row.text, MilterEvent::mail) == row.reply);
  }
}

TEST_CASE("milter outcome: a malformed reply code is a protocol error", "[cli][milter_outcome]") {
  const std::vector<std::string> rows{
      "",        // nothing
      "550",     // no separator
      "250 ok",  // not a refusal
      "600 x",
      "5x0 x",
      "550-only",        // a last line that promises another
      "550 a\r\n550 b",  // a line after the last
      "550-a\r\n551 b",  // the codes differ
      "550-a\n550 b",    // a bare LF
      "550 a\rb",        // a CR
      "550-a\r\n",       // no line after it
      "550 a\0b\0"s,     // a NUL within
  };
  for (const std::string& row : rows) {
    CAPTURE(row);
    CHECK_THROWS_AS(parse_smtp_reply(row, MilterEvent::mail), MilterError);
  }
}

TEST_CASE("milter outcome: the changes are kept in their order", "[cli][milter_outcome]") {
  const MilterOutcome outcome = read_all({{'p', ""},
                                          {'i', number(0) + "Top\0first\n\tfold\0"s},
                                          {'h', "Last\0 v\0"s},
                                          {'m', number(2) + "X\0new\0"s},
                                          {'m', number(1) + "X\0\0"s},
                                          {'b', "one\r\n"},
                                          {'b', "two"},
                                          {'+', "<c@c.example>\0"s},
                                          {'2', "<d@d.example>\0NOTIFY=NEVER\0"s},
                                          {'2', "<e@e.example>\0"s},
                                          {'-', "<b@b.example>\0"s},
                                          {'e', "<s@s.example>\0RET=HDRS\0"s},
                                          {'e', "<>\0"s},
                                          {'q', "looks odd\0"s},
                                          {'a', ""}});
  const std::vector<MilterChange> expected{
      {ChangeKind::insert_header, 0, "Top", "first\n\tfold", ""},
      {ChangeKind::add_header, 0, "Last", " v", ""},
      {ChangeKind::change_header, 2, "X", "new", ""},
      {ChangeKind::delete_header, 1, "X", "", ""},  // an empty value deletes
      {ChangeKind::replace_body, 0, "", "one\r\ntwo", ""},
      {ChangeKind::add_recipient, 0, "", "<c@c.example>", ""},
      {ChangeKind::add_recipient, 0, "", "<d@d.example>", "NOTIFY=NEVER"},
      {ChangeKind::add_recipient, 0, "", "<e@e.example>", ""},
      {ChangeKind::delete_recipient, 0, "", "<b@b.example>", ""},
      {ChangeKind::change_sender, 0, "", "<s@s.example>", "RET=HDRS"},
      {ChangeKind::change_sender, 0, "", "<>", ""},
  };
  CHECK(outcome.changes == expected);
  CHECK(outcome.quarantine == "looks odd");
  CHECK(outcome.progress_count == 1);
  CHECK(outcome.verdict == MilterVerdict::accept);
}

TEST_CASE("milter outcome: a body taken up again after another change is a protocol error", "[cli][milter_outcome]") {
  MilterOutcomeReader reader(MilterEvent::end_of_message);
  reader.add({'b', "one"});
  reader.add({'h', "A\0b\0"s});
  CHECK_THROWS_AS(reader.add({'b', "two"}), MilterError);
}

TEST_CASE("milter outcome: malformed and unknown responses are protocol errors", "[cli][milter_outcome]") {
  const std::vector<MilterPacket> rows{
      {'Z', ""},  // unknown
      {'\0', ""},
      {'O', ""},   // negotiated is only once
      {'c', "x"},  // data where none belongs
      {'a', "\0"s},
      {'p', "x"},
      {'h', "Name\0"s},       // no value
      {'h', "Name\0value"s},  // without its NUL
      {'h', "\0value\0"s},    // no name
      {'h', "Name\0value\0more"s},
      {'i', "\0\0"s},  // no whole number
      {'m', number(1) + "Name\0"s},
      {'q', "no end"},
      {'+', "no end"},
      {'+', "a\0b\0"s},  // parameters have a response of their own
      {'e', "a\0b\0c\0"s},
  };
  for (const MilterPacket& row : rows) {
    CAPTURE(row.code, row.data);
    CHECK(is_refused(row));
  }
}

TEST_CASE("milter outcome: changes belong to the end of the message, progress and quarantine anywhere",
          "[cli][milter_outcome]") {
  for (const char code : "+-2behim"s) CHECK(is_refused({code, number(1) + "a\0b\0"s}, MilterEvent::header));
  CHECK(read_all({{'p', ""}, {'q', "why\0"s}, {'c', ""}}, MilterEvent::mail).quarantine == "why");
  CHECK(read_all({{'q', ""}, {'c', ""}}, MilterEvent::mail).quarantine == "");
}

TEST_CASE("milter outcome: a filter cannot answer for ever", "[cli][milter_outcome]") {
  MilterOutcomeReader reader(MilterEvent::end_of_message);
  for (std::size_t i = 0; i < MilterOutcomeReader::max_responses; ++i) reader.add({'p', ""});
  CHECK_THROWS_AS(reader.add({'c', ""}), MilterError);

  MilterOutcomeReader large(MilterEvent::end_of_message);
  const std::string chunk(std::size_t{1} << 20U, 'x');
  for (int i = 0; i < 64; ++i) large.add({'b', chunk});
  CHECK_THROWS_AS(large.add({'b', "x"}), MilterError);
}

TEST_CASE("milter protocol: flags have names and packets a length", "[cli][milter_protocol]") {
  CHECK(milter_action_names(0x21) == std::vector<std::string_view>{"add headers", "quarantine"});
  CHECK(milter_step_names(0x100010) == std::vector<std::string_view>{"no body", "header leading space"});
  CHECK(milter_step_names(milter_step::all).size() == 21);
  CHECK(encode_packet('B', "ab") ==
        "\0\0\0\x03"
        "Bab"s);
}
