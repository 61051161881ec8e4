// bench_dns: a DNS server of a numbered zone, as far away as it is told, and dead when it is told. Commands come as lines
// on the standard input, each is answered by a line; it ends with its input.
//
//     delay MS     answers come so much later from now on
//     dead, alive  answers nothing, or again
//     count        how many questions came so far

#include <arpa/inet.h>
#include <CLI/CLI.hpp>
#include <atomic>
#include <cstdio>
#include <iostream>
#include <sstream>

#include "bench/dns/numbered_zone.hpp"
#include "dns/zone_file.hpp"

namespace {

struct Arguments {
  std::string zone, host = "127.0.0.1";
  std::uint16_t port = 0;
};

struct Distance {
  std::atomic<unsigned> delay_ms{0};
  std::atomic<bool> is_dead{false};
};

test::DnsServer::Handler at_distance(const Distance& distance, test::DnsServer::Handler answer) {
  return [&distance, answer = std::move(answer)](const test::DnsServer::Request& request) {
    test::DnsReply reply;
    reply.is_dropped = distance.is_dead;
    if (!reply.is_dropped) reply = answer(request);
    reply.delay = std::chrono::milliseconds{distance.delay_ms};
    return reply;
  };
}

std::uint32_t loopback_address(const std::string& host) {
  constexpr std::uint32_t loopback_network = 127;
  in_addr address{};
  if (::inet_pton(AF_INET, host.c_str(), &address) != 1 || ntohl(address.s_addr) >> 24U != loopback_network)
    throw std::runtime_error(host + " is no IPv4 address of this machine's own (127.0.0.0/8)");
  return ntohl(address.s_addr);
}

std::string obey(const std::string& line, Distance& distance, const test::DnsServer& server) {
  std::istringstream words(line);
  std::string command;
  unsigned number = 0;
  words >> command;
  if (command == "count") return std::to_string(server.request_count());
  if (command == "delay" && words >> number) {
    distance.delay_ms = number;
  } else if (command == "dead" || command == "alive") {
    distance.is_dead = command == "dead";
  } else {
    return "unknown command";
  }
  return "ok";
}

void run(const Arguments& arguments) {
  Distance distance;
  const auto handler = at_distance(distance, bench::answer_numbered(dns::load_zone(arguments.zone)));
  const test::DnsServer server(handler, arguments.port, test::DnsServer::Transports::udp_and_tcp,
                               loopback_address(arguments.host));
  std::cout << "ready " << server.port() << std::endl;
  for (std::string line; std::getline(std::cin, line);) std::cout << obey(line, distance, server) << std::endl;
}

}  // namespace

int main(int argc, char** argv) try {
  CLI::App app("bench_dns: a DNS server that can be far away or dead");
  Arguments arguments;
  app.add_option("zone", arguments.zone, "a zone file; n0000000 in it stands for n and any seven digits")->required();
  app.add_option("--host", arguments.host, "an address of 127.0.0.0/8")->capture_default_str();
  app.add_option("--port", arguments.port, "0: any")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  run(arguments);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_dns: %s\n", error.what());
  return 1;
}
