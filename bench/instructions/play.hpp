#pragma once
// A scene played: milter/'s session in place of the daemon, a warm cache before a zone in memory, one thread.

#include <string>
#include <vector>

#include "bench/instructions/scene.hpp"
#include "dns/cache.hpp"
#include "milter/session.hpp"

namespace bench {

inline constexpr base::UnixTime fixed_now{std::chrono::seconds{1790000000}};

/// A zone in memory. Other than dns::ZoneResolver it says how long a name will be missing, so that the cache keeps that, too.
class Upstream final : public dns::Resolver {
 public:
  explicit Upstream(dns::Zone zone) : zone_(std::move(zone)) {}
  void start(const dns::Question& question, Callback done) override;

 private:
  const dns::Zone zone_;
};

/// What a daemon has, for one scene.
class Stage {
 public:
  explicit Stage(const Scene& scene);

  [[nodiscard]] milter::Service& service() { return service_; }
  [[nodiscard]] dns::CachingResolver::Counters cache() const { return cache_.counters(); }

 private:
  Upstream upstream_;
  dns::CachingResolver cache_;
  base::NullLog log_;
  milter::Service service_;
};

/// The results in one line: "spf=pass dkim=pass dmarc=pass accept" or "signed=1 accept".
[[nodiscard]] std::string summary(const auth::Report& report);

/// The message that went out is judged by another host. Nothing, or what was wrong with its signatures.
[[nodiscard]] std::string check_signatures(const Scene& scene, const auth::Report& report);

}  // namespace bench

/// Connections with one message each, one per report: what is counted. Each replaces its report, so that a report's end is
/// counted, too. A C name, which profilers can be told.
extern "C" void counted_messages(milter::Service& service, const bench::Scene& scene, std::vector<auth::Report>& reports);
