#include "cli/shadow.hpp"

#include <catch2/catch.hpp>

#include "auth/report.hpp"

namespace {

using cli::ShadowSum;

void add(ShadowSum& sum, const std::string& text) {
  const auto line = cli::parse_log_line(text);
  REQUIRE(line);
  sum.add(*line);
}

/// As signetd writes it.
std::string difference(const std::string& queue_id, std::string_view reason, std::string_view mechanism = "dmarc") {
  auth::Report report;
  report.envelope.queue_id = queue_id;
  const auto fields = auth::log_fields(report, {mechanism, "pass", "fail", reason});
  return "2026-11-24T18:57:29.123Z signetd[1] info: " + base::text_line(base::LogComponent::shadow, "differs", fields);
}

}  // namespace

TEST_CASE("signet shadow: nothing compared is not safe", "[cli]") {
  ShadowSum sum;
  add(sum, "qid=1 action=accept reason=dmarc-pass");
  CHECK(sum.messages() == 0);
  CHECK_FALSE(sum.is_safe());
}

TEST_CASE("signet shadow: tallies add up, and what differed is among them", "[cli]") {
  ShadowSum sum;
  add(sum, difference("1", "temperror", "spf"));
  add(sum, difference("1", "follows_spf_or_dkim"));
  add(sum, difference("2", "temperror", "spf"));
  CHECK(sum.messages() == 2);
  add(sum, "shadow: compared messages=10 equal=8");
  CHECK(sum.messages() == 10);
  add(sum, R"({"time":"2026-11-25T18:57:29Z","component":"shadow","message":"compared","messages":5,"equal":5})");
  add(sum, difference("3", "rfc9989_treewalk"));
  CHECK(sum.messages() == 16);
  CHECK(sum.equal() == 13);
  CHECK(sum.is_safe());
  CHECK(sum.groups().at({"spf", "temperror"}).count == 2);
  CHECK(*sum.last() == *sum.first());
}

TEST_CASE("signet shadow: what nothing explains is to be looked at, the latest examples are kept", "[cli]") {
  ShadowSum sum;
  for (const char* queue_id : {"1", "2", "3", "4"}) add(sum, difference(queue_id, "unexplained"));
  add(sum, "shadow: compared messages=10 equal=6");
  CHECK_FALSE(sum.is_safe());
  const auto& group = sum.groups().at({"dmarc", "unexplained"});
  CHECK(group.count == 4);
  REQUIRE(group.examples.size() == cli::ShadowGroup::max_examples);
  CHECK(group.examples.front().queue_id == "2");
  CHECK(group.examples.back().theirs == "fail");
}

TEST_CASE("signet shadow: what no version of signetd wrote is passed over", "[cli]") {
  ShadowSum sum;
  for (const char* line : {"mechanism=dmarc reason=other", "mechanism=arc reason=temperror", "messages=1 equal=2",
                           "messages=-1 equal=0", "messages=99999999999999 equal=1", "messages=x equal=0"})
    add(sum, line);
  CHECK(sum.messages() == 0);
  CHECK(sum.groups().empty());
}
