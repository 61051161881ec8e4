// Texts to values: tag lists, signatures, and the records of the three mechanisms.

#include <benchmark/benchmark.h>

#include "base/tag_list.hpp"
#include "bench/instructions/compose.hpp"
#include "dkim/key_record.hpp"
#include "dkim/signature.hpp"
#include "dmarc/record.hpp"
#include "spf/record.hpp"
#include "tests/dkim/keys.hpp"

namespace {

constexpr std::string_view spf_text =
    "v=spf1 a mx include:_spf.sending.example include:mail.sender.example ip4:192.0.2.0/24 ip6:2001:db8::/32 "
    "exists:%{i}._spf.%{d2} ~all";
constexpr std::string_view dmarc_text =
    "v=DMARC1; p=quarantine; sp=reject; adkim=r; aspf=r; rua=mailto:dmarc@sender.example,mailto:reports@dmarc.example; fo=1";

const std::string& signature() {
  static const std::string value = [] {
    bench::Scene scene;
    scene.fields = bench::compose_fields();
    bench::add_signatures(scene, 1);
    return scene.fields.front().second;
  }();
  return value;
}

std::string key_text() {
  return "v=DKIM1; k=rsa; p=" + dkim::PrivateKey::from_pem(test::rsa_2048_pem).value().public_key().record_value();
}

template <class Parse>
void parse_all(benchmark::State& state, std::string_view text, Parse parse) {
  for (auto _ : state) benchmark::DoNotOptimize(parse(text));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void record_tag_list(benchmark::State& state) {
  parse_all(state, signature(), [](std::string_view text) { return base::TagList::parse(text); });
}
void record_signature(benchmark::State& state) {
  parse_all(state, signature(), [](std::string_view text) { return dkim::parse_signature(text); });
}
void record_dkim_key(benchmark::State& state) {
  const std::string record = key_text();
  parse_all(state, record, [](std::string_view text) { return dkim::parse_key_record(text); });
}
void record_spf(benchmark::State& state) {
  parse_all(state, spf_text, [](std::string_view text) { return spf::parse_record(text); });
}
void record_dmarc(benchmark::State& state) {
  parse_all(state, dmarc_text, [](std::string_view text) { return dmarc::parse_record(text); });
}

BENCHMARK(record_tag_list);
BENCHMARK(record_signature);
BENCHMARK(record_dkim_key);
BENCHMARK(record_spf);
BENCHMARK(record_dmarc);

}  // namespace
