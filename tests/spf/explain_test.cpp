#include <catch2/catch.hpp>

#include "tests/spf/checking.hpp"

namespace {

const std::string home = "example.com";

/// The explanation that `text` gives for a fail.
std::string explanation_for(std::vector<std::string> texts, spf::Input input) {
  test::MapResolver zone;
  zone.txt(home, {"v=spf1 -all exp=why.%{d}"});
  if (!texts.empty()) zone.txt("why.example.com", std::move(texts));
  zone.ptr("1.2.0.192.in-addr.arpa", {"mail.example.com"});
  zone.a("mail.example.com", {"192.0.2.1"});
  const auto verdict = test::spf_check(zone, input);
  CHECK(verdict.result == spf::Result::fail);
  CHECK(verdict.explanation_domain == "why.example.com");
  return test::spf_explain(zone, input, verdict);
}

std::string explanation_for(std::vector<std::string> texts) {
  return explanation_for(std::move(texts), test::spf_input(home, "192.0.2.1"));
}

}  // namespace

TEST_CASE("spf explain: the text is macro-expanded", "[spf]") {
  CHECK(explanation_for({"See http://%{d}/why?s=%{S}&i=%{i}"}) ==
        "See http://example.com/why?s=strong-bad%40example.com&i=192.0.2.1");
  CHECK(explanation_for({"%{c} %{r} %{t} %{p} %{h} 100%%"}) ==
        "192.0.2.1 mail.receiver.example 1700000000 mail.example.com mx.example.org 100%");
  CHECK(explanation_for({"ends in a dot."}) == "ends in a dot.");
}

TEST_CASE("spf explain: whatever is wrong with it, there is no text", "[spf]") {
  CHECK(explanation_for({}).empty());              // no such name
  CHECK(explanation_for({"one", "two"}).empty());  // more than one record
  CHECK(explanation_for({"%{x}"}).empty());        // syntax error
  CHECK(explanation_for({"100%"}).empty());
  CHECK(explanation_for({"caf\xc3\xa9"}).empty());  // not ASCII
  CHECK(explanation_for({"a\r\n250 ok"}).empty());  // reply injection
  CHECK(explanation_for({std::string("a\0b", 3)}).empty());
  auto input = test::spf_input(home, "192.0.2.1");
  input.local_part = "a\r\nb";
  CHECK(explanation_for({"for %{l}"}, input).empty());  // nor through a macro
  CHECK(explanation_for({"for %{L}"}, input) == "for a%0D%0Ab");
  input.local_part = "m\xc3\xbcller";
  CHECK(explanation_for({"for %{s}"}, input).empty());
}

TEST_CASE("spf explain: 400 octets are given, more are cut off", "[spf][limits]") {
  CHECK(explanation_for({std::string(400, 'x')}) == std::string(400, 'x'));
  CHECK(explanation_for({std::string(401, 'x')}) == std::string(400, 'x'));
}

TEST_CASE("spf explain: an error of the DNS is no explanation", "[spf]") {
  test::MapResolver zone;
  spf::Verdict verdict;
  verdict.result = spf::Result::fail;
  verdict.explanation_domain = "why.example.com";
  zone.fail("why.example.com", dns::Type::txt, dns::Status::timeout);
  CHECK(test::spf_explain(zone, test::spf_input(home, "192.0.2.1"), verdict).empty());
  verdict.explanation_domain.clear();
  CHECK(test::spf_explain(zone, test::spf_input(home, "192.0.2.1"), verdict).empty());
  CHECK(zone.asked().size() == 1);
}

TEST_CASE("spf explain: exp belongs to the record that failed, and only to a fail", "[spf]") {
  struct Row {
    std::string record, expected;
  };
  const std::vector<Row> rows = {
      {"-all exp=a.example", "a.example"},
      {"exp=a.example -all", "a.example"},
      {"~all exp=a.example", ""},
      {"?all exp=a.example", ""},
      {"+all exp=a.example", ""},
      {"-all exp=a..example", ""},  // cannot be asked for
      {"-all exp=%{p}.example", "unknown.example"},
      {"exp=a.example redirect=other.example", "b.example"},  // that of the redirect's record (§6.2)
      {"exp=a.example redirect=plain.example", ""},
      {"exp=a.example -include:yes.example", "a.example"},
      {"include:other.example -all exp=a.example", "a.example"},  // an included one is never used
      {"include:other.example -all", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.record);
    test::MapResolver zone;
    zone.txt(home, {"v=spf1 " + row.record});
    zone.txt("other.example", {"v=spf1 -all exp=b.example"});
    zone.txt("plain.example", {"v=spf1 -all"});
    zone.txt("yes.example", {"v=spf1 +all exp=c.example"});
    CHECK(test::spf_check(zone, home, "192.0.2.1").explanation_domain == row.expected);
  }
}

TEST_CASE("spf explain: %{d} is the domain of the record that failed", "[spf]") {
  test::MapResolver zone;
  zone.txt(home, {"v=spf1 redirect=other.example"});
  zone.txt("other.example", {"v=spf1 -all exp=why.%{d}"});
  zone.txt("why.other.example", {"%{d} says no to %{o}"});
  const auto input = test::spf_input(home, "192.0.2.1");
  CHECK(test::spf_explain(zone, input, test::spf_check(zone, input)) == "other.example says no to example.com");
}

TEST_CASE("spf explain: nothing is asked for the sake of an included record's exp", "[spf]") {
  test::MapResolver zone;
  zone.txt(home, {"v=spf1 include:other.example ~all"});
  zone.txt("other.example", {"v=spf1 -all exp=%{p}.example"});
  CHECK(test::spf_check(zone, home, "192.0.2.1").result == spf::Result::softfail);
  CHECK(zone.asked().size() == 2);
}
