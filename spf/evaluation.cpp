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

constexpr std::string_view initial_rule = "RFC 7208 §4.3", lookup_rule = "RFC 7208 §4.4", selection_rule = "RFC 7208 §4.5",
                           syntax_rule = "RFC 7208 §4.6", limits_rule = "RFC 7208 §4.6.4", default_rule = "RFC 7208 §4.7";

/// Is the answer to the TXT question no well-formed record? Then the result of §4.4 to §4.6.
std::optional<Verdict> find_fault(const dns::Answer& answer, const Selection& selection, const std::string& domain) {
  if (dns::is_failure(answer.status)) return make_temperror(dns::ask_for(domain, dns::Type::txt), answer.status, lookup_rule);
  if (answer.status == dns::Status::no_such_name) return make_verdict(Result::none, "no such domain", initial_rule);
  if (selection.count == 0) return make_verdict(Result::none, "no SPF record", selection_rule);
  if (selection.count == 2) return make_verdict(Result::permerror, "two SPF records", selection_rule);
  if (selection.count > 2) return make_verdict(Result::permerror, "several SPF records", selection_rule);
  if (selection.fault)
    return make_verdict(Result::permerror, fmt::format("syntax error: {}", selection.fault->text), syntax_rule);
  return std::nullopt;
}

/// Where each mechanism says what matches it.
std::string_view rule_of(Mechanism mechanism) {
  switch (mechanism) {
    case Mechanism::all:
      return "RFC 7208 §5.1";
    case Mechanism::include:
      return "RFC 7208 §5.2";
    case Mechanism::a:
      return "RFC 7208 §5.3";
    case Mechanism::mx:
      return "RFC 7208 §5.4";
    case Mechanism::ptr:
      return "RFC 7208 §5.5";
    case Mechanism::ip4:
    case Mechanism::ip6:
      return "RFC 7208 §5.6";
    case Mechanism::exists:
      return "RFC 7208 §5.7";
  }
  return default_rule;
}

}  // namespace

std::optional<Verdict> Evaluation::run() {
  if (trace_ != nullptr) trace_->clear();
  const auto domain = base::Domain::parse(input_.domain);
  auto verdict = domain ? check_domain(domain->text()) : make_verdict(Result::none, "not a domain name", initial_rule);
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
  if (!is_checkable(domain)) return conclude(make_verdict(Result::none, "not a domain name", initial_rule));
  const dns::Answer* answer = view_.ask(dns::ask_for(domain, dns::Type::txt));
  if (answer == nullptr) {
    is_waiting_ = is_record_missing_ = true;
    return std::nullopt;
  }
  const auto selection = answer->derived<Selection>([](const dns::Answer& a) { return select_record(a.texts); });
  if (trace_ != nullptr) trace_->add_record(domain, *answer);
  if (auto fault = find_fault(*answer, *selection, domain)) {
    if (trace_ != nullptr)
      trace_->fail_record(fault->reason, selection->fault ? std::optional(selection->fault->offset) : std::nullopt);
    if (fault->result != Result::none) fault->record_domain = domain;
    return conclude(std::move(*fault));
  }
  return evaluate_record(selection->record, domain);
}

/// §4.6.2, §4.7
std::optional<Verdict> Evaluation::evaluate_record(const Record& record, const std::string& domain) {
  for (const Directive& directive : record.directives) {
    Outcome outcome = evaluate_traced(directive, domain);
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
  if (record.redirect && is_expandable(record.redirect->domain_spec))
    return follow_redirect_traced(*record.redirect, domain);
  Verdict verdict = make_verdict(Result::neutral, "no term matched", default_rule);
  verdict.record_domain = domain;
  return conclude(std::move(verdict));
}

std::optional<Verdict> Evaluation::decide(const Directive& directive, const Record& record, const std::string& domain) {
  Verdict verdict =
      make_verdict(directive.qualifier, fmt::format("matched {}", safe_text(directive.text)), rule_of(directive.mechanism));
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
    fault = make_missing_record(*target, "RFC 7208 §6.1");
  }
  locate(*fault, domain, redirect.text);
  return conclude(std::move(*fault));
}

/// Nothing, or the permerror of §4.6.4.
std::optional<Verdict> Evaluation::count_term() {
  ++terms_;
  if (trace_ != nullptr) trace_->count_term(terms_);
  if (terms_ <= limits_.terms) return std::nullopt;
  return make_verdict(Result::permerror, fmt::format("more than {} lookup terms", limits_.terms), limits_rule);
}

Evaluation::Outcome Evaluation::count_void_lookup() {
  ++void_lookups_;
  if (trace_ != nullptr) trace_->count_void_lookup(void_lookups_);
  if (void_lookups_ <= limits_.void_lookups) return {};
  return {Outcome::Kind::error,
          make_verdict(Result::permerror, fmt::format("more than {} void lookups", limits_.void_lookups), limits_rule)};
}

/// Each answer can bring up to ten new questions, so a check that has had this many has asked 151 ahead at most;
/// with the 122 that the limits of §4.6.4 allow (docs/limits.md) it stays below dns::InquiryBase::max_questions, and its
/// verdict does not depend on that. Ordinary checks decide with fewer answers.
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
  std::string name = expand_name(spec, {input_, domain, validated_name});
  if (trace_ != nullptr && spec.has_macros()) trace_->set_name(name);
  return name;
}

/// Asks for a term.
const dns::Answer* Evaluation::ask(const dns::Question& question) {
  const dns::Answer* answer = view_.ask(question);
  if (trace_ != nullptr && answer != nullptr) trace_->add_answer(question, *answer);
  return answer;
}

void Evaluation::note(std::string_view text) {
  if (trace_ != nullptr) trace_->add_note(std::string(text));
}

Evaluation::Outcome Evaluation::evaluate_traced(const Directive& directive, const std::string& domain) {
  if (trace_ == nullptr) return evaluate(directive, domain);
  trace_->begin_term(directive.text);
  Outcome outcome = evaluate(directive, domain);
  trace_->end_term(to_step(outcome.kind), outcome.error.reason);
  return outcome;
}

std::optional<Verdict> Evaluation::follow_redirect_traced(const Modifier& redirect, const std::string& domain) {
  if (trace_ == nullptr) return follow_redirect(redirect, domain);
  trace_->begin_term(redirect.text);
  auto verdict = follow_redirect(redirect, domain);
  const bool is_error = verdict && (verdict->result == Result::temperror || verdict->result == Result::permerror);
  trace_->end_term(is_error ? StepOutcome::error : StepOutcome::followed, is_error ? verdict->reason : "");
  return verdict;
}

StepOutcome Evaluation::to_step(Outcome::Kind kind) {
  switch (kind) {
    case Outcome::Kind::no_match:
    case Outcome::Kind::void_lookup:
      return StepOutcome::no_match;
    case Outcome::Kind::match:
      return StepOutcome::match;
    case Outcome::Kind::error:
      return StepOutcome::error;
    case Outcome::Kind::unknown:
      break;
  }
  return StepOutcome::none;
}

}  // namespace spf
