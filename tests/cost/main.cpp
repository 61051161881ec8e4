// What the dearest messages cost, each through auth::MessageCheck as the daemon does it. One line per message; a bound
// that is exceeded is marked, and the exit status is 1. docs/limits.md says what adds up to the bounds.

#include <fmt/format.h>
#include <cstdio>

#include "auth/message_check.hpp"
#include "dns/inquiry.hpp"
#include "tests/cost/case.hpp"
#include "tests/cost/meter.hpp"

namespace test {
namespace {

constexpr double max_cpu_seconds = test::is_sanitized ? 30.0 : 1.0;  // instrumented code is many times slower
constexpr std::size_t max_octets = 1024 * 1024;                      // beside the header block itself

// The arithmetic of docs/limits.md, with the default options.
constexpr std::size_t identities = 2, signatures = 10, authors = message::Author::max_domains;
constexpr std::size_t spf_questions = 283;                // of one identity
constexpr std::size_t author_questions = 8 + 1 + 7 * 12;  // its walk, whether it exists, the identifiers' walks
constexpr std::size_t explanation_questions = 1 + 11;
constexpr std::size_t max_questions =
    identities * spf_questions + explanation_questions + signatures + authors * author_questions;
static_assert(max_questions == 1518);
constexpr std::size_t max_in_flight = (identities + authors) * dns::InquiryBase::max_in_flight + signatures;
static_assert(max_in_flight == 202);

struct Cost {
  double cpu_seconds = 0;
  std::size_t octets = 0;
  std::size_t questions = 0;
  std::size_t in_flight = 0;
  std::string action;
};

/// As milter/session drives a check, and the log line of its report.
std::string run(const CostCase& one, dns::Resolver& resolver, const std::shared_ptr<const auth::Options>& options) {
  base::NullLog log;
  const auth::Context context{resolver, log, [] { return base::UnixTime{std::chrono::seconds{1790000000}}; }};
  auth::MessageCheck check(context, options, one.envelope);
  for (const auto& [name, value] : one.fields) check.add_field(name, value);
  check.end_of_header();
  const std::string_view body = one.body;
  if (check.wants_body())
    for (std::size_t at = 0; at < body.size(); at += one.chunk_octets) check.add_body(body.substr(at, one.chunk_octets));
  const auth::Report report = check.finish();
  const std::string line = auth::log_line(report);
  return fmt::format("{}", report.disposition.reason + (line.empty() ? " (not logged)" : ""));
}

Cost measure(const CostCase& one) {
  SlowResolver resolver(one.zone);
  const auto options = std::make_shared<const auth::Options>(one.options);
  Cost cost;
  const Meter meter;
  cost.action = run(one, resolver, options);
  cost.cpu_seconds = meter.cpu_seconds();
  cost.octets = meter.peak_octets();
  cost.questions = resolver.questions();
  cost.in_flight = resolver.most_in_flight();
  return cost;
}

std::size_t header_octets(const CostCase& one) {
  std::size_t octets = 0;
  for (const auto& [name, value] : one.fields) octets += name.size() + value.size() + 3;
  return std::min(octets, one.options.max_header_octets);
}

std::string excesses(const CostCase& one, const Cost& cost) {
  std::string out;
  if (cost.cpu_seconds > max_cpu_seconds) out += " CPU";
  if (!is_sanitized && cost.octets > max_octets + header_octets(one)) out += " MEMORY";
  if (cost.questions > max_questions) out += " QUESTIONS";
  if (cost.in_flight > max_in_flight) out += " IN-FLIGHT";
  return out;
}

std::vector<CostCase> all_cases() {
  std::vector<CostCase> cases;
  for (auto make : {&header_cases, &body_cases, &dkim_cases, &spf_cases, &dmarc_cases, &whole_cases})
    for (auto& one : make()) cases.push_back(std::move(one));
  return cases;
}

}  // namespace
}  // namespace test

int main() {
  using namespace test;
  static_cast<void>(measure(dkim_cases().front()));  // what libraries allocate once is no message's
  fmt::print("{:<58} {:>9} {:>11} {:>9} {:>9}  result\n", "message", "CPU ms", "KiB", "questions", "in flight");
  bool is_good = true;
  for (const CostCase& one : all_cases()) {
    const Cost cost = measure(one);
    const std::string excess = excesses(one, cost);
    is_good = is_good && excess.empty();
    fmt::print("{:<58} {:>9.1f} {:>11} {:>9} {:>9}  {}{}\n", one.name, cost.cpu_seconds * 1000,
               is_sanitized ? std::string("-") : std::to_string(cost.octets / 1024), cost.questions, cost.in_flight,
               cost.action, excess.empty() ? "" : "  EXCEEDS" + excess);
    std::fflush(stdout);
  }
  if (is_sanitized) fmt::print("Under a sanitizer: memory not measured, CPU bound {} s.\n", max_cpu_seconds);
  return is_good ? 0 : 1;
}
