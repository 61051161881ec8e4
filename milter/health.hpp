#pragma once
// Whether mail can be sent here: for load balancers and for people. docs/monitoring.md has the exact rules.

#include <atomic>
#include <chrono>
#include <optional>

#include "milter/http.hpp"
#include "milter/session.hpp"

namespace milter {

class Health {
 public:
  static constexpr std::chrono::seconds fresh{30};          // a useful answer this young shows that the DNS works
  static constexpr std::chrono::seconds between_probes{5};  // else one question is asked of it, no more often than this
  static constexpr std::chrono::seconds probe_wait{2};      // and so long waited for its answer

  /// `service` has metrics, and outlives this.
  explicit Health(const Service& service) : service_(service) {}

  /// From now on new sessions are to go elsewhere. Any thread.
  void set_draining() { is_draining_ = true; }

  /// 200 where all is well, else 503; the body is one JSON object. May wait for probe_wait. Of one thread.
  [[nodiscard]] Page check();

 private:
  [[nodiscard]] bool has_dns();
  [[nodiscard]] bool probe(const SetupPtr& setup) const;

  const Service& service_;
  std::atomic<bool> is_draining_{false};
  std::optional<base::SteadyTime> probed_;
  bool was_good_ = false;  // the last probe
};

}  // namespace milter
