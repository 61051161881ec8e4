#pragma once
// A policy server of Postfix (SMTPD_POLICY_README) as spawn(8) runs it: a process for each session, the protocol on
// its standard input and output.

#include <sys/types.h>
#include <string>
#include <vector>

#include "bench/load/kinds.hpp"
#include "cli/milter_outcome.hpp"

namespace load {

class PolicyServer {
 public:
  /// command: the program's path and its arguments. Throws std::runtime_error.
  explicit PolicyServer(std::vector<std::string> command);
  /// Hangs up and waits for its end.
  ~PolicyServer();
  PolicyServer(const PolicyServer&) = delete;
  PolicyServer& operator=(const PolicyServer&) = delete;

  /// What it says at RCPT: PREPEND as a field on top, DUNNO as no change. Throws std::runtime_error on anything else.
  [[nodiscard]] cli::MilterOutcome ask(const Mail& mail);

 private:
  [[nodiscard]] std::string receive();

  int socket_ = -1;
  pid_t child_ = -1;
};

}  // namespace load
