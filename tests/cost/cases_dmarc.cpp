// Author Domains and signers whose tree walks are long, whose records are long, and whose servers fail.

#include <fmt/format.h>

#include "tests/cost/case.hpp"

namespace test {
namespace {

CostCase dmarc_case(std::string name, SlowResolver::Zone zone) {
  CostCase one = plain_case(std::move(name));
  for (unsigned i = 0; i < 10; ++i)
    one.fields.emplace_back("DKIM-Signature", fmt::format("v=1; a=rsa-sha256; d={}; s=s; h=from; bh={}=; b=AAAA",
                                                          "b." + deep_name(i), std::string(43, 'A')));
  one.fields.emplace_back("From", deep_authors());
  one.envelope.reverse_path = message::parse_reverse_path("<a@c." + deep_name(3) + ">");
  one.zone = std::move(zone);
  return one;
}

bool is_policy_question(const dns::Question& question) { return question.name.starts_with("_dmarc."); }

/// Only the Author Domains' own records can be had.
dns::AnswerPtr fail_above(const dns::Question& question) {
  if (!is_policy_question(question)) return nothing();
  if (question.name.starts_with("_dmarc.a.a.a.")) return texts({"v=DMARC1; p=reject"});
  return dns::make_empty_answer(dns::Status::server_failure);
}

SlowResolver::Zone policies(std::vector<std::string> records) {
  return [records](const dns::Question& question) { return is_policy_question(question) ? texts(records) : nothing(); };
}

}  // namespace

std::string deep_name(unsigned number) {
  std::string out;
  for (unsigned i = 0; i < 6; ++i) out += fmt::format("{}.", (number + i) % 10);
  return repeat(100, "a.") + out + "example";
}

std::string deep_authors() {
  std::string from = "a@" + deep_name(0);
  for (unsigned i = 1; i < 10; ++i) from += ", a@" + deep_name(i);
  return from;
}

std::vector<CostCase> dmarc_cases() {
  std::vector<CostCase> cases;
  cases.push_back(dmarc_case("dmarc: 10 authors, 11 identifiers, walks to the top", [](const dns::Question& question) {
    return question.name == "_dmarc.example" ? texts({"v=DMARC1; p=none; np=reject"}) : nothing();
  }));
  cases.push_back(dmarc_case("dmarc: 10 authors, 11 identifiers, a record everywhere", policies({"v=DMARC1; p=none"})));
  cases.push_back(dmarc_case("dmarc: the same, all but the authors' records failing", &fail_above));
  cases.push_back(
      dmarc_case("dmarc: the same, records of 4 KiB of URIs", policies({"v=DMARC1; p=none; rua=a:b" + repeat(1000, ",a:b")})));
  cases.push_back(
      dmarc_case("dmarc: the same, answers of 64 KiB", policies({std::vector<std::string>(200, std::string(320, 'x'))})));
  cases.push_back(dmarc_case("dmarc: the same, records of 4 KiB of tags", policies({"v=DMARC1; p=none" + repeat(2000, ";a")})));
  return cases;
}

}  // namespace test
