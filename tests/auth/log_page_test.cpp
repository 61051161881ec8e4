// docs/logs.md says what the code says.
#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "auth/decision.hpp"
#include "auth/role.hpp"
#include "auth/shadow.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace {

using Words = std::set<std::string>;

std::string read(const std::string& file) {
  std::ifstream in(std::string(SIGNET_SOURCE_DIR) + file);
  REQUIRE(in);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The words in the first column of the table below a heading; a cell may have several.
Words words_of_page(const std::string& heading) {
  static const std::string page = read("/docs/logs.md");
  const std::size_t begin = page.find("\n## " + heading + "\n");
  REQUIRE(begin != std::string::npos);
  Words words;
  std::istringstream lines(page.substr(begin + 1, page.find("\n## ", begin + 1) - begin));
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("| `"))
      for (const auto word : base::split(std::string_view(line).substr(2, line.find(" | ", 2) - 2), ','))
        words.emplace(base::trim(word).substr(1, base::trim(word).size() - 2));
  return words;
}

auth::DecisionRules strict_rules(bool refuse_bad_from, bool has_spf, auth::QuarantineBy quarantine) {
  auth::DecisionRules rules;
  rules.refuse_bad_from = refuse_bad_from;
  rules.quarantine = quarantine;
  if (has_spf) rules.spf_reject = {spf::Result::fail, spf::Result::softfail, spf::Result::permerror};
  return rules;
}

void decide_with(const auth::Facts& facts, Words& reasons) {
  for (const bool refuse_bad_from : {false, true})
    for (const bool has_spf : {false, true})
      for (const auto quarantine : {auth::QuarantineBy::tag, auth::QuarantineBy::reject})
        reasons.insert(auth::decide(facts, strict_rules(refuse_bad_from, has_spf, quarantine)).reason);
}

/// Every reason that decide() has for any combination of facts.
Words reasons_of_decisions() {
  Words reasons;
  auth::Facts facts;
  facts.is_flooded = true;
  decide_with(facts, reasons);
  facts.is_flooded = false;
  for (int author = 0; author <= static_cast<int>(message::AuthorStatus::too_many); ++author) {
    facts.author = static_cast<message::AuthorStatus>(author);
    for (int result = 0; result <= static_cast<int>(dmarc::Result::permerror); ++result)
      for (const auto policy : {dmarc::Policy::none, dmarc::Policy::quarantine, dmarc::Policy::reject})
        for (int spf = 0; spf <= static_cast<int>(spf::Result::permerror); ++spf)
          for (const bool is_exempt : {false, true}) {
            dmarc::Verdict verdict{static_cast<dmarc::Result>(result), *base::Domain::parse("a.example")};
            verdict.policy = verdict.published_policy = policy;
            verdict.is_policy_known = true;
            facts.dmarc = verdict;
            facts.spf_mail_from = static_cast<spf::Result>(spf);
            facts.from_is_exempt = is_exempt;
            decide_with(facts, reasons);
          }
  }
  reasons.insert(auth::internal_error(true).reason);
  return reasons;
}

/// The literals that stand behind `name` in a source file.
Words literals_behind(const std::string& file, const std::string& name) {
  Words words;
  std::istringstream lines(read(file));
  for (std::string line; std::getline(lines, line);) {
    if (line.find(name) == std::string::npos) continue;
    const auto parts = base::split(std::string_view(line).substr(line.find(name)), '"');
    for (std::size_t i = 1; i < parts.size(); i += 2) words.emplace(parts[i]);
  }
  return words;
}

}  // namespace

TEST_CASE("log page: it has every reason of a decision, and none that there is not", "[auth]") {
  Words reasons = reasons_of_decisions();
  for (const auto& role : literals_behind("/auth/role.cpp", "{Role::")) reasons.insert(role);
  reasons.erase("outside");  // a message that is judged has the reason of its verdict
  CHECK(words_of_page("Every reason") == reasons);
}

TEST_CASE("log page: it has every answer of sign=", "[auth]") {
  Words answers = literals_behind("/auth/message_check.cpp", "sign_reason = ");
  answers.merge(literals_behind("/auth/signing_table.cpp", "{{}, "));
  CHECK(words_of_page("Every answer of `sign`") == answers);
}

TEST_CASE("log page: it has every field of a message's line", "[auth]") {
  CHECK(words_of_page("The fields of a message") == [] {
    Words keys;
    for (const char* call : {"line.add(\"", "line.add_outside(\"", "line.add_decimal(\""})
      for (std::istringstream lines(read("/auth/log_line.cpp")); lines;) {
        std::string line;
        std::getline(lines, line);
        if (const std::size_t at = line.find(call); at != std::string::npos)
          keys.insert(std::string(base::split(std::string_view(line).substr(at), '"')[1]));
      }
    return keys;
  }());
}

TEST_CASE("log page: it has every component", "[auth]") {
  Words components;
  for (std::size_t i = 0; i < base::log_components; ++i) components.emplace(base::to_text(static_cast<base::LogComponent>(i)));
  CHECK(words_of_page("More of one, less of another") == components);
}

TEST_CASE("log page: it has every reason of a difference in shadow mode", "[auth]") {
  Words tokens;
  for (const auto& reason : auth::shadow_reasons) tokens.emplace(reason.token);
  CHECK(words_of_page("Shadow mode") == tokens);
}
