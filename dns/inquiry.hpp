#pragma once
// One evaluator in progress. It owns its input (captured in the evaluator) and the answers it has had;
// it never asks the same thing twice, so it cannot change its mind. What the resolver has at hand is had in the same run.
// It advances on whatever thread brings an answer; nobody waits inside it, and whoever wants the verdict collects it with
// a deadline.

#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "dns/resolver.hpp"
#include "dns/view.hpp"

namespace dns {

/// The part that does not depend on the verdict's type: which questions are out, which answers are in.
class InquiryBase : public std::enable_shared_from_this<InquiryBase> {
 public:
  /// Questions one Inquiry may ask, those answered at once among them. Beyond it holes are filled with server_failure. Well
  /// above what the RFCs' own limits add up to for one SPF check (docs/architecture.md has the arithmetic).
  static constexpr std::size_t max_questions = 300;
  /// Answers and filled holes of one Inquiry; an evaluator that wants more never ends, which collect() reports.
  static constexpr std::size_t max_answers = 10 * max_questions;

  /// Of those, out at once: what more is wanted is sent as answers come.
  static constexpr std::size_t max_in_flight = 16;
  /// Of the answers held, and of what is made of them: room for the records of one SPF check, and some.
  static constexpr std::size_t default_max_octets = 96UL * 1024;

  virtual ~InquiryBase() = default;
  InquiryBase(const InquiryBase&) = delete;
  InquiryBase& operator=(const InquiryBase&) = delete;

  [[nodiscard]] bool is_done() const;
  /// Questions asked so far.
  [[nodiscard]] std::size_t question_count() const;

 protected:
  InquiryBase(Resolver& resolver, std::size_t max_octets) : resolver_(resolver), max_octets_(max_octets) {}

  /// Runs the evaluator on the answers; true when it decided. Called with the lock held, never at once twice.
  virtual bool run(View& view) = 0;

  /// Runs and sends what is wanted, again and again while answers return at once.
  void advance();
  /// Returns when decided; after the deadline it fills holes with `timeout` until that is so.
  /// Throws what the evaluator threw, if it did.
  void wait_until(base::SteadyTime deadline);

 private:
  [[nodiscard]] const Answer* take_at_hand(const Question& question);
  void accept(const Question& question, AnswerPtr answer);
  void ask(const Question& question);
  void fill(const Question& question, Status status);
  std::vector<Question> step();
  void note_fault(std::exception_ptr fault);
  void decide_without_waiting();

  [[nodiscard]] AnswerPtr admit(AnswerPtr answer) const;

  Resolver& resolver_;
  const std::size_t max_octets_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Answers answers_;
  std::size_t asked_ = 0;
  std::size_t in_flight_ = 0;
  bool is_stale_ = true;       // answers came since the last run
  bool is_advancing_ = false;  // some thread is inside advance()
  bool is_closed_ = false;     // the deadline passed: answers no longer count
  bool is_done_ = false;
  std::exception_ptr fault_;
};

template <class Verdict>
class Inquiry final : public InquiryBase {
 public:
  using Evaluator = std::function<std::optional<Verdict>(View&)>;

  /// Starts at once. The resolver must outlive every callback it owes, not the Inquiry. `max_octets`: of the answers
  /// it holds, with what is derived from them; one that exceeds it counts as malformed.
  [[nodiscard]] static std::shared_ptr<Inquiry> start(Resolver& resolver, Evaluator evaluator,
                                                      std::size_t max_octets = default_max_octets) {
    std::shared_ptr<Inquiry> inquiry(new Inquiry(resolver, std::move(evaluator), max_octets));
    inquiry->advance();
    return inquiry;
  }

  /// The verdict, waiting for it until the deadline at most; then every hole counts as `timeout`.
  [[nodiscard]] const Verdict& collect(base::SteadyTime deadline) {
    wait_until(deadline);
    return *verdict_;
  }

 private:
  Inquiry(Resolver& resolver, Evaluator evaluator, std::size_t max_octets)
      : InquiryBase(resolver, max_octets), evaluator_(std::move(evaluator)) {}
  bool run(View& view) override {
    verdict_ = evaluator_(view);
    return verdict_.has_value();
  }

  Evaluator evaluator_;
  std::optional<Verdict> verdict_;
};

}  // namespace dns
