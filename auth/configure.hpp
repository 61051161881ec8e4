#pragma once
// The one place where the configuration becomes what the mechanisms want; for daemon and tool alike.

#include <string>
#include <vector>

#include "auth/options.hpp"
#include "conf/load.hpp"

namespace auth {

struct Configured {
  Options options;
  std::vector<std::string> warnings;  // worth a log line, not worth refusing: an RSA key under 2048 bits, …
};

/// Reads and checks the key files and, for discovery by one, the public suffix list. Throws conf::Error naming the line of the
/// configuration that was wrong.
[[nodiscard]] Configured configure(const conf::Settings& settings);

}  // namespace auth
