#include "spf/check_host.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "spf/evaluation.hpp"
#include "spf/macro.hpp"
#include "spf/validated_names.hpp"

namespace spf {
namespace {

constexpr std::size_t max_explanation_octets = 400;  // with its reply code and a prefix, one SMTP reply line

bool is_presentable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c == ' ' || base::is_visible(c); });
}

/// The expanded text, or nothing while %{p} is not known.
std::optional<std::string> expand_explanation(dns::View& view, const MacroString& macros, const Input& input,
                                              const std::string& domain) {
  std::string validated_name = "unknown";
  if (macros.uses('p')) {
    auto found = find_validated_name(view, input.client, domain, Limits{}.ptr_names);
    if (!found) return std::nullopt;
    validated_name = std::move(*found);
  }
  return expand_text(macros, {input, domain, validated_name}, max_explanation_octets);
}

}  // namespace

std::string_view to_text(Result result) {
  switch (result) {
    case Result::none:
      return "none";
    case Result::neutral:
      return "neutral";
    case Result::pass:
      return "pass";
    case Result::fail:
      return "fail";
    case Result::softfail:
      return "softfail";
    case Result::temperror:
      return "temperror";
    case Result::permerror:
      return "permerror";
  }
  return "?";
}

std::optional<Verdict> check_host(dns::View& view, const Input& input, const Limits& limits, Trace* trace) {
  return Evaluation(view, input, limits, trace).run();
}

// RFC 7208 §6.2: whatever goes wrong, there is no explanation, and never another result.
std::optional<std::string> explain(dns::View& view, const Input& input, const Verdict& verdict) {
  if (verdict.explanation_domain.empty()) return std::string();
  const dns::Answer* answer = view.ask(dns::ask_for(verdict.explanation_domain, dns::Type::txt));
  if (answer == nullptr) return std::nullopt;
  if (answer->status != dns::Status::ok || answer->texts.size() != 1) return std::string();
  const auto macros = MacroString::parse(answer->texts.front(), MacroUse::explanation);
  if (!macros) return std::string();
  auto text = expand_explanation(view, *macros, input, verdict.record_domain);
  if (text && !is_presentable(*text)) text->clear();
  return text;
}

}  // namespace spf
