#include "spf/trace.hpp"

#include <catch2/catch.hpp>

#include "tests/spf/checking.hpp"

namespace {

using spf::StepOutcome;

/// Deciding with and without a trace, so that the one can be held to the other.
struct Traced {
  spf::Verdict verdict;
  spf::Trace trace;
};

Traced traced(test::MapResolver& resolver, const spf::Input& input) {
  Traced out;
  out.verdict = test::decide<spf::Verdict>(
      resolver, [&](dns::View& view) { return spf::check_host(view, input, spf::Limits{}, &out.trace); });
  CHECK(out.verdict == test::spf_check(resolver, input));
  return out;
}

Traced traced(test::MapResolver& resolver, const std::string& domain) {
  return traced(resolver, test::spf_input(domain, "192.0.2.9"));
}

}  // namespace

TEST_CASE("spf trace: records and terms stand in the order they were tried, each below what led to it", "[spf]") {
  test::MapResolver resolver;
  resolver.txt("example.org", {"v=spf1 include:a.example a:%{d1r}.gone.example -all"});
  resolver.txt("a.example", {"v=spf1 redirect=b.example"});
  resolver.txt("b.example", {"v=spf1 ip4:198.51.100.1 ?all"});
  const Traced found = traced(resolver, "example.org");
  const auto& steps = found.trace.steps();
  REQUIRE(steps.size() == 9);
  const auto is = [&](std::size_t i, unsigned depth, const char* text, StepOutcome outcome, unsigned terms) {
    INFO(i);
    CHECK(steps[i].depth == depth);
    CHECK(steps[i].text == text);
    CHECK(steps[i].outcome == outcome);
    CHECK(steps[i].terms == terms);
  };
  is(0, 0, "v=spf1 include:a.example a:%{d1r}.gone.example -all", StepOutcome::none, 0);
  is(1, 0, "include:a.example", StepOutcome::no_match, 1);
  CHECK(steps[1].reason == "neutral there");
  is(2, 1, "v=spf1 redirect=b.example", StepOutcome::none, 0);
  is(3, 1, "redirect=b.example", StepOutcome::followed, 2);
  is(4, 2, "v=spf1 ip4:198.51.100.1 ?all", StepOutcome::none, 0);
  is(5, 2, "ip4:198.51.100.1", StepOutcome::no_match, 0);
  is(6, 2, "?all", StepOutcome::match, 0);
  is(7, 0, "a:%{d1r}.gone.example", StepOutcome::no_match, 3);
  CHECK(steps[7].name == "example.gone.example");
  CHECK(steps[7].void_lookups == 1);
  CHECK(steps[7].answers == std::vector<std::string>{"A example.gone.example: no such name"});
  is(8, 0, "-all", StepOutcome::match, 0);
  CHECK(found.verdict.rule == "RFC 7208 §5.1");
}

TEST_CASE("spf trace: what ends a check is said, and the rule that ends it", "[spf]") {
  test::MapResolver resolver;
  resolver.txt("bad.example", {"v=spf1 ip4:1.2.3 -all"});
  resolver.txt("loop.example", {"v=spf1 include:loop.example -all"});
  resolver.txt("void.example", {"v=spf1 a:x.void.example a:y.void.example a:z.void.example -all"});
  resolver.txt("gone.example", {"v=spf1 include:nothing.example"});
  resolver.txt("moved.example", {"v=spf1 redirect=nothing.example"});
  resolver.txt("open.example", {"v=spf1 ip4:198.51.100.1"});
  const Traced bad = traced(resolver, "bad.example");
  CHECK(bad.trace.steps().back().fault_at == 11U);
  CHECK(bad.verdict.rule == "RFC 7208 §4.6");
  const Traced loop = traced(resolver, "loop.example");
  CHECK(loop.trace.steps().back().terms == 11);
  CHECK(loop.trace.steps()[1].outcome == StepOutcome::error);
  CHECK(loop.verdict.rule == "RFC 7208 §4.6.4");
  CHECK(traced(resolver, "void.example").trace.steps().back().void_lookups == 3);
  CHECK(traced(resolver, "gone.example").verdict.rule == "RFC 7208 §5.2");
  CHECK(traced(resolver, "moved.example").verdict.rule == "RFC 7208 §6.1");
  CHECK(traced(resolver, "open.example").verdict.rule == "RFC 7208 §4.7");
  CHECK(traced(resolver, "nothing.example").verdict.rule == "RFC 7208 §4.3");
}

TEST_CASE("spf trace: no check makes it grow without bound", "[spf][limits]") {
  test::MapResolver resolver;
  std::string text = "v=spf1";
  for (int i = 0; i < 511; ++i) text += " ip4:198.51.100.1";
  resolver.txt("one.example", {text + " ?all"});
  resolver.txt("wide.example", {"v=spf1 include:one.example include:one.example -all"});
  const Traced found = traced(resolver, "wide.example");
  CHECK(found.trace.steps().size() == spf::Trace::max_steps);
  CHECK(found.trace.is_cut());
  CHECK(found.verdict.result == spf::Result::fail);
  CHECK_FALSE(traced(resolver, "one.example").trace.is_cut());
}

TEST_CASE("spf trace: of one step's answers and their octets a bounded part is kept", "[spf][limits]") {
  spf::Trace trace;
  trace.begin_term(std::string(spf::Trace::max_text_octets + 1, 'a'));
  for (std::size_t i = 0; i <= spf::Trace::max_answers; ++i)
    trace.add_note(std::string(spf::Trace::max_answer_octets + 1, 'b'));
  const auto& step = trace.steps().front();
  CHECK(step.text.size() == spf::Trace::max_text_octets + 3);
  CHECK(step.answers.size() == spf::Trace::max_answers);
  CHECK(step.answers.back().size() == spf::Trace::max_answer_octets + 3);
}
