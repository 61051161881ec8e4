#pragma once
// What a message is handled by, and which of it is in force. A message keeps what it began with until its verdict.

#include <memory>
#include <mutex>
#include <utility>

#include "auth/options.hpp"
#include "dns/resolver.hpp"

namespace milter {

/// Made of one configuration, complete before anybody sees it, never changed. Whoever drops the last reference destroys
/// the resolver: sessions and those who reload do, checks in progress hold none, for they end on the DNS thread.
struct Setup {
  auth::Options options;
  std::shared_ptr<dns::Resolver> resolver;  // shared with the setup before where dns.* is the same, and so the cache
};
using SetupPtr = std::shared_ptr<const Setup>;

/// Any thread. Not std::atomic<std::shared_ptr>: libstdc++ 12's takes its lock bit in a way ThreadSanitizer cannot see.
class SetupInForce {
 public:
  explicit SetupInForce(SetupPtr first) : setup_(std::move(first)) {}
  SetupInForce(const SetupInForce&) = delete;
  SetupInForce& operator=(const SetupInForce&) = delete;

  [[nodiscard]] SetupPtr take() const {
    const std::lock_guard lock(mutex_);
    return setup_;
  }

  /// The one before is dropped with no lock held: its resolver may have a thread to wait for.
  void replace(SetupPtr next) {
    const std::lock_guard lock(mutex_);
    setup_.swap(next);
  }

 private:
  mutable std::mutex mutex_;
  SetupPtr setup_;
};

}  // namespace milter
