#include "milter/exposition.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <limits>
#include <sstream>

#include "milter/metrics.hpp"

namespace milter {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Label = ClientMetric::Label;

/// One family in the making.
class Family {
 public:
  Family(MetricType type, std::string name, std::string help) : family_{std::move(name), std::move(help), type, {}} {}

  Family& add(std::vector<Label> labels, double value) {
    ClientMetric metric;
    metric.label = std::move(labels);
    (family_.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
    family_.metric.push_back(std::move(metric));
    return *this;
  }
  Family& add(std::vector<Label> labels, std::uint64_t value) { return add(std::move(labels), static_cast<double>(value)); }

  [[nodiscard]] MetricFamily take() { return std::move(family_); }

 private:
  MetricFamily family_;
};

MetricFamily counter(std::string name, std::string help, std::uint64_t value) {
  return Family(MetricType::Counter, std::move(name), std::move(help)).add({}, value).take();
}

MetricFamily gauge(std::string name, std::string help, double value) {
  return Family(MetricType::Gauge, std::move(name), std::move(help)).add({}, value).take();
}

double seconds(std::chrono::microseconds span) { return std::chrono::duration<double>(span).count(); }

double seconds(base::UnixTime time) { return static_cast<double>(time.time_since_epoch().count()); }

MetricFamily histogram(std::string name, std::string help, const base::DurationHistogram::Snapshot& snapshot) {
  ClientMetric metric;
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < snapshot.counts.size(); ++i) {
    count += snapshot.counts[i];
    const bool is_last = i == base::DurationHistogram::bounds.size();
    metric.histogram.bucket.push_back(
        {count, is_last ? std::numeric_limits<double>::infinity() : seconds(base::DurationHistogram::bounds[i])});
  }
  metric.histogram.sample_count = count;
  metric.histogram.sample_sum = seconds(snapshot.sum);
  return {std::move(name), std::move(help), MetricType::Histogram, {std::move(metric)}};
}

/// Each result, those that never came included.
template <class Result, class Row>
void add_results(Family& family, const std::vector<Label>& labels, const Row& row) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    std::vector<Label> all = labels;
    all.push_back({"result", std::string(to_text(static_cast<Result>(i)))});
    family.add(std::move(all), row[i].load(std::memory_order_relaxed));
  }
}

/// By action and reason; of the many pairs those that came.
MetricFamily messages(const Metrics::Counted& counted) {
  Family family(MetricType::Counter, "signet_messages_total", "Messages by what was decided and why.");
  for (std::size_t action = 0; action < counted.messages.size(); ++action)
    for (std::size_t reason = 0; reason < counted_reasons.size(); ++reason)
      if (const std::uint64_t count = counted.messages[action][reason].load(std::memory_order_relaxed); count != 0)
        family.add({{"action", std::string(to_text(static_cast<auth::Action>(action)))},
                    {"reason", std::string(counted_reasons[reason])}},
                   count);
  return family.take();
}

MetricFamily results(const Metrics::Counted& counted) {
  Family family(MetricType::Counter, "signet_results_total", "Results of messages from outside, by mechanism.");
  add_results<spf::Result>(family, {{"mechanism", "spf"}}, counted.spf_mail_from);
  add_results<spf::Result>(family, {{"mechanism", "spf-helo"}}, counted.spf_helo);
  add_results<dkim::Result>(family, {{"mechanism", "dkim"}}, counted.dkim);
  add_results<dmarc::Result>(family, {{"mechanism", "dmarc"}}, counted.dmarc);
  return family.take();
}

MetricFamily signatures(const Metrics& metrics) {
  Family family(MetricType::Counter, "signet_signatures_total", "DKIM signatures made.");
  for (const auto& [name, count] : metrics.signers()) family.add({{"domain", name.first}, {"selector", name.second}}, count);
  return family.take();
}

/// Of each key the state it is in, not those that it is not in.
MetricFamily key_states(const std::vector<KeyState>& keys) {
  Family family(MetricType::Gauge, "signet_key_state", "1 for what the DNS shows of a key that signs.");
  for (std::size_t i = 0; i < std::min(keys.size(), Metrics::max_signers); ++i)
    family.add(
        {{"domain", keys[i].domain}, {"selector", keys[i].selector}, {"state", std::string(keys::to_text(keys[i].finding))}},
        1.0);
  return family.take();
}

void add_messages(std::vector<MetricFamily>& all, const Service& service) {
  const Metrics& metrics = *service.metrics;
  all.push_back(messages(metrics.counted()));
  all.push_back(results(metrics.counted()));
  all.push_back(signatures(metrics));
  all.push_back(histogram("signet_message_seconds", "From MAIL FROM to the verdict.", metrics.counted().total.snapshot()));
  all.push_back(histogram("signet_message_dns_wait_seconds", "Waited for the DNS at the end of a message.",
                          metrics.counted().waited.snapshot()));
  all.push_back(gauge("signet_messages_in_progress", "Messages between MAIL FROM and the verdict.",
                      static_cast<double>(service.messages.load())));
  all.push_back(counter("signet_sessions_total", "Sessions of mail servers.", metrics.sessions()));
  all.push_back(gauge("signet_sessions", "Sessions now.", static_cast<double>(service.sessions.load())));
}

/// One word each, for whoever writes a query: dns::to_text() is for people.
std::string_view label_of(dns::Status status) {
  switch (status) {
    case dns::Status::ok:
      return "ok";
    case dns::Status::no_such_name:
      return "no_such_name";
    case dns::Status::no_data:
      return "no_data";
    case dns::Status::timeout:
      return "timeout";
    case dns::Status::server_failure:
      return "server_failure";
    case dns::Status::malformed:
      return "malformed";
  }
  return "?";
}

MetricFamily dns_answers(const dns::Statistics& dns) {
  Family family(MetricType::Counter, "signet_dns_answers_total", "Answers of the DNS servers.");
  for (const dns::Status status : dns::all_statuses)
    family.add({{"status", std::string(label_of(status))}}, dns.answers[static_cast<std::size_t>(status)]);
  return family.take();
}

MetricFamily cache_lookups(const dns::CacheCounters& cache) {
  Family family(MetricType::Counter, "signet_dns_cache_lookups_total", "Questions to the cache.");
  family.add({{"outcome", "hit"}}, cache.hits).add({{"outcome", "shared"}}, cache.shared);
  return family.add({{"outcome", "miss"}}, cache.upstream).take();
}

void add_dns(std::vector<MetricFamily>& all, const dns::Statistics& dns) {
  all.push_back(counter("signet_dns_questions_total", "Questions to the DNS servers.", dns.asked));
  all.push_back(dns_answers(dns));
  all.push_back(histogram("signet_dns_latency_seconds", "From a question to its answer, or to giving up.", dns.latency));
  all.push_back(gauge("signet_dns_in_flight", "Questions out or in line.", static_cast<double>(dns.in_flight())));
  all.push_back(cache_lookups(dns.cache));
  all.push_back(counter("signet_dns_cache_evictions_total", "Answers thrown out for room.", dns.cache.evictions));
  all.push_back(gauge("signet_dns_cache_entries", "Answers kept.", static_cast<double>(dns.cache.entries)));
  all.push_back(gauge("signet_dns_cache_bytes", "Memory that they take.", static_cast<double>(dns.cache.octets)));
}

MetricFamily mode(const auth::Options& options) {
  const std::string_view in_force = options.shadow.is_on ? "shadow" : options.is_monitor ? "monitor" : "enforce";
  Family family(MetricType::Gauge, "signet_mode", "1 for the mode in force.");
  for (const std::string_view one : {"enforce", "monitor", "shadow"})
    family.add({{"mode", std::string(one)}}, one == in_force ? 1.0 : 0.0);
  return family.take();
}

void add_daemon(std::vector<MetricFamily>& all, const Service& service, const Setup& setup) {
  const Metrics& metrics = *service.metrics;
  all.push_back(Family(MetricType::Counter, "signet_reloads_total", "Reloads by outcome.")
                    .add({{"outcome", "ok"}}, metrics.reloads(true))
                    .add({{"outcome", "failed"}}, metrics.reloads(false))
                    .take());
  all.push_back(gauge("signet_last_reload_ok", "1 unless the last reload failed.", metrics.is_last_reload_ok() ? 1 : 0));
  all.push_back(gauge("signet_configuration_time_seconds", "When the configuration in force was read, since 1970.",
                      seconds(metrics.last_reload())));
  all.push_back(gauge("signet_start_time_seconds", "When signetd started, since 1970.", seconds(metrics.start())));
  all.push_back(
      counter("signet_log_lines_lost_total", "Lines of the log that could not be written.", service.log.lost_lines()));
  all.push_back(mode(setup.options));
  all.push_back(Family(MetricType::Gauge, "signet_build_info", "Always 1.").add({{"version", SIGNET_VERSION}}, 1.0).take());
}

}  // namespace

std::string exposition(const Service& service, const std::vector<KeyState>& keys) {
  const SetupPtr setup = service.setup.take();
  std::vector<MetricFamily> all;
  add_messages(all, service);
  all.push_back(key_states(keys));
  add_dns(all, setup->resolver->statistics());
  add_daemon(all, service, *setup);
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, all);
  return text.str();
}

}  // namespace milter
