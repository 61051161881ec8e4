#pragma once
// Whose message is it? Ours to sign, somebody's to judge, or a relay's to leave alone.

#include <string>
#include <string_view>
#include <vector>

#include "auth/envelope.hpp"

namespace auth {

enum class Role {
  judge,  // from outside: authenticate and decide
  sign,   // ours: sign, and do not judge
  pass,   // a relay of ours sends it: neither
};

[[nodiscard]] std::string_view to_text(Role role);

struct RoleRules {
  std::vector<base::IpNetwork> sign_networks;
  std::vector<std::string> sign_daemons;
  std::vector<base::IpNetwork> relays;
};

struct RoleDecision {
  Role role = Role::judge;
  std::string_view reason;  // token: local-submission authenticated sign-daemon relay sign-network outside
};

/// In this order: submitted locally, authenticated, named daemon, relay, signing network, outside. A relay is
/// looked for before the networks, so that 127.0.0.1 can be one although loopback signs by default.
[[nodiscard]] RoleDecision find_role(const Envelope& envelope, const RoleRules& rules);

}  // namespace auth
