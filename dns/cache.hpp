#pragma once
// Answers remembered by their TTL, and identical questions in flight asked once, on top of any Resolver.
// RFC 2308 (negative answers, and failures: §7). An answer's own `ttl` stays what it was when it came.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/time.hpp"
#include "dns/resolver.hpp"

namespace dns {

class CachingResolver final : public Resolver {
 public:
  struct Options {
    std::size_t max_octets = 32U * 1024 * 1024;  // of answers kept; beyond it the least recently used go
    std::chrono::seconds max_ttl{24 * 3600};     // however long the record says
    std::chrono::seconds max_negative_ttl{900};  // for no_such_name and no_data (RFC 2308 §5: 1 to 3 hours at most)
    std::chrono::seconds failure_ttl{5};         // so that a dead server is not stormed (RFC 2308 §7: 5 minutes at most)
  };
  using Counters = CacheCounters;
  using Now = std::function<base::SteadyTime()>;

  /// `upstream` must outlive this. Questions still out when this is destroyed are answered as upstream answers them.
  CachingResolver(Resolver& upstream, Options options, Now now = &std::chrono::steady_clock::now);
  ~CachingResolver() override;

  /// Any thread. An answer whose TTL is 0 goes to all who asked before it came, and is not kept.
  void start(const Question& question, Callback done) override;
  /// Any thread. What is kept and not too old; counted as a question when there is an answer.
  [[nodiscard]] AnswerPtr at_hand(const Question& question) override;

  [[nodiscard]] Counters counters() const;

 private:
  class Memory;
  Resolver& upstream_;
  std::shared_ptr<Memory> memory_;  // shared with the callbacks that upstream owes
};

}  // namespace dns
