#pragma once
// Looks after the keys that sign, while the daemon runs: asks the DNS whether it shows them, says when that changes, and
// moves rotating ones on (keys/rotate.hpp). Has a thread of its own, as name servers may take their time.

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "base/time.hpp"
#include "keys/authority.hpp"
#include "keys/compare.hpp"
#include "milter/setup.hpp"

namespace milter {

/// One key as one domain signs with it, as last seen.
struct KeyState {
  std::string domain, selector, algorithm;
  keys::Finding finding = keys::Finding::no_answer;
  base::UnixTime since;  // it is so
};

class KeyWatch {
 public:
  static constexpr std::chrono::seconds first_look{3};  // after the start and a reload
  static constexpr std::chrono::seconds patience{60};   // with the DNS, for all keys of one look
  static constexpr std::size_t asked_together = 100;

  /// `reload` has the configuration read again, for other keys have become active; called on the watch's thread. What is
  /// given here outlives this.
  struct Surroundings {
    SetupInForce& setup;
    base::Log& log;
    std::function<base::UnixTime()> now;
    std::function<void()> reload;
    keys::ServerResolver ask_server;
  };
  explicit KeyWatch(Surroundings surroundings);
  /// Waits for a look in progress.
  ~KeyWatch();
  KeyWatch(const KeyWatch&) = delete;
  KeyWatch& operator=(const KeyWatch&) = delete;

  /// Call it with the signals of signals.hpp blocked.
  void start();
  /// Another setup is in force: what is known already counts at once, and there is a look soon. Any thread.
  void look_soon();
  /// Any thread; empty before the first look.
  [[nodiscard]] std::vector<KeyState> snapshot() const;
  /// One look now, on this thread.
  void look();

 private:
  using Name = std::pair<std::string, std::string>;  // domain, selector

  void watch() noexcept;
  [[nodiscard]] bool wait();
  void look_at_keys(const Setup& setup, base::SteadyTime deadline);
  void note(const auth::KeyUse& use, const keys::Comparison& comparison);
  void refuse_known();
  void forget_others(const std::vector<auth::KeyUse>& uses);
  [[nodiscard]] bool move_on(const Setup& setup, const base::Domain& domain, base::SteadyTime deadline);

  const Surroundings around_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<Name, KeyState> states_;  // under mutex_, as the next three
  bool is_stopping_ = false;
  bool is_soon_ = true;
  std::thread thread_;
};

}  // namespace milter
