#include "spf/reason.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace spf {

std::string safe_text(std::string_view text) {
  constexpr std::string_view special = "\"\\()<>;,";
  std::string out(text.substr(0, max_quoted_octets));
  for (char& c : out)
    if (!base::is_visible(c) || special.find(c) != std::string_view::npos) c = '?';
  if (text.size() > max_quoted_octets) out += "...";
  return out;
}

Verdict make_verdict(Result result, std::string reason, std::string_view rule) {
  Verdict verdict;
  verdict.result = result;
  verdict.reason = std::move(reason);
  verdict.rule = rule;
  return verdict;
}

Verdict make_temperror(const dns::Question& question, dns::Status status, std::string_view rule) {
  return make_verdict(
      Result::temperror,
      fmt::format("DNS {} for {} {}", dns::to_text(status), dns::to_text(question.type), safe_text(question.name)), rule);
}

Verdict make_missing_record(std::string_view target, std::string_view rule) {
  return make_verdict(Result::permerror, fmt::format("no SPF record at {}", safe_text(target)), rule);
}

}  // namespace spf
