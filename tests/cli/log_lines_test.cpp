#include "cli/log_lines.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "auth/report.hpp"
#include "cli/message_run.hpp"
#include "tests/cli/folder.hpp"

namespace {

auth::Report report() {
  auth::Report out;
  out.envelope.queue_id = "4XyZ12";
  out.envelope.connection.client = *base::IpAddress::parse("2001:db8::7");
  out.envelope.connection.helo = "odd \"name\"\xff";
  out.envelope.reverse_path = message::parse_reverse_path("<user name=x@bank.example>");
  out.disposition.reason = "dmarc-pass";
  return out;
}

}  // namespace

TEST_CASE("log lines: what signetd writes is read back", "[cli]") {
  const std::string text = auth::log_line(report());
  const auto line = cli::parse_log_line("2026-11-24T18:57:29.123+01:00 mx signetd[42]: " + text);
  REQUIRE(line);
  CHECK(line->time == base::UnixTime{std::chrono::seconds{1795543049}});
  CHECK(line->find("qid") == "4XyZ12");
  CHECK(line->find("client") == "2001:db8::7");
  CHECK(line->find("helo") == "odd \"name\"\xff");
  CHECK(line->find("sender") == report().envelope.reverse_path.text);
  CHECK(line->find("reason") == "dmarc-pass");
  CHECK(line->find("nothing").empty());
}

TEST_CASE("log lines: what signetd writes as JSON is read back", "[cli]") {
  const base::LogMoment moment{base::UnixTime{std::chrono::seconds{1795543049}}};
  const auto line = cli::parse_log_line(
      base::json_line(moment, base::LogComponent::message, {}, base::LogFields().add("helo", "\\x41\"\n").add("from", "-")));
  REQUIRE(line);
  CHECK(line->time == moment.time);
  CHECK(line->find("component") == "message");
  CHECK(line->find("helo") == "\\x41\"\n");
  CHECK(line->find("from") == "-");
}

TEST_CASE("log lines: JSON objects are read like pairs", "[cli]") {
  const auto line =
      cli::parse_log_line(R"({"time":"2026-11-24T17:57:29Z","qid":"4XyZ12","total_ms":1.5,"helo":null,"dkim":["a"]})");
  REQUIRE(line);
  CHECK(line->time == base::UnixTime{std::chrono::seconds{1795543049}});
  CHECK(line->find("qid") == "4XyZ12");
  CHECK(line->find("total_ms") == "1.5");
  CHECK(line->find("helo").empty());
  CHECK(line->find("dkim") == R"(["a"])");
  CHECK(cli::parse_log_line(R"(Nov 24 18:57:29 mx signetd[42]: {"qid":"1"})")->find("qid") == "1");
}

TEST_CASE("log lines: what is no line of ours has no fields", "[cli]") {
  for (const char* text : {"", "-- No entries --", "signetd: ready", "{\"qid\":", "[1]", "=x ==", "a b c"})
    CHECK_FALSE(cli::parse_log_line(text));
}

TEST_CASE("log lines: a time that cannot be placed is none", "[cli]") {
  for (const char* text : {"Nov 24 18:57:29 qid=1", "2026-13-24T18:57:29Z qid=1", "2026-11-24 18:57:29 qid=1",
                           "2026-11-24T18:57:29 qid=1", "2026-11-24T18:57:29+1 qid=1", "2026-11- qid=1", "qid=1"}) {
    const auto line = cli::parse_log_line(text);
    REQUIRE(line);
    CHECK_FALSE(line->time);
  }
}

TEST_CASE("log lines: a line that is too long is passed over, the next is read", "[cli][limits]") {
  const std::string file = (std::filesystem::temp_directory_path() / ("signet-log-" + std::to_string(::getpid()))).string();
  const std::string longest = "qid=" + std::string(cli::max_log_line_octets - 4, 'a');
  std::ofstream(file) << longest << '\n' << longest << "a\n" << std::string(3 * longest.size(), 'b') << "\nqid=last";
  std::vector<std::string> found;
  cli::read_log(file, [&](const cli::LogLine& line) { found.emplace_back(line.find("qid")); });
  std::filesystem::remove(file);
  REQUIRE(found.size() == 2);
  CHECK(found[0].size() == longest.size() - 4);
  CHECK(found[1] == "last");
}

TEST_CASE("log lines: of one line a bounded number of fields is kept", "[cli][limits]") {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "k" + std::to_string(i) + "=v ";
  CHECK(cli::parse_log_line(text)->fields.size() == 128);
}

TEST_CASE("log lines: a log that cannot be read is named", "[cli]") {
  CHECK_THROWS_AS(cli::read_log("/nowhere/log", [](const cli::LogLine&) {}), cli::FileError);
}

TEST_CASE("log lines: without a file journalctl is asked, and its failure is told", "[cli]") {
  const test::Folder folder;
  const std::string fake = folder.file("journalctl",
                                       "#!/bin/sh\ncase \"$*\" in *--unit=signet*) echo '2026-11-24T18:57:29+0000 mx "
                                       "signetd[1]: qid=J1' ;; esac\nexit $FAKE_STATUS\n");
  std::filesystem::permissions(fake, std::filesystem::perms::owner_all);
  const std::string path = ::getenv("PATH");
  ::setenv("PATH", (std::filesystem::path(fake).parent_path().string() + ":" + path).c_str(), 1);
  ::setenv("FAKE_STATUS", "0", 1);
  std::vector<std::string> found;
  const auto take = [&](const cli::LogLine& line) { found.emplace_back(line.find("qid")); };
  cli::read_log("", take);
  ::setenv("FAKE_STATUS", "1", 1);
  CHECK_THROWS_WITH(cli::read_log("", take), "journalctl gave no log; name a file with --log");
  ::setenv("PATH", path.c_str(), 1);
  CHECK(found == std::vector<std::string>{"J1", "J1"});
}
