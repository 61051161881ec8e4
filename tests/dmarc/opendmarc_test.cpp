#include "dmarc/opendmarc.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "tests/dmarc/kept_log.hpp"

using dmarc::OpendmarcAnswer;
using dmarc::OpendmarcQuestion;
using dmarc::Policy;

namespace {

base::Domain domain(const std::string& text) { return base::Domain::parse(text).value(); }

std::vector<OpendmarcQuestion> all_questions(const std::string& author, const std::string& organization) {
  std::vector<OpendmarcQuestion> questions;
  for (const bool is_inherited : {false, true})
    for (const Policy policy : {Policy::none, Policy::quarantine, Policy::reject})
      for (const bool spf : {false, true})
        for (const bool dkim : {false, true})
          questions.push_back({domain(author), domain(organization), is_inherited, policy, spf, dkim});
  return questions;
}

std::string longest_name() {
  std::string name = "x";
  while (name.size() < base::Domain::max_octets) name += ".x";
  return name;
}

}  // namespace

TEST_CASE("libopendmarc: every answer is that of our own table", "[dmarc]") {
  const std::pair<std::string, std::string> names[] = {
      {"mail.example.com", "example.com"},
      {"a.b.c.example.com", "example.com"},
      {"example.com", "com"},
      {"under_score.example.com", "example.com"},
      {"xn--bcher-kva.example", "example"},
      {"com", "com"},
      {"1-2.3", "3"},
      {longest_name(), "x.x"},
      {std::string(63, 'a') + "." + std::string(63, 'b') + "." + std::string(63, 'c') + "." + std::string(61, 'd'),
       std::string(61, 'd')},
  };
  for (const auto& [author, organization] : names) {
    for (const OpendmarcQuestion& question : all_questions(author, organization)) {
      INFO(author << " inherited " << question.is_inherited << " policy " << dmarc::to_text(question.policy) << " spf "
                  << question.spf_aligned_pass << " dkim " << question.dkim_aligned_pass);
      CHECK(dmarc::ask_opendmarc(question) == dmarc::our_answer(question));
    }
  }
}

TEST_CASE("libopendmarc: our own table enforces the policy unless something passed", "[dmarc]") {
  const auto ours = [](Policy policy, bool spf, bool dkim) {
    return dmarc::our_answer({domain("example.com"), domain("example.com"), false, policy, spf, dkim});
  };
  CHECK(ours(Policy::none, false, false) == OpendmarcAnswer::none);
  CHECK(ours(Policy::quarantine, false, false) == OpendmarcAnswer::quarantine);
  CHECK(ours(Policy::reject, false, false) == OpendmarcAnswer::reject);
  CHECK(ours(Policy::reject, true, false) == OpendmarcAnswer::pass);
  CHECK(ours(Policy::reject, false, true) == OpendmarcAnswer::pass);
  CHECK(ours(Policy::none, true, true) == OpendmarcAnswer::pass);
}

TEST_CASE("libopendmarc: a disagreement is a warning and agreement is silent", "[dmarc]") {
  const OpendmarcQuestion question{domain("example.com"), domain("example.com"), false, Policy::reject, false, false};
  test::KeptLog log;
  dmarc::report_disagreement(question, OpendmarcAnswer::reject, log);
  CHECK(log.lines.empty());
  dmarc::report_disagreement(question, OpendmarcAnswer::pass, log);
  dmarc::report_disagreement(question, std::nullopt, log);
  REQUIRE(log.lines.size() == 2);
  CHECK(log.lines[0] == "for example.com libopendmarc says pass, we say reject; ours stands");
  CHECK(log.lines[1] == "for example.com libopendmarc says nothing, we say reject; ours stands");
  CHECK(log.levels == std::vector<base::LogLevel>{base::LogLevel::warning, base::LogLevel::warning});
}

TEST_CASE("libopendmarc: many threads may ask at once", "[dmarc]") {
  const auto questions = all_questions("mail.example.com", "example.com");
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int round = 0; round < 50; ++round)
        for (const OpendmarcQuestion& question : questions)
          if (dmarc::ask_opendmarc(question) != dmarc::our_answer(question)) ++wrong;
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}
