// The public-key operations, which nothing makes cheaper, and the decoding of keys, which is done once.

#include "dkim/crypto.hpp"

#include <benchmark/benchmark.h>

#include "base/base64.hpp"
#include "tests/dkim/keys.hpp"

namespace {

dkim::PrivateKey key_of(std::string_view pem) { return dkim::PrivateKey::from_pem(pem).value(); }

void crypto_sign(benchmark::State& state, std::string_view pem) {
  const auto key = key_of(pem);
  const auto digest = dkim::sha256("a message");
  for (auto _ : state) benchmark::DoNotOptimize(key.sign(digest));
}

void crypto_verify(benchmark::State& state, std::string_view pem) {
  const auto key = key_of(pem);
  const auto digest = dkim::sha256("a message");
  const auto signature = key.sign(digest);
  const auto public_key = key.public_key();
  for (auto _ : state)
    if (!public_key.verify(digest, signature)) state.SkipWithError("the signature is not good");
}

void crypto_decode_key(benchmark::State& state, std::string_view pem) {
  const auto public_key = key_of(pem).public_key();
  const auto octets = base::decode_base64(public_key.record_value()).value();
  for (auto _ : state) benchmark::DoNotOptimize(dkim::PublicKey::decode(public_key.type(), octets));
}

void crypto_read_pem(benchmark::State& state, std::string_view pem) {
  for (auto _ : state) benchmark::DoNotOptimize(dkim::PrivateKey::from_pem(pem));
}

BENCHMARK_CAPTURE(crypto_sign, rsa_2048, test::rsa_2048_pem);
BENCHMARK_CAPTURE(crypto_sign, ed25519, test::ed25519_pem);
BENCHMARK_CAPTURE(crypto_verify, rsa_2048, test::rsa_2048_pem);
BENCHMARK_CAPTURE(crypto_verify, ed25519, test::ed25519_pem);
BENCHMARK_CAPTURE(crypto_decode_key, rsa_2048, test::rsa_2048_pem);
BENCHMARK_CAPTURE(crypto_decode_key, ed25519, test::ed25519_pem);
BENCHMARK_CAPTURE(crypto_read_pem, rsa_2048, test::rsa_2048_pem);

}  // namespace
