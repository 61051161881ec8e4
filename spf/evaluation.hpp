#pragma once
// One run of check_host(): RFC 7208 §4 to §6, on the answers at hand. Made anew for every run.
//
// Once an answer is missing the evaluation is *waiting*: nothing decides any more, and the scan goes on only to
// note questions that will probably be asked (include, redirect, a and mx with a plain name). It keeps counting
// terms, so that it ends however records refer to each other. A pass that decides was never waiting, and has
// seen the terms in the order of §4.6.2.
//
// While a record is missing the count is too low, so questions may be asked ahead that lie beyond the limit of
// terms. Records made for that could have them asked by the hundred; see may_ask_ahead() and evaluate_mx().

#include <optional>
#include <string>

#include "dns/view.hpp"
#include "spf/check_host.hpp"
#include "spf/record.hpp"
#include "spf/trace.hpp"

namespace spf {

class Evaluation {
 public:
  /// Borrows all. `trace` may be null.
  Evaluation(dns::View& view, const Input& input, const Limits& limits, Trace* trace)
      : view_(view), input_(input), limits_(limits), trace_(trace) {}
  Evaluation(const Evaluation&) = delete;
  Evaluation& operator=(const Evaluation&) = delete;

  /// Once per object. Nothing: answers are missing.
  [[nodiscard]] std::optional<Verdict> run();

 private:
  /// What one term came to.
  struct Outcome {
    enum class Kind {
      no_match,
      void_lookup,  // no match, and an answer was void (§4.6.4)
      match,
      unknown,  // answers are missing
      error,    // the whole check ends
    };
    Kind kind = Kind::no_match;
    Verdict error{};
  };

  std::optional<Verdict> check_domain(const std::string& domain);
  std::optional<Verdict> evaluate_record(const Record& record, const std::string& domain);
  std::optional<Verdict> follow_redirect(const Modifier& redirect, const std::string& domain);
  std::optional<Verdict> follow_redirect_traced(const Modifier& redirect, const std::string& domain);
  std::optional<Verdict> decide(const Directive& directive, const Record& record, const std::string& domain);
  std::optional<Verdict> conclude(Verdict verdict) const;

  Outcome evaluate(const Directive& directive, const std::string& domain);
  Outcome evaluate_traced(const Directive& directive, const std::string& domain);
  Outcome look_up(const Directive& directive, const std::string& target);
  Outcome evaluate_include(const std::string& target);
  Outcome evaluate_a(const Directive& directive, const std::string& target);
  Outcome evaluate_mx(const Directive& directive, const std::string& target);
  Outcome evaluate_ptr(const std::string& target);
  Outcome evaluate_exists(const std::string& target);
  Outcome count_void_lookup();
  Outcome postpone(const Directive& directive);

  const dns::Answer* ask(const dns::Question& question);
  void note(std::string_view text);
  static StepOutcome to_step(Outcome::Kind kind);
  std::optional<Verdict> count_term();
  [[nodiscard]] bool may_ask_ahead() const;
  [[nodiscard]] bool is_expandable(const MacroString& spec) const;
  std::optional<std::string> expand(const MacroString& spec, const std::string& domain);

  dns::View& view_;
  const Input& input_;
  const Limits& limits_;
  Trace* const trace_;
  unsigned terms_ = 0;
  unsigned void_lookups_ = 0;
  unsigned include_depth_ = 0;
  bool is_waiting_ = false;
  bool is_record_missing_ = false;  // waiting for a record: the terms after it may lie beyond the limit
};

}  // namespace spf
