// The mechanisms of RFC 7208 §5.

#include <fmt/format.h>
#include <algorithm>

#include "spf/evaluation.hpp"
#include "spf/reason.hpp"
#include "spf/validated_names.hpp"

namespace spf {
namespace {

constexpr std::string_view lookup_rule = "RFC 7208 §5";  // what the mechanisms have in common

dns::Type address_type(const base::IpAddress& client) { return client.is_v4() ? dns::Type::a : dns::Type::aaaa; }

bool lists_client(const dns::Answer& answer, const Directive& directive, const base::IpAddress& client) {
  const unsigned prefix = client.is_v4() ? directive.ip4_prefix : directive.ip6_prefix;
  return std::any_of(answer.addresses.begin(), answer.addresses.end(),
                     [&](const base::IpAddress& address) { return address.shares_prefix(client, prefix); });
}

/// Questions that are asked ahead of their turn: those of the common terms, with names that do not depend on
/// the message.
bool is_prefetched(const Directive& directive) {
  const bool is_plain = !directive.domain_spec || !directive.domain_spec->has_macros();
  const Mechanism m = directive.mechanism;
  return is_plain && (m == Mechanism::include || m == Mechanism::a || m == Mechanism::mx);
}

}  // namespace

Evaluation::Outcome Evaluation::evaluate(const Directive& directive, const std::string& domain) {
  if (directive.mechanism == Mechanism::all) return {Outcome::Kind::match};
  if (!causes_lookups(directive.mechanism)) {
    const bool is_inside = directive.network && directive.network->contains(input_.client);
    return {is_inside ? Outcome::Kind::match : Outcome::Kind::no_match};
  }
  if (auto fault = count_term()) return {Outcome::Kind::error, std::move(*fault)};
  if (directive.domain_spec && !is_expandable(*directive.domain_spec)) {
    note("never matches: the local part is not ASCII (RFC 8616 §4)");
    return {};
  }
  if (is_waiting_ && !(is_prefetched(directive) && may_ask_ahead())) return postpone(directive);
  const auto target = directive.domain_spec ? expand(*directive.domain_spec, domain) : domain;
  if (!target) return postpone(directive);
  Outcome outcome = look_up(directive, *target);
  if (outcome.kind == Outcome::Kind::void_lookup && !is_waiting_) return count_void_lookup();
  return outcome;
}

Evaluation::Outcome Evaluation::postpone(const Directive& directive) {
  if (directive.mechanism == Mechanism::include) is_record_missing_ = true;
  return {Outcome::Kind::unknown};
}

Evaluation::Outcome Evaluation::look_up(const Directive& directive, const std::string& target) {
  if (directive.mechanism == Mechanism::include) return evaluate_include(target);
  // §4.8 leaves names that cannot be asked for to us: no lookup, no match.
  if (!dns::is_sendable_name(target)) {
    note("no name that can be asked for");
    return {};
  }
  switch (directive.mechanism) {
    case Mechanism::a:
      return evaluate_a(directive, target);
    case Mechanism::mx:
      return evaluate_mx(directive, target);
    case Mechanism::ptr:
      return evaluate_ptr(target);
    case Mechanism::exists:
      return evaluate_exists(target);
    default:
      return {};  // the others cause no lookups
  }
}

/// §5.2
Evaluation::Outcome Evaluation::evaluate_include(const std::string& target) {
  ++include_depth_;
  auto verdict = check_domain(target);
  --include_depth_;
  if (!verdict) return {Outcome::Kind::unknown};
  if (trace_ != nullptr) trace_->set_reason(fmt::format("{} there", to_text(verdict->result)));
  switch (verdict->result) {
    case Result::pass:
      return {Outcome::Kind::match};
    case Result::fail:
    case Result::softfail:
    case Result::neutral:
      return {};
    case Result::temperror:
    case Result::permerror:
      return {Outcome::Kind::error, std::move(*verdict)};
    case Result::none:
      break;
  }
  return {Outcome::Kind::error, make_missing_record(target, "RFC 7208 §5.2")};
}

/// §5.3
Evaluation::Outcome Evaluation::evaluate_a(const Directive& directive, const std::string& target) {
  const auto question = dns::ask_for(target, address_type(input_.client));
  const dns::Answer* answer = ask(question);
  if (answer == nullptr) return {Outcome::Kind::unknown};
  if (dns::is_failure(answer->status)) return {Outcome::Kind::error, make_temperror(question, answer->status, lookup_rule)};
  if (dns::is_void(answer->status)) return {Outcome::Kind::void_lookup};
  return {lists_client(*answer, directive, input_.client) ? Outcome::Kind::match : Outcome::Kind::no_match};
}

/// §5.4: the exchanges in order of preference; the first that matches or fails decides. All are asked for
/// before the first is looked at, and names of equal preference have an order, so that the verdict depends
/// neither on the order of the records nor on that of the answers.
Evaluation::Outcome Evaluation::evaluate_mx(const Directive& directive, const std::string& target) {
  const auto question = dns::ask_for(target, dns::Type::mx);
  const dns::Answer* answer = ask(question);
  if (answer == nullptr) return {Outcome::Kind::unknown};
  if (dns::is_failure(answer->status)) return {Outcome::Kind::error, make_temperror(question, answer->status, lookup_rule)};
  if (dns::is_void(answer->status)) return {Outcome::Kind::void_lookup};
  if (answer->exchanges.size() > limits_.mx_names)
    return {Outcome::Kind::error,
            make_verdict(Result::permerror, fmt::format("more than {} MX names", limits_.mx_names), "RFC 7208 §4.6.4")};
  if (is_record_missing_) return {Outcome::Kind::unknown};  // ten questions each are too many to ask in vain
  auto exchanges = answer->exchanges;
  std::sort(exchanges.begin(), exchanges.end());
  Outcome whole;
  for (const dns::Mx& mx : exchanges) {
    if (!dns::is_sendable_name(mx.exchange)) continue;  // "." too: no mail here (RFC 7505 §3)
    Outcome one = evaluate_a(directive, mx.exchange);
    const bool is_settled = whole.kind != Outcome::Kind::unknown;
    if (is_settled && (one.kind == Outcome::Kind::match || one.kind == Outcome::Kind::error)) return one;
    if (one.kind == Outcome::Kind::unknown || (is_settled && one.kind == Outcome::Kind::void_lookup)) whole = one;
  }
  return whole;
}

/// §5.5: errors are no match here.
Evaluation::Outcome Evaluation::evaluate_ptr(const std::string& target) {
  const dns::Answer* pointers = ask(pointer_question(input_.client));
  if (pointers == nullptr) return {Outcome::Kind::unknown};
  if (dns::is_void(pointers->status)) return {Outcome::Kind::void_lookup};
  if (dns::is_failure(pointers->status)) return {};
  Outcome whole;
  const std::size_t count = std::min<std::size_t>(limits_.ptr_names, pointers->names.size());
  for (std::size_t i = 0; i < count; ++i) {
    const std::string& name = pointers->names[i];
    if (!is_or_is_below(name, target)) continue;  // validated or not, it would not match
    const Validation validation = validate_name(view_, input_.client, name);
    if (trace_ != nullptr && validation != Validation::unknown)
      trace_->add_note(fmt::format("{} is {}", name, validation == Validation::validated ? "validated" : "not validated"));
    if (validation == Validation::validated) return {Outcome::Kind::match};
    if (validation == Validation::unknown) whole.kind = Outcome::Kind::unknown;
  }
  return whole;
}

/// §5.7: always an A question, whatever the client.
Evaluation::Outcome Evaluation::evaluate_exists(const std::string& target) {
  const auto question = dns::ask_for(target, dns::Type::a);
  const dns::Answer* answer = ask(question);
  if (answer == nullptr) return {Outcome::Kind::unknown};
  if (dns::is_failure(answer->status)) return {Outcome::Kind::error, make_temperror(question, answer->status, lookup_rule)};
  return {dns::is_void(answer->status) ? Outcome::Kind::void_lookup : Outcome::Kind::match};
}

}  // namespace spf
