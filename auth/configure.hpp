#pragma once
// The one place where the configuration becomes what the mechanisms want; for daemon and tool alike.

#include <string>
#include <vector>

#include "auth/options.hpp"
#include "conf/load.hpp"
#include "dns/ares_resolver.hpp"
#include "dns/cache.hpp"

namespace auth {

struct Configured {
  Options options;
  std::vector<std::string> warnings;  // worth a log line, not worth refusing: an RSA key under 2048 bits, …
};

/// Reads and checks the key files. Throws conf::Error naming the line of the configuration that was wrong.
[[nodiscard]] Configured configure(const conf::Settings& settings);

/// The resolver the settings ask for: the system's servers, the given ones, or a zone file; cached. Throws conf::Error.
[[nodiscard]] std::unique_ptr<dns::Resolver> make_resolver(const conf::Dns& settings);

}  // namespace auth
