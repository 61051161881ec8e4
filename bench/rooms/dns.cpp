// An answer decoded, and one found in the cache by the number of names it holds.

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "bench/instructions/play.hpp"
#include "dns/message.hpp"
#include "tests/support/dns_wire.hpp"

namespace {

void decode(benchmark::State& state, const dns::Question& question, const test::DnsMessage& message) {
  const std::string octets = test::encode_response(question, message);
  for (auto _ : state) benchmark::DoNotOptimize(dns::decode_answer(test::as_octets(octets), question));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(octets.size()));
}

void dns_decode_txt(benchmark::State& state) {
  const dns::Question question = dns::ask_for("s._domainkey.sender.example", dns::Type::txt);
  decode(state, question, {{test::txt_record(question.name, {std::string(255, 'k'), std::string(155, 'k')})}, {}});
}

void dns_decode_no_such_name(benchmark::State& state) {
  const dns::Question question = dns::ask_for("_dmarc.mail.sender.example", dns::Type::txt);
  test::DnsMessage message{{}, {test::soa_record("sender.example", 3600, 900)}};
  message.code = 3;
  decode(state, question, message);
}

void dns_cache_hit(benchmark::State& state) {
  bench::Upstream upstream{dns::Zone()};
  dns::CachingResolver::Options options;
  options.max_octets = std::size_t{1} << 32U;
  dns::CachingResolver cache(upstream, options);
  const auto names = static_cast<std::size_t>(state.range(0));
  for (std::size_t i = 0; i < names; ++i)
    cache.start(dns::ask_for(fmt::format("name{}.example", i), dns::Type::txt), [](auto) {});
  constexpr std::size_t stride = 7919;  // prime: all names in turn, none near the one before
  std::size_t at = 0;
  std::vector<dns::Question> asked;
  for (std::size_t i = 0; i < 1000; ++i)
    asked.push_back(dns::ask_for(fmt::format("name{}.example", (at += stride) % names), dns::Type::txt));
  std::size_t next = 0;
  for (auto _ : state)
    cache.start(asked[next++ % asked.size()], [](const dns::AnswerPtr& answer) { benchmark::DoNotOptimize(answer.get()); });
}

BENCHMARK(dns_decode_txt);
BENCHMARK(dns_decode_no_such_name);
BENCHMARK(dns_cache_hit)->ArgName("names")->Arg(1)->Arg(1000)->Arg(1000000);

}  // namespace
