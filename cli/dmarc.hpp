#pragma once
// `signet dmarc`: which policy applies to a From domain and why, found by the tree walk of RFC 9989 and, beside it, by
// RFC 7489's public suffix list, and where the two differ.

#include <ostream>
#include <string>
#include <vector>

#include "cli/message_run.hpp"

namespace cli {

// Exit statuses of its own, about what RFC 9989 says: 0 a policy applies, these, else those of the other commands.
inline constexpr int exit_no_policy = 1;
inline constexpr int exit_unusable_policy = 65;
inline constexpr int exit_dns_failure = 75;

struct DmarcOptions {
  Sources sources;
  std::string domain;
  std::vector<std::string> identifiers;  // would a pass for them be aligned?
  std::string psl_file;                  // empty: the configuration's list, else the system's
  bool json = false;
  bool is_coloured = false;
};

/// Throws conf::Error, FileError (the list), std::invalid_argument (no domain name, too many identifiers).
int run_dmarc(const DmarcOptions& options, std::ostream& out);

}  // namespace cli
