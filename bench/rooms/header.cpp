// The header: kept, looked through, canonicalized. Each by the number of fields.

#include <benchmark/benchmark.h>

#include "bench/instructions/compose.hpp"
#include "dkim/header_hash.hpp"
#include "dkim/signer.hpp"
#include "message/author.hpp"

namespace {

bench::Fields fields_of(const benchmark::State& state) {
  return bench::compose_fields(static_cast<std::size_t>(state.range(0)));
}

message::HeaderBlock header_of(const bench::Fields& fields) {
  message::HeaderBlock header;
  for (const auto& [name, value] : fields) header.add(name, value);
  return header;
}

std::int64_t octets_of(const bench::Fields& fields) {
  std::size_t octets = 0;
  for (const auto& [name, value] : fields) octets += name.size() + value.size() + 3;
  return static_cast<std::int64_t>(octets);
}

void header_fill(benchmark::State& state) {
  const bench::Fields fields = fields_of(state);
  for (auto _ : state) benchmark::DoNotOptimize(header_of(fields));
  state.SetBytesProcessed(state.iterations() * octets_of(fields));
}

void header_find_author(benchmark::State& state) {
  const auto header = header_of(fields_of(state));
  for (auto _ : state) benchmark::DoNotOptimize(message::find_author(header));
}

void header_select_signed(benchmark::State& state) {
  const auto header = header_of(fields_of(state));
  const dkim::SignPolicy policy;
  for (auto _ : state) benchmark::DoNotOptimize(dkim::select_signed_fields(header, policy));
}

void header_canonical(benchmark::State& state, dkim::Canonicalization c) {
  const bench::Fields fields = fields_of(state);
  const auto header = header_of(fields);
  std::string out;
  for (auto _ : state) {
    out.clear();
    for (std::size_t i = 0; i < header.size(); ++i) dkim::append_canonical_field(out, header[i], c);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(state.iterations() * octets_of(fields));
}

void header_signed_octets(benchmark::State& state) {
  const auto header = header_of(fields_of(state));
  const auto names = dkim::select_signed_fields(header, {});
  for (auto _ : state)
    benchmark::DoNotOptimize(dkim::FieldIndex(header).canonical_fields(names, dkim::Canonicalization::relaxed));
}

BENCHMARK(header_fill)->Arg(15)->Arg(2000);
BENCHMARK(header_find_author)->Arg(15)->Arg(2000);
BENCHMARK(header_select_signed)->Arg(15)->Arg(2000);
BENCHMARK(header_signed_octets)->Arg(15)->Arg(2000);
BENCHMARK_CAPTURE(header_canonical, simple, dkim::Canonicalization::simple)->Arg(15)->Arg(2000);
BENCHMARK_CAPTURE(header_canonical, relaxed, dkim::Canonicalization::relaxed)->Arg(15)->Arg(2000);

}  // namespace
