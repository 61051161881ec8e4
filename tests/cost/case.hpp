#pragma once
// One message built to cost as much as it can, the DNS that goes with it, and what it may cost.

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "auth/envelope.hpp"
#include "auth/options.hpp"
#include "tests/cost/slow_resolver.hpp"

namespace test {

struct CostCase {
  std::string name;
  std::vector<std::pair<std::string, std::string>> fields{};
  auth::Envelope envelope{};
  SlowResolver::Zone zone{};
  auth::Options options{};
  std::string body{};
  std::size_t chunk_octets = 65535;  // of the body
};

/// A message from a stranger that names nobody who can be asked for.
[[nodiscard]] CostCase plain_case(std::string name);

// cases_header.cpp, cases_dkim.cpp, cases_spf.cpp, cases_dmarc.cpp
[[nodiscard]] std::vector<CostCase> header_cases();
[[nodiscard]] std::vector<CostCase> body_cases();
[[nodiscard]] std::vector<CostCase> dkim_cases();
[[nodiscard]] std::vector<CostCase> spf_cases();
[[nodiscard]] std::vector<CostCase> dmarc_cases();

// Answers.
[[nodiscard]] dns::AnswerPtr texts(std::vector<std::string> texts);
[[nodiscard]] dns::AnswerPtr nothing();

[[nodiscard]] std::string repeat(std::size_t times, const std::string& text);

}  // namespace test
