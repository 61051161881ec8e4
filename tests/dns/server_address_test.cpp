#include "dns/server_address.hpp"

#include <catch2/catch.hpp>

TEST_CASE("dns server address: an address with or without a port", "[dns]") {
  struct Row {
    const char* text;
    const char* address;
    std::uint16_t port;
  };
  const Row rows[] = {
      {"192.0.2.1", "192.0.2.1", 53},       {"192.0.2.1:5353", "192.0.2.1", 5353},
      {"2001:db8::1", "2001:db8::1", 53},  // more than one colon: no port
      {"[2001:db8::1]", "2001:db8::1", 53}, {"[2001:db8::1]:65535", "2001:db8::1", 65535},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto server = dns::ServerAddress::parse(row.text);
    REQUIRE(server);
    CHECK(server->address.text() == row.address);
    CHECK(server->port == row.port);
  }
}

TEST_CASE("dns server address: what is none is refused", "[dns]") {
  for (const char* text : {"", "localhost", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:5x", ":53", "[", "[]",
                           "[2001:db8::1", "[2001:db8::1]53", "[2001:db8::1]:", "2001:db8::1]:53", "192.0.2.1 :53"}) {
    CAPTURE(text);
    CHECK_FALSE(dns::ServerAddress::parse(text));
  }
}
