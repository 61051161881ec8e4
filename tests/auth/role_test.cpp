#include "auth/role.hpp"

#include <catch2/catch.hpp>

namespace {

auth::RoleRules rules() {
  auth::RoleRules out;
  out.sign_networks = {base::IpNetwork::parse("127.0.0.0/8").value(), base::IpNetwork::parse("2001:db8:1::/48").value()};
  out.sign_daemons = {"submission"};
  out.relays = {base::IpNetwork::parse("127.0.0.2").value(), base::IpNetwork::parse("192.0.2.7").value()};
  return out;
}

struct Row {
  std::string client;
  std::string daemon;
  std::string authentication;
  bool is_local;
  auth::Role role;
  std::string reason;
};

}  // namespace

TEST_CASE("role: whose message it is follows from envelope and rules, in their order", "[auth]") {
  using auth::Role;
  const auto row = GENERATE(values<Row>({
      {"198.51.100.1", "", "", false, Role::judge, "outside"},
      {"", "", "", false, Role::judge, "outside"},               // an unknown client is nobody's
      {"127.0.0.1", "", "", false, Role::sign, "sign-network"},  // loopback by default
      {"2001:db8:1::25", "", "", false, Role::sign, "sign-network"},
      {"198.51.100.1", "", "PLAIN", false, Role::sign, "authenticated"},
      {"198.51.100.1", "submission", "", false, Role::sign, "sign-daemon"},
      {"192.0.2.7", "", "", false, Role::pass, "relay"},
      {"127.0.0.2", "", "", false, Role::pass, "relay"},               // a relay within a signing network
      {"192.0.2.7", "", "LOGIN", false, Role::sign, "authenticated"},  // a person behind the relay's address
      {"127.0.0.2", "", "", true, Role::sign, "local-submission"},     // sendmail(1) stays ours
  }));
  auth::Envelope envelope;
  if (!row.client.empty()) envelope.connection.client = base::IpAddress::parse(row.client).value();
  envelope.connection.daemon_name = row.daemon;
  envelope.connection.is_local_submission = row.is_local;
  envelope.authentication_type = row.authentication;
  const auto got = auth::find_role(envelope, rules());
  CAPTURE(row.client, row.reason);
  CHECK(got.role == row.role);
  CHECK(got.reason == row.reason);
}
