// A resolver that cannot be made is refused with the place in the configuration that asked for it.
#include "auth/make_resolver.hpp"

#include <catch2/catch.hpp>

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
