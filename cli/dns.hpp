#pragma once
// `signet dns`: the SPF, DKIM and DMARC records that a domain has and should have.

#include <ostream>
#include <string>
#include <vector>

#include "cli/message_run.hpp"

namespace cli {

// Exit statuses of its own: 0 nothing worse than a note, these, else those of the other commands.
inline constexpr int exit_advised = 1;      // a warning or a problem
inline constexpr int exit_dns_silent = 75;  // the DNS does not answer for the domain

struct DnsOptions {
  static constexpr std::size_t max_selectors = 32;

  Sources sources;
  std::string domain;
  std::vector<std::string> selectors;  // none: those the configuration signs with, else common ones
  bool json = false;
  bool is_coloured = false;
};

/// Throws conf::Error, std::invalid_argument (no domain name, too many selectors).
int run_dns(const DnsOptions& options, std::ostream& out);

}  // namespace cli
