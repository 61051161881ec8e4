// check_host() on parsed records: one that decides at once, and includes in includes.

#include "spf/check_host.hpp"

#include <fmt/format.h>

#include "bench/instructions/compose.hpp"
#include "bench/rooms/evaluation.hpp"

namespace {

dns::Zone nested(std::int64_t depth) {
  dns::Zone zone;
  std::string name = "sender.example";
  for (std::int64_t i = 1; i <= depth; ++i) {
    const std::string next = fmt::format("spf{}.sender.example", i);
    bench::publish_text(zone, name, fmt::format("v=spf1 ip4:198.51.100.{} include:{} -all", i, next));
    name = next;
  }
  bench::publish_text(zone, name, "v=spf1 ip4:192.0.2.1 -all");
  return zone;
}

auto check() {
  spf::Input input;
  input.client = base::IpAddress::parse("192.0.2.1").value();
  input.domain = input.sender_domain = "sender.example";
  input.local_part = "ann";
  input.helo = "mail.sender.example";
  return [input](dns::View& view) { return spf::check_host(view, input, {}); };
}

void spf_alone(benchmark::State& state) { bench::evaluate_alone(state, nested(state.range(0)), check()); }
void spf_inquiry(benchmark::State& state) { bench::evaluate_as_inquiry<spf::Verdict>(state, nested(state.range(0)), check()); }

BENCHMARK(spf_alone)->ArgName("depth")->Arg(0)->Arg(5)->Arg(10);
BENCHMARK(spf_inquiry)->ArgName("depth")->Arg(0)->Arg(5)->Arg(10);

}  // namespace
