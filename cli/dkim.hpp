#pragma once
// `signet dkim`: the key under a selector, tag by tag, and what would be done with a signature by it.

#include <ostream>
#include <string>

#include "cli/message_run.hpp"

namespace cli {

// Exit statuses of its own: 0 a key by which signatures can pass, these, else those of the other commands.
inline constexpr int exit_no_key = 1;
inline constexpr int exit_unusable_key = 65;
inline constexpr int exit_key_unknown = 75;  // the DNS does not answer

struct DkimOptions {
  Sources sources;
  std::string selector, domain;
  bool json = false;
  bool is_coloured = false;
};

/// Throws conf::Error, std::invalid_argument (no domain name).
int run_dkim(const DkimOptions& options, std::ostream& out);

/// The selector in the form that is asked for. Throws std::invalid_argument.
[[nodiscard]] std::string read_selector(std::string_view what, const std::string& text);

}  // namespace cli
