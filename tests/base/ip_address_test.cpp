#include "base/ip_address.hpp"

#include <catch2/catch.hpp>
#include <set>

using base::IpAddress;
using base::IpNetwork;
using namespace std::string_view_literals;

namespace {

IpAddress address(std::string_view text) { return IpAddress::parse(text).value(); }

}  // namespace

TEST_CASE("ip address: presentation forms are read and written as RFC 5952 has them", "[base]") {
  struct Row {
    std::string_view text, written;
    bool v4;
  };
  const Row rows[] = {
      {"192.0.2.1", "192.0.2.1", true},
      {"0.0.0.0", "0.0.0.0", true},
      {"255.255.255.255", "255.255.255.255", true},
      {"::ffff:192.0.2.1", "192.0.2.1", true},  // mapped is IPv4
      {"::FFFF:c000:201", "192.0.2.1", true},   // in any spelling
      {"0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1", true},
      {"2001:DB8::1", "2001:db8::1", false},
      {"2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1", false},
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1", false},  // one zero group is not shortened
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1", false},           // the longest run is
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1", false},     // the first of two
      {"::", "::", false},
      {"::1", "::1", false},
      {"::fffe:c000:201", "::fffe:c000:201", false},  // not mapped
      {"1::ffff:192.0.2.1", "1::ffff:c000:201", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto parsed = IpAddress::parse(row.text);
    REQUIRE(parsed);
    CHECK(parsed->text() == row.written);
    CHECK(parsed->is_v4() == row.v4);
    CHECK(parsed->bits() == (row.v4 ? 32U : 128U));
    CHECK(parsed->octets().size() == (row.v4 ? 4U : 16U));
    CHECK(IpAddress::parse(parsed->text()) == parsed);
  }
}

TEST_CASE("ip address: anything else is none", "[base]") {
  const std::string_view rows[] = {
      "",
      "1",
      "1.2.3",
      "1.2.3.4.5",
      "256.1.1.1",
      "01.2.3.4",
      "1.2.3.04",
      "1.2.3.4 ",
      " 1.2.3.4",
      "1.2.3.-4",
      "0x1.2.3.4",
      "1.2.3.4/32",
      "[192.0.2.1]",
      "1.2.3.4\0"sv,
      ":",
      ":::",
      "1::2::3",
      "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9",
      "12345::",
      "::g",
      "fe80::1%eth0",
      "::1.2.3",
      "1.2.3.4::",
      "IPv6:::1",
      "[::1]",
      "::ffff:1.2.3.256",
      "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000",
  };
  for (const std::string_view text : rows) {
    CAPTURE(std::string(text));
    CHECK_FALSE(IpAddress::parse(text));
  }
}

TEST_CASE("ip address: names for reverse look-ups", "[base]") {
  CHECK(address("192.0.2.1").reverse_name() == "1.2.0.192.in-addr.arpa");
  CHECK(address("::ffff:192.0.2.1").reverse_name() == "1.2.0.192.in-addr.arpa");
  CHECK(address("2001:db8::567:89ab").reverse_name() ==
        "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");  // RFC 3596 §2.5's shape
}

TEST_CASE("ip address: loopback", "[base]") {
  for (const auto text : {"127.0.0.1", "127.255.255.255", "::1", "::ffff:127.0.0.1"}) CHECK(address(text).is_loopback());
  for (const auto text : {"128.0.0.1", "126.255.255.255", "::", "::2", "1::1", "0.0.0.0"})
    CHECK_FALSE(address(text).is_loopback());
  CHECK(IpAddress() == address("0.0.0.0"));
}

TEST_CASE("ip address: families never compare equal", "[base]") {
  CHECK(address("192.0.2.1") == address("::ffff:192.0.2.1"));
  CHECK(address("0.0.0.0") != address("::"));
  CHECK(std::set<IpAddress>{address("::1"), address("0:0::1"), address("1.2.3.4"), address("1.2.3.4")}.size() == 2);
  CHECK_FALSE(address("0.0.0.0").shares_prefix(address("::"), 0));
}

TEST_CASE("ip network: an address is inside by its first bits", "[base]") {
  struct Row {
    std::string_view network, candidate;
    bool inside;
  };
  const Row rows[] = {
      {"192.0.2.0/24", "192.0.2.255", true},
      {"192.0.2.0/24", "192.0.3.0", false},
      {"192.0.2.77/24", "192.0.2.1", true},  // host bits mean nothing
      {"192.0.2.0/25", "192.0.2.127", true},
      {"192.0.2.0/25", "192.0.2.128", false},
      {"192.0.2.1", "192.0.2.1", true},
      {"192.0.2.1", "192.0.2.0", false},
      {"192.0.2.1/32", "192.0.2.0", false},
      {"192.0.2.1/31", "192.0.2.0", true},
      {"0.0.0.0/0", "255.255.255.255", true},
      {"0.0.0.0/0", "2001:db8::1", false},  // another family
      {"::/0", "192.0.2.1", false},
      {"::/0", "ffff::", true},
      {"2001:db8::/32", "2001:db8:ffff::", true},
      {"2001:db8::/32", "2001:db9::", false},
      {"2001:db8::/33", "2001:db8:7fff::", true},
      {"2001:db8::/33", "2001:db8:8000::", false},
      {"2001:db8::1/128", "2001:db8::1", true},
      {"2001:db8::1/127", "2001:db8::", true},
      {"::ffff:192.0.2.0/120", "192.0.2.7", true},  // a mapped network counts its 96 bits
      {"::ffff:192.0.2.0/120", "192.0.3.7", false},
      {"::ffff:0.0.0.0/96", "203.0.113.9", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.network, row.candidate);
    const auto network = IpNetwork::parse(row.network);
    REQUIRE(network);
    CHECK(network->contains(address(row.candidate)) == row.inside);
    CHECK(IpNetwork::parse(network->text()) == network);
  }
}

TEST_CASE("ip network: prefix lengths are within the family", "[base]") {
  for (const std::string_view text :
       {"192.0.2.0/33", "192.0.2.0/", "192.0.2.0/-1", "192.0.2.0/+8", "192.0.2.0/8x", "192.0.2.0/8/8", "192.0.2/24", "/24", "",
        "2001:db8::/129", "2001:db8::/999999999999999999999", "::ffff:192.0.2.0/95", "::ffff:192.0.2.0/129", "192.0.2.0 /24"}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(IpNetwork::parse(text));
  }
  CHECK(IpNetwork::parse("192.0.2.0/33").error().offset == 10);
  CHECK(IpNetwork::parse("::ffff:192.0.2.0/120")->text() == "192.0.2.0/24");
}
