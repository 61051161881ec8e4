#include "auth/role.hpp"

#include <algorithm>

namespace auth {

std::string_view to_text(Role role) {
  switch (role) {
    case Role::judge:
      return "judge";
    case Role::sign:
      return "sign";
    case Role::pass:
      return "pass";
  }
  return "?";
}

namespace {

bool contains(const std::vector<base::IpNetwork>& networks, const std::optional<base::IpAddress>& client) {
  return client && std::any_of(networks.begin(), networks.end(), [&](const base::IpNetwork& n) { return n.contains(*client); });
}

}  // namespace

RoleDecision find_role(const Envelope& envelope, const RoleRules& rules) {
  const Connection& connection = envelope.connection;
  const auto& daemons = rules.sign_daemons;
  if (connection.is_local_submission) return {Role::sign, "local-submission"};
  if (!envelope.authentication_type.empty()) return {Role::sign, "authenticated"};
  if (std::find(daemons.begin(), daemons.end(), connection.daemon_name) != daemons.end()) return {Role::sign, "sign-daemon"};
  if (contains(rules.relays, connection.client)) return {Role::pass, "relay"};
  if (contains(rules.sign_networks, connection.client)) return {Role::sign, "sign-network"};
  return {Role::judge, "outside"};
}

}  // namespace auth
