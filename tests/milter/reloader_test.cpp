// The configuration read again: all of it or nothing, in one step.
#include "milter/reloader.hpp"

#include <unistd.h>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "auth/configure.hpp"
#include "auth/make_resolver.hpp"
#include "conf/load.hpp"

namespace {

class KeepLog final : public milter::DaemonLog {
 public:
  void write(base::LogLevel of_line, base::LogComponent, std::string_view line, const base::LogFields&) noexcept override {
    lines.emplace_back(of_line, line);
  }
  void set_levels(const conf::Logging& settings) noexcept override { level = settings.level; }
  std::vector<std::pair<base::LogLevel, std::string>> lines;
  base::LogLevel level = base::LogLevel::info;
};

/// A folder of its own for the files of one test.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "signet-reload-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a folder");
    path_ = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return (path_ / name).string();
  }

 private:
  std::filesystem::path path_;
};

/// A daemon that began with this configuration.
struct World {
  explicit World(const std::string& text)
      : file(folder.write("signet.toml", text)),
        settings(conf::load(file)),
        setup(std::make_shared<const milter::Setup>(
            milter::Setup{auth::configure(settings).options, auth::make_resolver(settings.dns, log)})),
        reloader(file, settings, setup, log) {}

  milter::Answer reload(const std::string& text) {
    folder.write("signet.toml", text);
    return reloader.reload();
  }

  Folder folder;
  KeepLog log;
  std::string file;
  conf::Settings settings;
  milter::SetupInForce setup;
  milter::Reloader reloader;
};

const std::string servers = "dns.servers = [\"127.0.0.1:5353\"]\n";

}  // namespace

TEST_CASE("reloader: what the file says now is in force, and what was taken before stays as it was", "[milter]") {
  World world(servers);
  const auto before = world.setup.take();
  const auto answer = world.reload("mode = \"monitor\"\n" + servers);
  CHECK(answer.is_ok);
  CHECK(answer.text == "reloaded: mode=monitor signing=off dmarc=treewalk dns=configured");
  CHECK(world.setup.take()->options.is_monitor);
  CHECK_FALSE(before->options.is_monitor);
  REQUIRE(world.log.lines.size() == 1);
  CHECK(world.log.lines[0] == std::pair(base::LogLevel::info, answer.text));
}

TEST_CASE("reloader: whatever is wrong, the old stays in force and the answer names the place", "[milter]") {
  World world(servers);
  const auto before = world.setup.take();
  const std::string refused = "not reloaded, what was in force stays: " + world.file;
  const std::string rule = "[[sign.rule]]\nfrom = \"*\"\nselector = \"s\"\nkey = \"KEY\"\n";
  world.folder.write("no.key", "no key");
  std::filesystem::permissions(world.file.substr(0, world.file.rfind('/')) + "/no.key", std::filesystem::perms::owner_read);
  world.folder.write("bad.zone", "a.example. A 192.0.2.256\n");
  const auto with_key = [&](const std::string& file) { return std::string(rule).replace(rule.find("KEY"), 3, file); };
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"mode = \"monitor\"\nmdoe = 1", ":2:1: unknown key \"mdoe\""},
      {"mode = \"monitor", ":1:"},
      {"mode = \"monitor\"\n" + with_key("nowhere.pem"), ":5:7: key file "},
      {"mode = \"monitor\"\n" + with_key("no.key"), ":5:7: key file "},
      {"mode = \"monitor\"\ndns.zone-file = \"bad.zone\"", ":2:17: "},
      {"mode = \"monitor\"\n[dmarc]\ndiscovery = \"psl\"\npsl-file = \"nowhere\"", ":4:12: "},
      {"mode = \"monitor\"\ndns.servers = [\"192.0.2.1:0\"]", ":2:16: "}};
  for (const auto& [text, place] : rows) {
    const auto answer = world.reload(text);
    CAPTURE(text, answer.text);
    CHECK_FALSE(answer.is_ok);
    CHECK(answer.text.starts_with(refused + place));
    CHECK(answer.text.find('\n') == std::string::npos);
    CHECK(world.setup.take() == before);
    CHECK(world.log.lines.back() == std::pair(base::LogLevel::error, answer.text));
  }
  std::filesystem::remove(world.file);
  CHECK(world.reloader.reload().text.find("No such file") != std::string::npos);
  CHECK(world.setup.take() == before);
}

TEST_CASE("reloader: the resolver and its cache stay unless dns.* says otherwise", "[milter]") {
  World world(servers);
  const auto first = world.setup.take();
  CHECK(world.reload("\n\nmode = \"monitor\"\n" + servers).is_ok);  // the same servers, at another place
  CHECK(world.setup.take()->resolver == first->resolver);
  CHECK(world.reload("dns.tries = 3\n" + servers).is_ok);
  const auto second = world.setup.take();
  CHECK(second->resolver != first->resolver);
  CHECK_FALSE(world.reload("dns.zone-file = \"nowhere\"").is_ok);
  CHECK(world.reload("dns.tries = 3\n" + servers).is_ok);  // what was refused in between does not count
  CHECK(world.setup.take()->resolver == second->resolver);
}

TEST_CASE("reloader: a zone file is read again though its name is the same", "[milter]") {
  World world("mode = \"monitor\"");
  world.folder.write("zone", "a.example. A 192.0.2.1\n");
  CHECK(world.reload("dns.zone-file = \"zone\"").is_ok);
  world.folder.write("zone", "a.example. A 192.0.2.2\n");
  CHECK(world.reload("dns.zone-file = \"zone\"").is_ok);
  std::string address;
  world.setup.take()->resolver->start(dns::ask_for("a.example", dns::Type::a),
                                      [&](const dns::AnswerPtr& answer) { address = answer->addresses.at(0).text(); });
  CHECK(address == "192.0.2.2");
}

TEST_CASE("reloader: what only a restart will do is named until it is done or undone", "[milter]") {
  World world(servers);
  const std::string changed = "milter.socket = \"inet:1@127.0.0.1\"\nlog.target = \"syslog\"\n" + servers;
  for (int round = 0; round < 2; ++round) {
    const auto answer = world.reload(changed);
    CHECK(answer.is_ok);
    CHECK(answer.text.ends_with("; at restart: milter.socket log.target"));
  }
  CHECK(world.reload(servers).text.find("at restart") == std::string::npos);
}

TEST_CASE("reloader: log level, time to stop and warnings of weak keys are those of the new file", "[milter]") {
  World world(servers);
  CHECK(world.reload("log.level = \"debug\"\nmilter.shutdown-grace = \"7s\"\n" + servers).is_ok);
  CHECK(world.log.level == base::LogLevel::debug);
  CHECK(world.reloader.shutdown_grace() == std::chrono::seconds{7});
  CHECK_FALSE(world.reload("log.level = \"error\"\nmode = 1").is_ok);
  CHECK(world.log.level == base::LogLevel::debug);
}
