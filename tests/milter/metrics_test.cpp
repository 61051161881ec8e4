// What is counted of messages: labels come from our tables and the configuration, whatever the messages say.
#include "milter/metrics.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "milter/exposition.hpp"
#include "milter/health.hpp"
#include "tests/support/borrowed_setup.hpp"
#include "tests/support/map_resolver.hpp"

namespace {

struct World {
  World() : service{log, [] { return base::UnixTime{}; }, [] { return 0U; }, milter::SetupInForce(setup_for(dns))} {
    service.metrics = &metrics;
  }
  /// A table with an exact rule and one for everybody.
  static milter::SetupPtr setup_for(dns::Resolver& dns) {
    auth::Options options;
    const std::size_t rule = options.signing_table.add_rule({});
    options.signing_table.add("User@Named.example", rule);
    options.signing_table.add("*", rule);
    return test::borrowed_setup(dns, std::move(options));
  }
  void count(const auth::Report& report) { metrics.count(report, service.setup.take()->options); }
  [[nodiscard]] bool has(const std::string& line) const {
    return exposition(service, keys).find("\n" + line + "\n") != std::string::npos;
  }

  std::vector<milter::KeyState> keys;
  base::NullLog log;
  test::MapResolver dns;
  milter::Metrics metrics{base::UnixTime{std::chrono::seconds{7}}};
  milter::Service service;
};

}  // namespace

TEST_CASE("metrics: an unknown reason is counted as other", "[milter]") {
  World world;
  auth::Report report;
  report.disposition.action = auth::Action::tag;
  report.disposition.reason = "dmarc-quarantine";
  world.count(report);
  report.disposition.reason = "from a message\"}";
  world.count(report);
  CHECK(world.has("signet_messages_total{action=\"tag\",reason=\"dmarc-quarantine\"} 1"));
  CHECK(world.has("signet_messages_total{action=\"tag\",reason=\"other\"} 1"));
  CHECK(world.has("signet_message_seconds_count 2"));
}

TEST_CASE("metrics: a signing domain is a label only where the configuration names it", "[milter]") {
  World world;
  auth::Report report;
  report.role.role = auth::Role::sign;
  for (const std::string domain : {"named.example", "anybody.example", "somebody.example"})
    report.signatures.push_back({domain, "s", "rsa-sha256"});
  world.count(report);
  CHECK(world.has("signet_signatures_total{domain=\"named.example\",selector=\"s\"} 1"));
  CHECK(world.has("signet_signatures_total{domain=\"other\",selector=\"s\"} 2"));
}

TEST_CASE("metrics: a key is shown in its state, and states of keys have an end", "[milter][limits]") {
  World world;
  CHECK(world.has("# TYPE signet_key_state gauge"));
  world.keys.assign(milter::Metrics::max_signers, {"a.example", "s", "rsa-sha256", keys::Finding::different, {}});
  world.keys.push_back({"beyond.example", "s", "rsa-sha256", keys::Finding::matching, {}});
  CHECK(world.has("signet_key_state{domain=\"a.example\",selector=\"s\",state=\"different\"} 1"));
  CHECK_FALSE(world.has("signet_key_state{domain=\"beyond.example\",selector=\"s\",state=\"matching\"} 1"));
}

TEST_CASE("metrics: series of signatures have an end", "[milter][limits]") {
  World world;
  for (std::size_t i = 0; i < milter::Metrics::max_signers + 2; ++i) {
    auth::Report report;
    report.signatures.push_back({"named.example", std::to_string(i), "rsa-sha256"});
    world.count(report);
  }
  CHECK(world.metrics.signers().size() == milter::Metrics::max_signers + 1);
  CHECK(world.metrics.signers().at({"other", "other"}) == 2);
}

TEST_CASE("metrics: a failure of ours is no result of a mechanism", "[milter]") {
  World world;
  auth::Report report;
  report.disposition = auth::internal_error(true);
  world.count(report);
  CHECK(world.has("signet_messages_total{action=\"defer\",reason=\"internal-error\"} 1"));
  CHECK(world.has("signet_results_total{mechanism=\"spf\",result=\"none\"} 0"));
}

TEST_CASE("metrics: a failed reload leaves the time of what is in force", "[milter]") {
  World world;
  world.metrics.count_reload(false, base::UnixTime{std::chrono::seconds{9}});
  CHECK(world.has("signet_configuration_time_seconds 7"));
  CHECK(world.has("signet_last_reload_ok 0"));
  world.metrics.count_reload(true, base::UnixTime{std::chrono::seconds{11}});
  CHECK(world.has("signet_configuration_time_seconds 11"));
  CHECK(world.has("signet_reloads_total{outcome=\"failed\"} 1"));
}

TEST_CASE("health: whoever is told to stop, or whose last reload failed, is not well", "[milter]") {
  World world;
  milter::Health health(world.service);
  CHECK(health.check().status == 200);
  CHECK(health.check().body == "{\"status\":\"ok\",\"dns\":\"ok\",\"keys\":\"ok\",\"draining\":false}\n");
  world.metrics.count_reload(false, base::UnixTime{});
  CHECK(health.check().status == 503);
  world.metrics.count_reload(true, base::UnixTime{});
  health.set_draining();
  CHECK(health.check().status == 503);
  CHECK(health.check().body == "{\"status\":\"failing\",\"dns\":\"ok\",\"keys\":\"ok\",\"draining\":true}\n");
}
