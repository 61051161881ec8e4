#pragma once
// A question in, a callback out; nobody waits in between. Or, without either, the answer that is there already.

#include <functional>

#include "dns/answer.hpp"
#include "dns/question.hpp"

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
};

}  // namespace dns
