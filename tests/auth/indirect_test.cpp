#include "auth/indirect.hpp"

#include <catch2/catch.hpp>

namespace {

base::Domain domain(std::string_view text) { return base::Domain::parse(text).value(); }

struct Row {
  std::vector<std::string> fields;
  std::string signer;
  bool is_list;
};

}  // namespace

TEST_CASE("indirect: a mailing list is one that signs for the domain of its List-Id", "[auth]") {
  const std::string id = "List-Id: Gardening <garden.lists.example>";
  const std::string post = "List-Post: <mailto:garden@lists.example>";
  const auto row = GENERATE_COPY(values<Row>({
      {{id, post}, "lists.example", true},
      {{id, post}, "garden.lists.example", true},
      {{id, post}, "", false},                                            // header fields alone are never enough
      {{id, post}, "other.example", false},                               // signed by somebody else
      {{id, post}, "x.garden.lists.example", false},                      // below the list: not the list's domain
      {{id, post}, "example", false},                                     // one label is nobody's domain
      {{post}, "lists.example", false},                                   // no List-Id
      {{id}, "lists.example", false},                                     // no other List field
      {{id, id, post}, "lists.example", false},                           // two: which one?
      {{"List-Id: garden.lists.example", post}, "lists.example", false},  // RFC 2919 wants angle brackets
      {{"List-Id: <garden.lists.example> x", post}, "lists.example", false},
      {{"list-id: \"a <b>\" <garden.LISTS.example>", "list-unsubscribe: <x>"}, "lists.example", true},
  }));
  message::HeaderBlock header;
  for (const auto& field : row.fields) header.add_line(field);
  auth::Authenticated authenticated;
  if (!row.signer.empty()) authenticated.signing_domains = {domain(row.signer)};
  CAPTURE(row.signer, row.fields);
  const auto got = auth::find_indirect(authenticated, header, {});
  CHECK(got == (row.is_list ? std::optional(auth::Indirect::mailing_list) : std::nullopt));
}

TEST_CASE("indirect: a forwarder is known by network or authenticated domain", "[auth]") {
  auth::ForwarderRules rules;
  rules.networks = {base::IpNetwork::parse("192.0.2.0/24").value()};
  rules.domains = {domain("forwarder.example")};
  const message::HeaderBlock header;
  const auto find = [&](const auth::Authenticated& authenticated) { return auth::find_indirect(authenticated, header, rules); };
  auth::Authenticated authenticated;
  CHECK(find(authenticated) == std::nullopt);
  authenticated.client = base::IpAddress::parse("192.0.3.1").value();
  CHECK(find(authenticated) == std::nullopt);
  authenticated.client = base::IpAddress::parse("192.0.2.1").value();
  CHECK(find(authenticated) == auth::Indirect::trusted_forwarder);
  authenticated.client.reset();
  authenticated.spf_domain = domain("bounces.forwarder.example");
  CHECK(find(authenticated) == auth::Indirect::trusted_forwarder);
  authenticated.spf_domain = domain("notforwarder.example");
  CHECK(find(authenticated) == std::nullopt);
  authenticated.signing_domains = {domain("forwarder.example")};
  CHECK(find(authenticated) == auth::Indirect::trusted_forwarder);
}
