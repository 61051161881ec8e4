#pragma once
// A question in, a callback out; nobody waits in between. Or, without either, the answer that is there already.

#include <functional>
#include <utility>

#include "dns/answer.hpp"
#include "dns/question.hpp"
#include "dns/statistics.hpp"

namespace dns {

class Resolver {
 public:
  using Callback = std::function<void(AnswerPtr)>;

  virtual ~Resolver() = default;
  Resolver() = default;
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// Calls `done` exactly once with a non-null answer: on the DNS thread, or inside start when the answer is
  /// at hand. Never blocks. Hold no lock that `done` takes; `done` must not throw. A name that cannot be sent is no_such_name.
  virtual void start(const Question& question, Callback done) = 0;

  /// The answer if it can be had at once, without asking anybody; else null. Never blocks and calls nobody back, so
  /// locks may be held. What is null now may be at hand the next moment.
  [[nodiscard]] virtual AnswerPtr at_hand(const Question& /*question*/) { return nullptr; }

  /// As start(), but what is remembered is no answer: for finding out whether the DNS works.
  virtual void start_afresh(const Question& question, Callback done) { start(question, std::move(done)); }

  /// Any thread.
  [[nodiscard]] virtual Statistics statistics() const { return {}; }
};

}  // namespace dns
