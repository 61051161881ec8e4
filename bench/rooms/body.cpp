// Canonicalization of bodies by mode, size of the chunks and kind of text (simple passes nearly all through untouched, so its
// figure alone says little); SHA-256 alone is the yardstick beside it, for what is canonicalized is hashed.

#include <benchmark/benchmark.h>

#include "bench/instructions/compose.hpp"
#include "dkim/body_hashes.hpp"

namespace {

using dkim::Canonicalization;

constexpr std::size_t body_octets = std::size_t{1} << 20U;

enum Text { base64, prose };

const std::string& body(std::int64_t text) {
  static const std::string bodies[] = {bench::base64_text(body_octets), bench::prose(body_octets)};
  return bodies[text];
}

/// Calls `take` for each chunk of a whole body, again and again.
template <class Start>
void in_chunks(benchmark::State& state, const std::string& octets, std::size_t chunk, Start start) {
  const std::string_view whole = octets;
  for (auto _ : state) {
    auto work = start();
    for (std::size_t at = 0; at < whole.size(); at += chunk) work.update(whole.substr(at, chunk));
    benchmark::DoNotOptimize(work.finish());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(whole.size()));
}

/// Counts, so that nothing can be left out.
struct Canonical {
  explicit Canonical(Canonicalization c) : canonicalizer(c, [this](std::string_view run) { octets += run.size(); }) {}
  void update(std::string_view chunk) { canonicalizer.update(chunk); }
  std::size_t finish() {
    canonicalizer.finish();
    return octets;
  }

  std::size_t octets = 0;
  dkim::BodyCanonicalizer canonicalizer;
};

struct Hashed {
  explicit Hashed(Canonicalization c) : id(hashes.want(c)) {}
  void update(std::string_view chunk) { hashes.update(chunk); }
  dkim::Digest finish() {
    hashes.finish();
    return hashes.digest(id);
  }

  dkim::BodyHashes hashes;
  dkim::BodyHashes::Id id;
};

std::size_t chunk_of(const benchmark::State& state) { return static_cast<std::size_t>(state.range(1)); }

void body_canonical(benchmark::State& state, Canonicalization c) {
  in_chunks(state, body(state.range(0)), chunk_of(state), [c] { return Canonical(c); });
}
void body_hashed(benchmark::State& state, Canonicalization c) {
  in_chunks(state, body(state.range(0)), chunk_of(state), [c] { return Hashed(c); });
}
void body_sha256_alone(benchmark::State& state) {
  in_chunks(state, body(state.range(0)), chunk_of(state), [] { return dkim::Sha256(); });
}

void texts_and_chunks(benchmark::internal::Benchmark* one) {
  one->ArgNames({"prose", "chunk"})->ArgsProduct({{base64, prose}, {65535, 4096, 1}})->Unit(benchmark::kMicrosecond);
}

BENCHMARK(body_sha256_alone)->ArgNames({"prose", "chunk"})->Args({base64, 65535})->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(body_canonical, simple, Canonicalization::simple)->Apply(texts_and_chunks);
BENCHMARK_CAPTURE(body_canonical, relaxed, Canonicalization::relaxed)->Apply(texts_and_chunks);
BENCHMARK_CAPTURE(body_hashed, simple, Canonicalization::simple)->Apply(texts_and_chunks);
BENCHMARK_CAPTURE(body_hashed, relaxed, Canonicalization::relaxed)->Apply(texts_and_chunks);

}  // namespace
