#pragma once
// What the run of check_host() that decided did, in order, for a person to follow: RFC 7208 §4 to §6. Filled only where
// somebody asks for it. Texts are as the DNS and the message gave them: any octets.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dns/answer.hpp"
#include "dns/question.hpp"

namespace spf {

enum class StepOutcome {
  none,  // of a record that can be used; of a term: it did not come to an end
  match,
  followed,  // of a redirect: its target's result is the result
  no_match,
  error,  // the whole check ends
};

/// A record that was fetched, or a term of one that was tried.
struct TraceStep {
  bool is_record = false;
  unsigned depth = 0;  // how many include and redirect lie above
  std::string name;    // record: the domain that was asked; term: the name its macros made, empty without macros
  std::string text;    // record: as published, empty if there is none to use; term: as written
  StepOutcome outcome = StepOutcome::none;
  std::string reason;                   // of an error; of an include: what its target said
  std::optional<std::size_t> fault_at;  // record: the octet where its syntax ends
  unsigned terms = 0;                   // term: its number among those that count (§4.6.4); 0: it does not count
  unsigned void_lookups = 0;            // term: how many there were with its own; 0: it had none
  std::vector<std::string> answers;     // what the DNS said for it: "A mail.example.org: 192.0.2.1"
};

class Trace {
 public:
  static constexpr std::size_t max_steps = 1000;  // a check within the limits of §4.6.4 has records of 512 terms
  static constexpr std::size_t max_answers = 24;  // of one step; an mx term has 11
  static constexpr std::size_t max_answer_octets = 512;
  static constexpr std::size_t max_text_octets = 16384;  // of a record or term

  /// As if nothing had happened: the evaluation starts from the top.
  void clear();
  [[nodiscard]] const std::vector<TraceStep>& steps() const { return steps_; }
  [[nodiscard]] bool is_cut() const { return is_cut_; }

  void add_record(const std::string& domain, const dns::Answer& answer);
  /// Of the record added last.
  void fail_record(const std::string& reason, std::optional<std::size_t> fault_at);

  /// What happens until end_term() belongs to the term, and lies below it.
  void begin_term(std::string_view text);
  void end_term(StepOutcome outcome, const std::string& reason);

  // Of the term that began last and has not ended.
  void set_name(const std::string& name);
  void set_reason(std::string reason);
  void count_term(unsigned terms);
  void count_void_lookup(unsigned void_lookups);
  void add_answer(const dns::Question& question, const dns::Answer& answer);
  void add_note(std::string text);

 private:
  TraceStep* add_step();
  TraceStep* current();

  std::vector<TraceStep> steps_;
  std::vector<std::size_t> open_;  // terms that have begun, outermost first; max_steps: one that was left out
  bool is_cut_ = false;
};

}  // namespace spf
