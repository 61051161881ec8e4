// All at once: what each mechanism can be made to do, in one message.

#include <fmt/format.h>

#include "tests/cost/case.hpp"

namespace test {
namespace {

/// Every answer as large as it may be without being dropped, and dear to read.
dns::AnswerPtr answer(const dns::Question& question) {
  if (question.name.starts_with("_dmarc.a.a.a")) return texts({"v=DMARC1; p=reject; rua=a:b" + repeat(49, ",a:b")});
  if (question.name.starts_with("_dmarc.")) return dns::make_empty_answer(dns::Status::server_failure);
  if (question.name.find("._domainkey.") != std::string::npos)
    return texts({"p=" + dear_key(3072, 0xf1), "p=" + dear_key(3072, 0xef), "p=" + dear_key(3072, 0xed)});
  if (question.type == dns::Type::txt) {
    std::string record = "v=spf1";
    for (unsigned i = 0; i < 10; ++i) record += fmt::format(" include:t{}.{}", i, question.name.substr(0, 150));
    return texts({record + repeat(4, " exists:" + repeat(64, "%{v}") + ".x")});
  }
  return nothing();
}

}  // namespace

std::vector<CostCase> whole_cases() {
  CostCase one = plain_case("whole: 10 authors, 10 signatures, records of macros");
  one.body = "Hello.\r\n";
  for (unsigned i = 0; i < 10; ++i)
    one.fields.emplace_back("DKIM-Signature",
                            dear_signature("b." + deep_name(i), i, 3072, " h=from" + repeat(199, ":a"), one.body));
  one.fields.emplace_back("From", deep_authors());
  one.fields.insert(one.fields.end(), 100, {"Authentication-Results", "mx.example;"});
  one.fields.insert(one.fields.end(), 10000, {"a", ""});
  one.envelope.reverse_path = message::parse_reverse_path("<a@c." + deep_name(3) + ">");
  one.zone = &answer;
  return {one};
}

}  // namespace test
