#include "migrate/hosts.hpp"

#include <catch2/catch.hpp>

#include "folder.hpp"

using namespace migrate;
using base::IpAddress;
using base::IpNetwork;
using migrate_test::has;

namespace {

std::vector<IpNetwork> networks(const std::vector<std::string>& hosts, Findings& findings) {
  DataSet set;
  for (const auto& host : hosts) set.entries.push_back({host, "", {"f", static_cast<std::uint32_t>(set.entries.size() + 1)}});
  std::vector<IpNetwork> out;
  for (const auto& host : read_networks(set, "InternalHosts", findings)) out.push_back(host.network);
  return out;
}

bool contains(const std::vector<IpNetwork>& networks, const char* address) {
  const auto parsed = IpAddress::parse(address).value();
  return std::any_of(networks.begin(), networks.end(), [&](const auto& n) { return n.contains(parsed); });
}

}  // namespace

TEST_CASE("migrate hosts: addresses, networks, brackets and localhost", "[migrate]") {
  Findings findings;
  const auto found = networks({"127.0.0.1", "[2001:db8::1]", "10.0.0.0/8", "localhost", "::ffff:127.0.0.0/104"}, findings);
  REQUIRE(found.size() == 6);
  CHECK(found[1].text() == "2001:db8::1/128");
  CHECK(found[3].text() == "127.0.0.1/32");
  CHECK(found[4].text() == "::1/128");
  CHECK(found[5].text() == "127.0.0.0/8");
  CHECK(findings.all().empty());
}

TEST_CASE("migrate hosts: bits behind the prefix and names are said", "[migrate]") {
  Findings findings;
  const auto found = networks({"192.168.1.5/24", "*.example.org", "mail.example.org"}, findings);
  REQUIRE(found.size() == 1);
  CHECK(found[0].text() == "192.168.1.0/24");
  CHECK(has(findings, Severity::warning, "never matched it; taken as 192.168.1.0/24", 1));
  CHECK(has(findings, Severity::warning, "*.example.org is a name", 2));
  CHECK(has(findings, Severity::warning, "mail.example.org is a name", 3));
}

TEST_CASE("migrate hosts: exclusions are cut out of what surrounds them", "[migrate]") {
  Findings findings;
  const auto found = networks({"10.0.0.0/8", "!10.1.0.0/16", "10.1.1.1", "2001:db8::/32", "!2001:db8::1"}, findings);
  CHECK(contains(found, "10.0.255.255"));
  CHECK(contains(found, "10.2.0.0"));
  CHECK_FALSE(contains(found, "10.1.0.0"));
  CHECK_FALSE(contains(found, "10.1.255.255"));
  CHECK(contains(found, "10.1.1.1"));  // more precise than the exclusion
  CHECK(contains(found, "2001:db8::2"));
  CHECK_FALSE(contains(found, "2001:db8::1"));
  CHECK(found.size() == 8 + 1 + 96);
  CHECK(findings.all().empty());
}

TEST_CASE("migrate hosts: a network less what it does not hold is itself", "[migrate]") {
  const auto network = IpNetwork::parse("192.0.2.0/24").value();
  CHECK(subtract(network, IpNetwork::parse("198.51.100.0/25").value()) == std::vector{network});
  CHECK(subtract(network, IpNetwork::parse("192.0.0.0/16").value()) == std::vector{network});
  CHECK(subtract(network, IpNetwork::parse("2001:db8::/32").value()) == std::vector{network});
  CHECK(subtract(network, network).empty());
  CHECK(subtract(network, IpNetwork::parse("192.0.2.128/25").value()) == std::vector{IpNetwork::parse("192.0.2.0/25").value()});
}

TEST_CASE("migrate hosts: exclusions have a bound", "[migrate][limits]") {
  Findings findings;
  std::vector<std::string> hosts(1000, "!192.0.2.1");
  CHECK(networks(hosts, findings).empty());
  CHECK(findings.all().empty());
  hosts.emplace_back("!192.0.2.2");
  CHECK(networks(hosts, findings).empty());
  CHECK(has(findings, Severity::problem, "more than 1000 exclusions", 1001));
}
