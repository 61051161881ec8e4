#include "keys/authority.hpp"

#include <catch2/catch.hpp>
#include <map>

#include "tests/support/map_resolver.hpp"

namespace {

using dkim::Published;
using keys::NameServer;

constexpr std::string_view seed_ours = "0123456789abcdef0123456789abcdef";
constexpr std::string_view seed_other = "fedcba9876543210fedcba9876543210";

dkim::PublicKey key_of(std::string_view seed) {
  const dkim::Octets octets(seed.begin(), seed.end());
  return dkim::PrivateKey::from_ed25519_seed(octets)->public_key();
}

std::string record_of(std::string_view seed) { return "v=DKIM1; k=ed25519; p=" + key_of(seed).record_value(); }

const base::Domain domain = *base::Domain::parse("example.org");
const std::string record_name = "s1._domainkey.example.org";

/// A zone with two name servers, each with what it shows.
struct World {
  test::MapResolver all;
  std::map<std::string, std::function<void(test::MapResolver&)>> servers;  // by address

  World() {
    all.ns("example.org", {"ns1.example.net", "ns2.example.net"});
    all.a("ns1.example.net", {"192.0.2.1"});
    all.a("ns2.example.net", {"192.0.2.2"});
  }
  void at(const std::string& address, std::string_view seed) {
    servers[address] = [seed](test::MapResolver& r) { r.txt(record_name, {record_of(seed)}); };
  }
  void silent(const std::string& address) {
    servers[address] = [](test::MapResolver& r) { r.fail(record_name, dns::Type::txt, dns::Status::timeout); };
  }
  keys::Everywhere ask() {
    const auto make = [this](const std::string& address) {
      auto resolver = std::make_unique<test::MapResolver>();
      if (const auto found = servers.find(address); found != servers.end()) found->second(*resolver);
      return resolver;
    };
    return keys::ask_everywhere(all, make, domain, "s1", key_of(seed_ours), base::SteadyTime{});
  }
};

}  // namespace

TEST_CASE("the name servers of a key's zone are those of the nearest NS records above it") {
  test::MapResolver dns;
  dns.ns("example.org", {"b.ns.example", "a.ns.example", "A.ns.example"});
  dns.a("a.ns.example", {"192.0.2.1"});
  dns.aaaa("a.ns.example", {"2001:db8::1"});
  const auto find = [](dns::View& view) { return keys::find_authority(view, record_name); };
  const auto authority = test::decide<keys::Authority>(dns, find);
  CHECK(authority.zone == "example.org");
  CHECK(authority.servers == std::vector<NameServer>{{"a.ns.example", {"192.0.2.1", "2001:db8::1"}}, {"b.ns.example", {}}});
}

TEST_CASE("a zone of its own below the domain is found first") {
  test::MapResolver dns;
  dns.ns("_domainkey.example.org", {"a.ns.example"});
  dns.ns("example.org", {"b.ns.example"});
  const auto find = [](dns::View& view) { return keys::find_authority(view, record_name); };
  CHECK(test::decide<keys::Authority>(dns, find).zone == "_domainkey.example.org");
}

TEST_CASE("where the DNS fails there is no authority") {
  test::MapResolver dns;
  dns.ns("example.org", {"a.ns.example"});
  dns.fail("_domainkey.example.org", dns::Type::ns, dns::Status::timeout);
  const auto find = [](dns::View& view) { return keys::find_authority(view, record_name); };
  CHECK(test::decide<keys::Authority>(dns, find) == keys::Authority{});
}

TEST_CASE("a key is published when every name server shows it") {
  World world;
  world.at("192.0.2.1", seed_ours);
  CHECK(world.ask().published == Published::not_yet);
  world.at("192.0.2.2", seed_ours);
  const auto everywhere = world.ask();
  CHECK(everywhere.published == Published::everywhere);
  CHECK(everywhere.servers ==
        std::vector<keys::ServerView>{{"ns1.example.net", Published::everywhere}, {"ns2.example.net", Published::everywhere}});
  world.at("192.0.2.2", seed_other);
  CHECK(world.ask().published == Published::otherwise);
  world.silent("192.0.2.2");
  CHECK(world.ask().published == Published::unknown);
}

TEST_CASE("a name server counts as answering when one of its addresses does, and as showing what they agree on") {
  World world;
  world.all.a("ns2.example.net", {"192.0.2.2", "192.0.2.3"});
  world.at("192.0.2.1", seed_ours);
  world.at("192.0.2.2", seed_ours);
  world.silent("192.0.2.3");
  CHECK(world.ask().published == Published::everywhere);
  world.at("192.0.2.3", seed_other);
  CHECK(world.ask().published == Published::otherwise);
}

TEST_CASE("a key behind an alias is looked for where the alias leads") {
  World world;
  const std::string target = "s1.keys.example.com";
  world.all.ns("keys.example.com", {"ns3.example.net"});
  world.all.a("ns3.example.net", {"192.0.2.3"});
  for (const auto* address : {"192.0.2.1", "192.0.2.2"})
    world.servers[address] = [&](test::MapResolver& r) { r.cname(record_name, target); };
  world.servers["192.0.2.3"] = [&](test::MapResolver& r) { r.txt(target, {record_of(seed_ours)}); };
  const auto everywhere = world.ask();
  CHECK(everywhere.published == Published::everywhere);
  CHECK(everywhere.servers == std::vector<keys::ServerView>{{"ns3.example.net", Published::everywhere}});
}

TEST_CASE("aliases in a circle end", "[limits]") {
  World world;
  for (const auto* address : {"192.0.2.1", "192.0.2.2"})
    world.servers[address] = [&](test::MapResolver& r) { r.cname(record_name, record_name); };
  CHECK(world.ask().published == Published::otherwise);
}

TEST_CASE("a zone has so many name servers, and with one more nothing is certain", "[limits]") {
  test::MapResolver dns;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < keys::max_name_servers; ++i) names.push_back("ns" + std::to_string(i) + ".example.net");
  const auto find = [](dns::View& view) { return keys::find_authority(view, record_name); };
  dns.ns("example.org", names);
  CHECK(test::decide<keys::Authority>(dns, find).servers.size() == keys::max_name_servers);
  names.push_back("one.more.example");
  dns.ns("example.org", names);
  CHECK(test::decide<keys::Authority>(dns, find).servers.empty());
}

TEST_CASE("so many addresses of a name server are asked", "[limits]") {
  test::MapResolver dns;
  dns.ns("example.org", {"a.ns.example"});
  std::vector<std::string> addresses;
  for (std::size_t i = 0; i <= keys::max_addresses; ++i) addresses.push_back("192.0.2." + std::to_string(i + 1));
  dns.a("a.ns.example", addresses);
  const auto find = [](dns::View& view) { return keys::find_authority(view, record_name); };
  CHECK(test::decide<keys::Authority>(dns, find).servers.front().addresses.size() == keys::max_addresses);
}

TEST_CASE("what servers show together is the least certain of it") {
  const auto of = [](std::initializer_list<Published> all) {
    std::vector<keys::ServerView> servers;
    for (const Published published : all) servers.push_back({"ns", published});
    return keys::combine(servers);
  };
  CHECK(of({}) == Published::unknown);
  CHECK(of({Published::everywhere, Published::everywhere}) == Published::everywhere);
  CHECK(of({Published::everywhere, Published::nowhere}) == Published::not_yet);
  CHECK(of({Published::nowhere, Published::nowhere}) == Published::nowhere);
  CHECK(of({Published::otherwise, Published::everywhere}) == Published::otherwise);
  CHECK(of({Published::unknown, Published::otherwise}) == Published::unknown);
}
