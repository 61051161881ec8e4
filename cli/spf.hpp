#pragma once
// `signet spf`: the check that signetd makes of a client, a MAIL FROM and a HELO, and how it comes to its result.

#include <ostream>
#include <string>

#include "cli/message_run.hpp"

namespace cli {

// Exit statuses of its own, about MAIL FROM (without one: HELO): 0 pass, these, else those of the other commands.
inline constexpr int exit_spf_not_pass = 1;  // none, neutral, softfail, fail
inline constexpr int exit_spf_permerror = 65;
inline constexpr int exit_spf_temperror = 75;

struct SpfOptions {
  Sources sources;
  std::string ip, from, helo;  // from: an address, a domain (its postmaster), or "<>"
  bool json = false;
  bool is_coloured = false;
};

/// Throws conf::Error, std::invalid_argument (no address, no identity to check).
int run_spf(const SpfOptions& options, std::ostream& out);

}  // namespace cli
