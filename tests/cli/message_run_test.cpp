// A saved message must come out as the daemon would judge it.
#include "cli/message_run.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

namespace {

std::string empty_zone() {
  const auto path = std::filesystem::temp_directory_path() / ("signet-zone-" + std::to_string(::getpid()));
  std::ofstream(path) << "$ORIGIN example.\n@ TXT \"nothing\"\n";
  return path.string();
}

}  // namespace

TEST_CASE("message run: a header over the limit is known as such, as in the daemon", "[cli][limits]") {
  cli::Sources sources;
  sources.zone_file = empty_zone();
  const auto run = [&](std::size_t octets) {
    const std::string message = "X-Fill: " + std::string(octets, 'x') + "\r\nFrom: a@b.example\r\n\r\nhi\r\n";
    return cli::run_message(sources, cli::load_options(sources, auth::Role::judge), {}, message);
  };
  const std::size_t other_octets = std::string("X-Fill: \r\nFrom: a@b.example\r\n").size();
  CHECK_FALSE(run(65536 - other_octets).is_header_truncated);
  const auto report = run(65536 - other_octets + 1);
  CHECK(report.is_header_truncated);
  CHECK(report.author.status == message::AuthorStatus::ok);
  std::filesystem::remove(sources.zone_file);
}
