#pragma once
// The resolver that a configuration asks for.

#include <memory>

#include "base/log.hpp"
#include "conf/load.hpp"
#include "dns/resolver.hpp"

namespace auth {

/// The system's servers or the configured ones, cached; or a zone file alone. `log` must outlive it.
/// Throws conf::Error naming what was wrong: the zone file's line, or a server.
[[nodiscard]] std::unique_ptr<dns::Resolver> make_resolver(const conf::Dns& settings, base::Log& log);

}  // namespace auth
