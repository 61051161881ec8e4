// The limits that only a whole message shows.
#include <catch2/catch.hpp>

#include "tests/auth/world.hpp"

using test::plain;
using test::World;

namespace {

/// A signed message whose header takes so many octets, line ends and all.
std::string with_header_of(std::size_t octets) {
  const std::string whole = test::signed_by("bank.example", plain);
  const std::size_t used = whole.find("\r\n\r\n") + 2;
  return "X-Fill:" + std::string(octets - used - std::string_view("X-Fill:\r\n").size(), 'x') + "\r\n" + whole;
}

std::string from(unsigned domains) {
  std::string value = "a@d0.example";
  for (unsigned i = 1; i < domains; ++i) value += ", a@d" + std::to_string(i) + ".example";
  return "From: " + value + "\r\n\r\n";
}

}  // namespace

TEST_CASE("limits: a header of 64 KiB is judged, and one octet more makes its signatures permerror", "[auth][limits]") {
  World world;
  world.come_from("203.0.113.9", "<x@evil.example>");
  const std::size_t most = message::HeaderBlock::default_max_octets;
  CHECK(most == 65536);
  auto report = world.run(with_header_of(most));
  CHECK_FALSE(report.is_header_truncated);
  CHECK(report.dkim.at(0).result == dkim::Result::pass);
  CHECK(report.disposition.reason == "dmarc-pass");
  report = world.run(with_header_of(most + 1));
  CHECK(report.is_header_truncated);
  CHECK(report.dkim.at(0).result == dkim::Result::permerror);
  CHECK(report.dkim.at(0).reason == "header too large");
  CHECK(report.disposition.reason == "dmarc-reject");
}

TEST_CASE("limits: the header's limit is an option", "[auth][limits]") {
  World world;
  world.options->max_header_octets = 100000;
  CHECK(world.run(with_header_of(100000)).dkim.at(0).result == dkim::Result::pass);
  CHECK(world.run(with_header_of(100001)).dkim.at(0).result == dkim::Result::permerror);
}

TEST_CASE("limits: ten Author Domains are evaluated, eleven are refused", "[auth][limits]") {
  World world;
  CHECK(world.run(from(message::Author::max_domains)).dmarc_by_author.size() == 10);
  const auto report = world.run(from(message::Author::max_domains + 1));
  CHECK(report.dmarc_by_author.empty());
  CHECK(report.disposition.reason == "from-too-many");
}

TEST_CASE("limits: what is known when the time of a check is over decides, and the rest is a temperror", "[auth][limits]") {
  World world;
  world.options->waits = {std::chrono::milliseconds{0}, std::chrono::milliseconds{0}, std::chrono::milliseconds{0},
                          std::chrono::milliseconds{0}};
  const std::string octets = test::signed_by("bank.example", plain);
  auto report = world.run(octets);
  CHECK(report.spf_mail_from.verdict.result == spf::Result::pass);
  CHECK(report.dkim.at(0).result == dkim::Result::pass);
  CHECK(report.dmarc->result == dmarc::Result::pass);
  world.dns.defer(true);
  report = world.run(octets);
  CHECK(report.spf_mail_from.verdict.result == spf::Result::temperror);
  CHECK(report.spf_mail_from.verdict.reason.find("timeout") != std::string::npos);
  CHECK(report.dkim.at(0).result == dkim::Result::temperror);
  CHECK(report.dmarc->result == dmarc::Result::temperror);
}
