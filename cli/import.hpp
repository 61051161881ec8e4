#pragma once
// `signet import`: a setup of OpenDKIM, OpenDMARC and policyd-spf becomes one signet.toml.

#include <ostream>
#include <string>

#include "cli/message_run.hpp"
#include "migrate/import.hpp"

namespace cli {

// Exit statuses of its own: 0 everything was carried over or said to be needless, these, else those of the other commands.
inline constexpr int exit_needs_hand = 1;  // a problem is listed
inline constexpr int exit_cannot_create = 73;

struct ImportOptions {
  migrate::OldFiles files;
  Sources sources;     // zone_file and dns only
  std::string output;  // empty: standard output
  bool overwrite = false;
  bool skip_dns = false;
  bool json = false;
};

/// Prints the new file on `out`, or writes it to `output`; what there is to say goes to `notes`. With json, one object on
/// `out` has it all. exit_no_input when there is no old setup, exit_cannot_create when the file is there already.
/// Throws FileError when a file that was named cannot be read.
int run_import(const ImportOptions& options, std::ostream& out, std::ostream& notes);

}  // namespace cli
