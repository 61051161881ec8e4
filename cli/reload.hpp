#pragma once
// `signet reload`: has a running signetd read its configuration again, by its control socket (milter/control.hpp).

#include <chrono>
#include <iosfwd>
#include <string>

namespace cli {

struct ReloadOptions {
  std::string config = "/etc/signet/signet.toml";  // says where the socket is
  std::string socket;                              // the path itself; then config is not read
  std::chrono::seconds timeout{60};                // to be connected, and again to be answered
};

inline constexpr int exit_not_reloaded = 1;

/// Prints signetd's answer: on `out` when it has reloaded, else on `errors`. 0 reloaded; exit_not_reloaded: what was in force
/// stays, the answer says why; exit_unavailable: nobody answers. Throws std::invalid_argument when `socket` is no path.
int run_reload(const ReloadOptions& options, std::ostream& out, std::ostream& errors);

}  // namespace cli
