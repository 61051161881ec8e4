// Discovery by the tree walk: a record at the Author Domain, and one that is found only at the top of a long name, with
// identifiers that have to be walked, too.

#include "dmarc/discovery.hpp"

#include "bench/instructions/compose.hpp"
#include "bench/rooms/evaluation.hpp"

namespace {

base::Domain domain(std::string_view text) { return base::Domain::parse(text).value(); }

struct Case {
  dns::Zone zone;
  dmarc::DiscoveryInput input;
};

Case at_author() {
  Case one{{}, {domain("sender.example"), {domain("sender.example")}, {domain("sender.example")}, {}}};
  bench::publish_text(one.zone, "_dmarc.sender.example", "v=DMARC1; p=reject; rua=mailto:dmarc@sender.example");
  return one;
}

Case far_above() {
  Case one{{}, {domain("a.b.c.d.e.f.sender.example"), {domain("bounces.sender.example")}, {domain("mail.sender.example")}, {}}};
  bench::publish_text(one.zone, "_dmarc.sender.example", "v=DMARC1; p=reject; sp=quarantine; psd=n");
  bench::publish_text(one.zone, "a.b.c.d.e.f.sender.example", "exists");
  return one;
}

auto evaluator(const dmarc::DiscoveryInput& input) {
  return [input](dns::View& view) { return dmarc::discover(view, input); };
}

void dmarc_alone(benchmark::State& state, Case (*make)()) {
  const Case one = make();
  bench::evaluate_alone(state, one.zone, evaluator(one.input));
}
void dmarc_inquiry(benchmark::State& state, Case (*make)()) {
  const Case one = make();
  bench::evaluate_as_inquiry<dmarc::Discovery>(state, one.zone, evaluator(one.input));
}

BENCHMARK_CAPTURE(dmarc_alone, at_author, &at_author);
BENCHMARK_CAPTURE(dmarc_alone, far_above, &far_above);
BENCHMARK_CAPTURE(dmarc_inquiry, at_author, &at_author);
BENCHMARK_CAPTURE(dmarc_inquiry, far_above, &far_above);

}  // namespace
