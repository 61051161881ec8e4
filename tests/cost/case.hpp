#pragma once
// One message built to cost as much as it can, the DNS that goes with it, and what it may cost.

#include <cstdint>
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

// Each in a file of its name; whole_cases are the dearest of the others in one message.
[[nodiscard]] std::vector<CostCase> header_cases();
[[nodiscard]] std::vector<CostCase> body_cases();
[[nodiscard]] std::vector<CostCase> dkim_cases();
[[nodiscard]] std::vector<CostCase> spf_cases();
[[nodiscard]] std::vector<CostCase> dmarc_cases();
[[nodiscard]] std::vector<CostCase> whole_cases();

/// An RSAPublicKey that OpenSSL takes, as p= has it, and with the longest exponent that it takes. Nobody has the other
/// half: it is only multiplied with. `filler`: another one for another key.
[[nodiscard]] std::string dear_key(unsigned bits, std::uint8_t filler);
/// The value of a DKIM-Signature that is wrong only at the last step: its hash is that of `body`.
[[nodiscard]] std::string dear_signature(const std::string& domain, std::size_t selector, unsigned bits,
                                         const std::string& more, const std::string& body);
/// Ten Author Domains and ten signers, each of 127 labels and different at every level that a walk asks about.
[[nodiscard]] std::string deep_name(unsigned number);
[[nodiscard]] std::string deep_authors();

// Answers.
[[nodiscard]] dns::AnswerPtr texts(std::vector<std::string> texts);
[[nodiscard]] dns::AnswerPtr nothing();

[[nodiscard]] std::string repeat(std::size_t times, const std::string& text);

}  // namespace test
