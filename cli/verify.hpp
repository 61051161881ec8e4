#pragma once
// `signet verify`: what becomes of a saved message and why; what signetd's log says of one.

#include <ostream>
#include <string>

#include "cli/message_run.hpp"

namespace cli {

inline constexpr int exit_not_logged = 1;  // no line of the log has the queue id

struct VerifyOptions {
  Sources sources;
  std::string file;  // empty: explain the log line alone
  std::string ip;    // empty: unknown, SPF says none
  std::string helo;
  std::string from;       // MAIL FROM; empty or "<>": the null reverse-path
  bool has_from = false;  // --from was given
  std::string queue_id;   // not empty: how the message came stands in signetd's log, but for what is given here
  std::string log;        // where that is, as read_log() takes it
  bool shows_canonical = false;
  bool json = false;
  bool is_coloured = false;
};

/// Throws FileError, conf::Error, std::invalid_argument (a bad --ip, neither file nor queue id).
int run_verify(VerifyOptions options, std::ostream& out, std::ostream& notes);

}  // namespace cli
