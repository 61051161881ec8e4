#pragma once
// What every name server of a zone says of one key: a key may sign when all who ask will find it, and a resolver sees the
// answer of one server, or an old one of its cache.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/domain.hpp"
#include "base/log.hpp"
#include "base/time.hpp"
#include "dkim/rotation.hpp"
#include "dns/resolver.hpp"
#include "dns/view.hpp"

namespace keys {

inline constexpr std::size_t max_name_servers = 16;   // of one zone; more, and nothing is certain
inline constexpr std::size_t max_addresses = 4;       // of one name server that are asked
inline constexpr std::size_t max_labels_climbed = 8;  // from the record's name up to the zone's
inline constexpr unsigned max_aliases = 3;            // CNAMEs from zone to zone

struct NameServer {
  std::string name;
  std::vector<std::string> addresses;  // as text; empty: none is known
  friend bool operator==(const NameServer&, const NameServer&) = default;
};

struct Authority {
  std::string zone;                 // empty: not found, or the DNS failed
  std::vector<NameServer> servers;  // in the order of their names
  friend bool operator==(const Authority&, const Authority&) = default;
};

/// Evaluator: the servers of the zone that `name` is in, as NS records (RFC 1034 §4.2.1) say above it. Nothing: questions are
/// open.
[[nodiscard]] std::optional<Authority> find_authority(dns::View& view, const std::string& name);

/// One server's answer to nothing but itself.
using ServerResolver = std::function<std::unique_ptr<dns::Resolver>(const std::string& address)>;

/// Asks the server at that address, at the port of the DNS. `log` outlives what it gives.
[[nodiscard]] ServerResolver ask_directly(base::Log& log);

/// One name server and what it shows, for a person.
struct ServerView {
  std::string server;  // its name
  dkim::Published published = dkim::Published::unknown;
  friend bool operator==(const ServerView&, const ServerView&) = default;
};

struct Everywhere {
  dkim::Published published = dkim::Published::unknown;
  std::vector<ServerView> servers;
};

/// Asks all of them, those of a CNAME's target where there is one. A server none of whose addresses answers is unknown, and
/// so then is the whole. Blocks until the deadline at most.
[[nodiscard]] Everywhere ask_everywhere(dns::Resolver& resolver, const ServerResolver& make_resolver,
                                        const base::Domain& domain, const std::string& selector, const dkim::PublicKey& own,
                                        base::SteadyTime deadline);

/// Of all servers together.
[[nodiscard]] dkim::Published combine(const std::vector<ServerView>& servers);

}  // namespace keys
