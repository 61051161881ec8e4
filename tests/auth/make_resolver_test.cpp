// A resolver that cannot be made is refused with the place in the configuration that asked for it.
#include "auth/make_resolver.hpp"

#include <catch2/catch.hpp>

#include "dns/inquiry.hpp"
#include "tests/support/dns_server.hpp"

namespace {

std::string refusal_of(const conf::Dns& settings) {
  base::NullLog log;
  try {
    static_cast<void>(auth::make_resolver(settings, log));
  } catch (const conf::Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("make_resolver: a server that is none is named, with its place", "[auth]") {
  conf::Dns settings;
  settings.servers = {"192.0.2.1", "resolver.example"};
  settings.servers_position = {"signet.toml", 3, 11};
  CHECK(refusal_of(settings) == "signet.toml:3:11: found \"resolver.example\", expected the address of a DNS server");
}

TEST_CASE("make_resolver: a zone file that cannot be read is named, with the place that asked for it", "[auth]") {
  conf::Dns settings;
  settings.zone_file = "/nowhere/zone";
  settings.zone_file_position = {"signet.toml", 4, 13};
  const std::string refusal = refusal_of(settings);
  CHECK(refusal.find("signet.toml:4:13: ") == 0);
  CHECK(refusal.find("/nowhere/zone") != std::string::npos);
  CHECK(refusal.find("expected") != std::string::npos);
}

TEST_CASE("make_resolver: a check that goes on asking while its resolver is destroyed ends as a failure of the DNS", "[auth]") {
  base::NullLog log;
  test::DnsServer silent([](const test::DnsServer::Request&) {
    test::DnsReply reply;
    reply.is_dropped = true;
    return reply;
  });
  conf::Dns settings;
  settings.servers = {silent.address()};
  auto resolver = auth::make_resolver(settings, log);
  const auto in_turn = [](dns::View& view) -> std::optional<int> {
    int failures = 0;
    for (const char* name : {"a.example", "b.example", "c.example"}) {
      const auto* answer = view.ask(dns::ask_for(name, dns::Type::txt));
      if (answer == nullptr) return std::nullopt;
      failures += answer->status == dns::Status::server_failure ? 1 : 0;
    }
    return failures;
  };
  const auto inquiry = dns::Inquiry<int>::start(*resolver, in_turn);
  resolver.reset();
  CHECK(inquiry->collect(std::chrono::steady_clock::now()) == 3);
}
