#pragma once
// What an evaluator sees of the DNS: the answers known so far. An evaluator is a pure function
// `std::optional<Verdict> f(View&)`: it asks, and where an answer is missing it stops deciding and returns
// nothing; the Inquiry gets the answers and runs it again from the top (docs/architecture.md).

#include <functional>
#include <map>
#include <vector>

#include "dns/answer.hpp"
#include "dns/question.hpp"

namespace dns {

/// Null: asked, and not answered yet.
using Answers = std::map<Question, AnswerPtr>;

class View {
 public:
  /// Where an answer may be had at once that nobody has asked for yet: it adds that to the known ones and gives it, or
  /// null.
  using AtHand = std::function<const Answer*(const Question&)>;

  explicit View(const Answers& known, AtHand at_hand = nullptr) : known_(known), at_hand_(std::move(at_hand)) {}
  View(const View&) = delete;
  View& operator=(const View&) = delete;

  /// The answer, or null: not known yet and noted as wanted; and so it stays all through this run. Lives until the
  /// evaluator decides.
  [[nodiscard]] const Answer* ask(const Question& question);
  /// Notes a question that will probably be asked later in this evaluation.
  void prefetch(const Question& question) { static_cast<void>(ask(question)); }

  /// How many answers there are: for evaluators that stop asking ahead when they have had many.
  [[nodiscard]] std::size_t known_count() const;
  /// Unknown questions noted in this run, in the order asked, each once.
  [[nodiscard]] const std::vector<Question>& wanted() const { return wanted_; }

 private:
  const Answers& known_;
  const AtHand at_hand_;
  std::vector<Question> wanted_;
};

}  // namespace dns
