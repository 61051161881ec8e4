// Authentication-Results, both ways, and the log line of the same message.

#include "auth/results.hpp"

#include <benchmark/benchmark.h>

#include "bench/instructions/play.hpp"

namespace {

/// Of a message for which everything passes.
auth::Report report() {
  for (const bench::Kind& kind : bench::kinds()) {
    if (kind.name != "inbound-20k") continue;
    const bench::Scene scene = kind.make();
    bench::Stage stage(scene);
    std::vector<auth::Report> reports(1);
    counted_messages(stage.service(), scene, reports);
    return std::move(reports.front());
  }
  throw std::logic_error("found no kind inbound-20k");
}

const message::AuthenticationResults& results() {
  static const auto made = auth::make_results(report(), "mx.receiver.example");
  return made;
}

void results_format(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(message::format_authentication_results(results()));
}

void results_parse(benchmark::State& state) {
  const std::string text = message::format_authentication_results(results());
  for (auto _ : state) benchmark::DoNotOptimize(message::parse_authentication_results(text));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void results_make(benchmark::State& state) {
  const auth::Report made = report();
  for (auto _ : state) benchmark::DoNotOptimize(auth::make_results(made, "mx.receiver.example"));
}

void results_log_line(benchmark::State& state) {
  const auth::Report made = report();
  for (auto _ : state) benchmark::DoNotOptimize(auth::log_line(made));
}

BENCHMARK(results_make);
BENCHMARK(results_format);
BENCHMARK(results_parse);
BENCHMARK(results_log_line);

}  // namespace
