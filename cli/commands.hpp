#pragma once
// `signet sign`, and the exit statuses that commands share.

#include <ostream>
#include <string>

#include "cli/message_run.hpp"

namespace cli {

// Exit statuses, documented in signet(1): 0 done, 1 not signed, 64 usage, 66 a file, 69 the other side, 78 configuration.
inline constexpr int exit_not_signed = 1;
inline constexpr int exit_usage = 64;
inline constexpr int exit_no_input = 66;
inline constexpr int exit_unavailable = 69;
inline constexpr int exit_software = 70;

struct SignOptions {
  Sources sources;
  std::string file;
  bool json = false;
};

/// Prints the signed message on `out` and the explanation on `notes`; with json the report alone on `out`.
/// exit_not_signed when no signature was made.
int run_sign(const SignOptions& options, std::ostream& out, std::ostream& notes);

}  // namespace cli
