#include "cli/milter_delivery.hpp"

#include <catch2/catch.hpp>

using namespace cli;

namespace {

using Strings = std::vector<std::string>;

const message::MessageFile& sample() {
  static const auto file = message::parse_message_file("A: 1\r\nX: one\r\nB: 2\r\nx: two\r\n folded\r\n\r\nbody\r\n");
  return file;
}

std::string header_after(const MilterChange& change, bool leading_space = false) {
  const std::string all = apply_changes({}, sample(), {change}, leading_space).message;
  return all.substr(0, all.find("\r\n\r\n") + 2);
}

}  // namespace

TEST_CASE("milter delivery: header edits count as Postfix counts", "[cli][milter_delivery]") {
  const std::string a = "A: 1\r\n", x1 = "X: one\r\n", b = "B: 2\r\n", x2 = "x: two\r\n folded\r\n";
  struct Row {
    MilterChange change;
    std::string header;
  };
  using K = ChangeKind;
  const std::vector<Row> rows{
      {{K::insert_header, 0, "N", "v", ""}, "N: v\r\n" + a + x1 + b + x2},  // 0 is the very top
      {{K::insert_header, 1, "N", "v", ""}, a + "N: v\r\n" + x1 + b + x2},
      {{K::insert_header, 4, "N", "v", ""}, a + x1 + b + x2 + "N: v\r\n"},
      {{K::insert_header, 99, "N", "v", ""}, a + x1 + b + x2 + "N: v\r\n"},  // beyond the end: the end
      {{K::add_header, 0, "N", "v", ""}, a + x1 + b + x2 + "N: v\r\n"},
      {{K::change_header, 1, "X", "new", ""}, a + "X: new\r\n" + b + x2},
      {{K::change_header, 0, "X", "new", ""}, a + "X: new\r\n" + b + x2},       // 0 is taken for 1
      {{K::change_header, 2, "X", "new", ""}, a + x1 + b + "X: new\r\n"},       // case means nothing; folds go, too
      {{K::change_header, 3, "X", "new", ""}, a + x1 + b + x2 + "X: new\r\n"},  // not there: added
      {{K::delete_header, 1, "x", "", ""}, a + b + x2},
      {{K::delete_header, 2, "x", "", ""}, a + x1 + b},
      {{K::delete_header, 3, "x", "", ""}, a + x1 + b + x2},  // not there: nothing
      {{K::add_header, 0, "N", "v\n\tw", ""}, a + x1 + b + x2 + "N: v\r\n\tw\r\n"},
      {{K::add_header, 0, "N", "v\nEvil: w", ""}, a + x1 + b + x2 + "N: v\r\n\tEvil: w\r\n"},  // no field gets in
      {{K::add_header, 0, "N", "v\n", ""}, a + x1 + b + x2 + "N: v\r\n\t\r\n"},                // no end of header
      {{K::add_header, 0, "N", "v\r\n w", ""}, a + x1 + b + x2 + "N: v\r\r\n w\r\n"},          // Postfix keeps that CR
  };
  for (const Row& row : rows) {
    CAPTURE(to_text(row.change.kind), row.change.index);
    CHECK(header_after(row.change) == row.header);
  }
}

TEST_CASE("milter delivery: with leading space negotiated no space is added", "[cli][milter_delivery]") {
  CHECK(header_after({ChangeKind::insert_header, 0, "N", "v", ""}, true).substr(0, 5) == "N:v\r\n");
  CHECK(header_after({ChangeKind::insert_header, 0, "N", " v", ""}, true).substr(0, 6) == "N: v\r\n");
  CHECK(header_after({ChangeKind::insert_header, 0, "N", " v", ""}, false).substr(0, 7) == "N:  v\r\n");
}

TEST_CASE("milter delivery: later changes see the earlier ones", "[cli][milter_delivery]") {
  const std::vector<MilterChange> changes{
      {ChangeKind::insert_header, 0, "X", "zero", ""},  // now the first X
      {ChangeKind::delete_header, 2, "X", "", ""},      // was the first
      {ChangeKind::add_header, 0, "X", "end", ""},
      {ChangeKind::change_header, 3, "X", "END", ""},
  };
  CHECK(apply_changes({}, sample(), changes, false).message ==
        "X: zero\r\nA: 1\r\nB: 2\r\nx: two\r\n folded\r\nX: END\r\n\r\nbody\r\n");
}

TEST_CASE("milter delivery: a new body has whole lines", "[cli][milter_delivery]") {
  for (const auto& [body, expected] : std::vector<std::pair<std::string, std::string>>{
           {"new\r\n", "new\r\n"}, {"new", "new\r\n"}, {"a\nb", "a\r\nb\r\n"}, {"", ""}, {"a\rb\r\n", "a\rb\r\n"}}) {
    const Delivery delivery = apply_changes({}, sample(), {{ChangeKind::replace_body, 0, "", body, ""}}, false);
    CHECK(delivery.message.substr(delivery.message.find("\r\n\r\n") + 4) == expected);
  }
}

TEST_CASE("milter delivery: without changes the message is what it was", "[cli][milter_delivery]") {
  CHECK(apply_changes({}, sample(), {}, false).message == "A: 1\r\nX: one\r\nB: 2\r\nx: two\r\n folded\r\n\r\nbody\r\n");
}

TEST_CASE("milter delivery: the envelope follows the filter", "[cli][milter_delivery]") {
  const MilterEnvelope before{"s@a.example", {"b@b.example", "c@c.example"}};
  const std::vector<MilterChange> changes{
      {ChangeKind::change_sender, 0, "", "<t@a.example>", ""},    {ChangeKind::add_recipient, 0, "", "<d@d.example>", ""},
      {ChangeKind::add_recipient, 0, "", "d@d.example", ""},  // once is enough
      {ChangeKind::delete_recipient, 0, "", "<b@b.example>", ""}, {ChangeKind::delete_recipient, 0, "", "nobody", ""},
  };
  const MilterEnvelope after = apply_changes(before, sample(), changes, false).envelope;
  CHECK(after.sender == "t@a.example");
  CHECK(after.recipients == Strings{"c@c.example", "d@d.example"});
  CHECK(without_angle_brackets("<>").empty());
}
