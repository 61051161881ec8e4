#include "milter/health.hpp"

#include <fmt/format.h>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "milter/metrics.hpp"

namespace milter {
namespace {

using Clock = std::chrono::steady_clock;

/// A name that every resolver finds, with the root servers' own answer. That there is none would do as well.
const dns::Question probe_question{"arpa", dns::Type::ns};

/// Where the answer of a probe goes; it may come when nobody waits any more.
struct Waiting {
  std::mutex mutex;
  std::condition_variable arrived;
  dns::AnswerPtr answer;
};

std::string_view word(bool is_good) { return is_good ? "ok" : "failing"; }

}  // namespace

bool Health::probe(const SetupPtr& setup) const {
  const auto waiting = std::make_shared<Waiting>();
  setup->resolver->start_afresh(probe_question, [waiting](dns::AnswerPtr answer) {
    const std::lock_guard lock(waiting->mutex);
    waiting->answer = std::move(answer);
    waiting->arrived.notify_one();
  });
  std::unique_lock lock(waiting->mutex);
  const bool has_come = waiting->arrived.wait_for(lock, probe_wait, [&] { return waiting->answer != nullptr; });
  return has_come && !dns::is_failure(waiting->answer->status);
}

/// One useful answer is enough: failures alone show nothing, as mail may name domains whose servers are dead.
bool Health::has_dns() {
  const SetupPtr setup = service_.setup.take();
  const auto last_good = setup->resolver->statistics().last_good;
  if (last_good && Clock::now() - *last_good <= fresh) return true;
  if (probed_ && Clock::now() - *probed_ < between_probes) return was_good_;
  was_good_ = probe(setup);
  probed_ = Clock::now();
  return was_good_;
}

Page Health::check() {
  const bool has_dns_now = has_dns();
  const bool has_keys = service_.metrics->is_last_reload_ok();
  const bool is_well = has_dns_now && has_keys && !is_draining_;
  return {is_well ? 200 : 503, "application/json",
          fmt::format("{{\"status\":\"{}\",\"dns\":\"{}\",\"keys\":\"{}\",\"draining\":{}}}\n", word(is_well),
                      word(has_dns_now), word(has_keys), is_draining_.load())};
}

}  // namespace milter
