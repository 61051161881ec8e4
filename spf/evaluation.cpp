#include "spf/evaluation.hpp"

#include <fmt/format.h>

#include "base/domain.hpp"
#include "base/text.hpp"
#include "spf/reason.hpp"
#include "spf/validated_names.hpp"

namespace spf {
namespace {

/// Can `domain` be checked at all (RFC 7208 §4.3)? Whoever asks for another is told none.
bool is_checkable(std::string_view domain) {
  return dns::is_sendable_name(domain) && domain.find('.') != std::string_view::npos;
}

/// An error found in a term belongs to the innermost record that held it.
void locate(Verdict& verdict, const std::string& domain, std::string_view term) {
  if (!verdict.record_domain.empty()) return;
  verdict.record_domain = domain;
  verdict.matched = term.substr(0, max_term_octets);
}

/// Is the answer to the TXT question no well-formed record? Then the result of §4.4 to §4.6.
std::optional<Verdict> find_fault(const dns::Answer& answer, const Selection& selection, const std::string& domain) {
  if (dns::is_failure(answer.status)) return make_temperror(dns::ask_for(domain, dns::Type::txt), answer.status);
  if (answer.status == dns::Status::no_such_name) return make_verdict(Result::none, "no such domain");
  if (selection.count == 0) return make_verdict(Result::none, "no SPF record");
  if (selection.count == 2) return make_verdict(Result::permerror, "two SPF records");
  if (selection.count > 2) return make_verdict(Result::permerror, "several SPF records");
  if (selection.fault) return make_verdict(Result::permerror, fmt::format("syntax error: {}", selection.fault->text));
  return std::nullopt;
}

}  // namespace

std::optional<Verdict> Evaluation::run() {
  const auto domain = base::Domain::parse(input_.domain);
  auto verdict = domain ? check_domain(domain->text()) : make_verdict(Result::none, "not a domain name");
  if (!verdict) return std::nullopt;
  verdict->terms = terms_;
  verdict->void_lookups = void_lookups_;
  return verdict;
}

std::optional<Verdict> Evaluation::conclude(Verdict verdict) const {
  if (is_waiting_) return std::nullopt;
  return verdict;
}

/// check_host() of §4 for one <domain>, which include and redirect call again.
std::optional<Verdict> Evaluation::check_domain(const std::string& domain) {
  if (!is_checkable(domain)) return conclude(make_verdict(Result::none, "not a domain name"));
  const dns::Answer* answer = view_.ask(dns::ask_for(domain, dns::Type::txt));
  if (answer == nullptr) {
    is_waiting_ = is_record_missing_ = true;
    return std::nullopt;
  }
  const auto selection = answer->derived<Selection>([](const dns::Answer& a) { return select_record(a.texts); });
  if (auto fault = find_fault(*answer, *selection, domain)) {
    if (fault->result != Result::none) fault->record_domain = domain;
    return conclude(std::move(*fault));
  }
  return evaluate_record(selection->record, domain);
}

/// §4.6.2, §4.7
std::optional<Verdict> Evaluation::evaluate_record(const Record& record, const std::string& domain) {
  for (const Directive& directive : record.directives) {
    Outcome outcome = evaluate(directive, domain);
    switch (outcome.kind) {
      case Outcome::Kind::no_match:
      case Outcome::Kind::void_lookup:
        break;
      case Outcome::Kind::unknown:
        is_waiting_ = true;
        break;
      case Outcome::Kind::match:
        return decide(directive, record, domain);
      case Outcome::Kind::error:
        locate(outcome.error, domain, directive.text);
        return conclude(std::move(outcome.error));
    }
  }
  if (record.redirect && is_expandable(record.redirect->domain_spec)) return follow_redirect(*record.redirect, domain);
  Verdict verdict = make_verdict(Result::neutral, "no term matched");
  verdict.record_domain = domain;
  return conclude(std::move(verdict));
}

std::optional<Verdict> Evaluation::decide(const Directive& directive, const Record& record, const std::string& domain) {
  Verdict verdict = make_verdict(directive.qualifier, fmt::format("matched {}", safe_text(directive.text)));
  locate(verdict, domain, directive.text);
  // The explanation of an included record is never used (§6.2).
  const bool is_explained = directive.qualifier == Result::fail && include_depth_ == 0 && record.exp;
  if (!is_waiting_ && is_explained && is_expandable(record.exp->domain_spec)) {
    const auto name = expand(record.exp->domain_spec, domain);
    if (!name) is_waiting_ = true;
    if (name && dns::is_sendable_name(*name)) verdict.explanation_domain = *name;
  }
  return conclude(std::move(verdict));
}

/// §6.1
std::optional<Verdict> Evaluation::follow_redirect(const Modifier& redirect, const std::string& domain) {
  auto fault = count_term();
  if (!fault) {
    const bool is_postponed = is_waiting_ && (redirect.domain_spec.has_macros() || !may_ask_ahead());
    const auto target = is_postponed ? std::nullopt : expand(redirect.domain_spec, domain);
    if (!target) {
      is_waiting_ = is_record_missing_ = true;
      return std::nullopt;
    }
    auto verdict = check_domain(*target);
    if (!verdict || verdict->result != Result::none) return verdict;
    fault = make_missing_record(*target);
  }
  locate(*fault, domain, redirect.text);
  return conclude(std::move(*fault));
}

/// Nothing, or the permerror of §4.6.4.
std::optional<Verdict> Evaluation::count_term() {
  if (++terms_ <= limits_.terms) return std::nullopt;
  return make_verdict(Result::permerror, fmt::format("more than {} lookup terms", limits_.terms));
}

Evaluation::Outcome Evaluation::count_void_lookup() {
  if (++void_lookups_ <= limits_.void_lookups) return {};
  return {Outcome::Kind::error,
          make_verdict(Result::permerror, fmt::format("more than {} void lookups", limits_.void_lookups))};
}

/// Each answer can bring up to ten new questions, so a check that has had this many has asked 151 ahead at most;
/// with the 122 that the limits of §4.6.4 allow (docs/limits.md) it stays below dns::InquiryBase::max_questions, and its verdict
/// does not depend on that. Ordinary checks decide with fewer answers.
bool Evaluation::may_ask_ahead() const {
  constexpr std::size_t max_answers = 24;
  return view_.known_count() < max_answers;
}

/// RFC 8616 §4: a term with %{s} or %{l} never matches when the local part is not ASCII.
bool Evaluation::is_expandable(const MacroString& spec) const {
  return base::is_ascii(input_.local_part) || !spec.uses_local_part();
}

std::optional<std::string> Evaluation::expand(const MacroString& spec, const std::string& domain) {
  std::string validated_name = "unknown";
  if (spec.uses('p')) {
    auto found = find_validated_name(view_, input_.client, domain, limits_.ptr_names);
    if (!found) return std::nullopt;
    validated_name = std::move(*found);
  }
  return expand_name(spec, {input_, domain, validated_name});
}

}  // namespace spf
