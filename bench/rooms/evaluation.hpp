#pragma once
// Evaluators of the DNS as benchmarks: alone, on answers at hand, and as an Inquiry before a warm cache, as messages run them.

#include <benchmark/benchmark.h>

#include "bench/instructions/play.hpp"
#include "dns/inquiry.hpp"

namespace bench {

/// All answers that an evaluator wants, asked for until it decides.
template <class Evaluator>
dns::Answers answers_for(dns::Resolver& resolver, const Evaluator& evaluate) {
  dns::Answers known;
  for (;;) {
    dns::View view(known);
    if (evaluate(view)) return known;
    for (const auto& question : view.wanted())
      resolver.start(question, [&](dns::AnswerPtr answer) { known[question] = std::move(answer); });
  }
}

template <class Evaluator>
void evaluate_alone(benchmark::State& state, const dns::Zone& zone, const Evaluator& evaluate) {
  Upstream upstream(zone);
  const dns::Answers known = answers_for(upstream, evaluate);
  for (auto _ : state) {
    dns::View view(known);
    benchmark::DoNotOptimize(evaluate(view));
  }
}

template <class Verdict, class Evaluator>
void evaluate_as_inquiry(benchmark::State& state, const dns::Zone& zone, const Evaluator& evaluate) {
  Upstream upstream(zone);
  dns::CachingResolver cache(upstream, {});
  for (auto _ : state) {
    const auto inquiry = dns::Inquiry<Verdict>::start(cache, evaluate);
    benchmark::DoNotOptimize(inquiry->collect(base::SteadyTime{}));
  }
}

}  // namespace bench
