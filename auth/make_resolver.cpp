#include "auth/make_resolver.hpp"

#include <stdexcept>
#include <utility>

#include "dns/ares_resolver.hpp"
#include "dns/cache.hpp"
#include "dns/meter.hpp"
#include "dns/zone_file.hpp"

namespace auth {
namespace {

dns::AresResolver::Options transport_options(const conf::Dns& settings) {
  dns::AresResolver::Options options;
  options.servers = settings.servers;
  options.timeout = settings.timeout;
  options.tries = static_cast<int>(settings.tries);
  options.max_in_flight = settings.max_in_flight;
  return options;
}

dns::CachingResolver::Options cache_options(const conf::Dns& settings) {
  dns::CachingResolver::Options options;
  options.max_octets = settings.cache_octets;
  options.max_ttl = settings.cache_max_ttl;
  options.max_negative_ttl = settings.cache_max_negative_ttl;
  options.failure_ttl = settings.cache_failure_ttl;
  return options;
}

/// The transport and the cache before it, as one thing to own.
class CachedTransport final : public dns::Resolver {
 public:
  CachedTransport(const conf::Dns& settings, base::Log& log)
      : transport_(transport_options(settings), log), meter_(transport_), cache_(meter_, cache_options(settings)) {}
  /// A check that goes on when it hears that its question failed asks here again, and needs the cache for that.
  ~CachedTransport() override { transport_.stop(); }
  void start(const dns::Question& question, Callback done) override { cache_.start(question, std::move(done)); }
  dns::AnswerPtr at_hand(const dns::Question& question) override { return cache_.at_hand(question); }
  void start_afresh(const dns::Question& question, Callback done) override { meter_.start(question, std::move(done)); }
  [[nodiscard]] dns::Statistics statistics() const override {
    dns::Statistics now = meter_.statistics();
    now.cache = cache_.counters();
    return now;
  }

 private:
  dns::AresResolver transport_;
  dns::Meter meter_;
  dns::CachingResolver cache_;
};

}  // namespace

std::unique_ptr<dns::Resolver> make_resolver(const conf::Dns& settings, base::Log& log) try {
  if (settings.zone_file.empty()) return std::make_unique<CachedTransport>(settings, log);
  return std::make_unique<dns::ZoneResolver>(dns::load_zone(settings.zone_file));
} catch (const std::invalid_argument& error) {
  throw conf::Error(settings.servers_position, error.what());
} catch (const std::runtime_error& error) {
  throw conf::Error(settings.zone_file_position, error.what());
}

}  // namespace auth
