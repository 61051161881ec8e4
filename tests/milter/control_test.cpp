// The control socket beside honest, silent, talkative and too many clients.
#include "milter/control.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

using milter::Control;

namespace {

/// A connection to the path; not open where nobody answers.
base::Descriptor connected(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return base::Descriptor(socket);
  ::close(socket);
  return base::Descriptor(-1);
}

void say(const base::Descriptor& client, std::string_view text) {
  static_cast<void>(::send(client.number(), text.data(), text.size(), MSG_NOSIGNAL));
}

std::string hear(const base::Descriptor& client) {
  std::string said;
  char part[512];
  for (ssize_t got = 0; (got = ::recv(client.number(), part, sizeof part, 0)) > 0;)
    said.append(part, static_cast<std::size_t>(got));
  return said;
}

std::string ask(const std::string& path, std::string_view line) {
  const auto client = connected(path);
  say(client, line);
  return hear(client);
}

struct World {
  World() {
    std::string pattern = "/tmp/signet-control-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a folder");
    folder = pattern;
    path = folder + "/control.sock";
  }
  ~World() {
    ::unlink(path.c_str());
    ::rmdir(folder.c_str());
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  std::unique_ptr<Control> open(std::uint32_t mode = 0600) {
    return std::make_unique<Control>(
        path, "", mode, [this] { return reload(); }, log);
  }
  std::unique_ptr<Control> serve() {
    auto control = open();
    control->start();
    return control;
  }
  milter::Answer reload() {
    ++reloads;
    return next;
  }
  bool is_there() const { return ::access(path.c_str(), F_OK) == 0; }

  std::string folder, path;
  base::NullLog log;
  milter::Answer next{true, "reloaded: all"};
  std::atomic<int> reloads{0};
};

const std::string wanted = ", expected the line \"reload\"\n";

}  // namespace

TEST_CASE("control: a reload is asked for and answered", "[milter]") {
  World world;
  const auto control = world.serve();
  CHECK(ask(world.path, "reload\n") == "ok reloaded: all\n");
  world.next = {false, "f:1:1: found x, expected y"};
  CHECK(ask(world.path, "reload\n") == "error f:1:1: found x, expected y\n");
  CHECK(world.reloads == 2);
}

TEST_CASE("control: other words, lines too long and half lines reload nothing", "[milter][limits]") {
  World world;
  const auto control = world.serve();
  CHECK(ask(world.path, "restart\n") == "error found \"restart\"" + wanted);
  CHECK(ask(world.path, "\n") == "error found \"\"" + wanted);
  CHECK(ask(world.path, std::string("reload\0\n", 8)) == "error found \"reload\\x00\"" + wanted);
  const std::string longest(Control::max_line_octets - 1, 'x');
  CHECK(ask(world.path, longest + "\n") == "error found \"" + longest + "\"" + wanted);
  CHECK(ask(world.path, longest + "x\n") == "error found a line of more than 64 octets" + wanted);
  CHECK(ask(world.path, std::string(1 << 16, 'x')) == "error found a line of more than 64 octets" + wanted);
  const auto client = connected(world.path);
  say(client, "reload");
  ::shutdown(client.number(), SHUT_WR);
  CHECK(hear(client) == "error found no whole line" + wanted);
  CHECK(world.reloads == 0);
  CHECK(ask(world.path, "reload\n") == "ok reloaded: all\n");
}

TEST_CASE("control: a line may come octet by octet", "[milter]") {
  World world;
  const auto control = world.serve();
  const auto client = connected(world.path);
  for (const char c : std::string_view("reload\n")) {
    say(client, {&c, 1});
    ::usleep(2000);
  }
  CHECK(hear(client) == "ok reloaded: all\n");
}

TEST_CASE("control: a silent client is left after its time, and the next one is served", "[milter][limits]") {
  World world;
  const auto control = world.serve();
  const auto silent = connected(world.path);
  const auto start = std::chrono::steady_clock::now();
  CHECK(ask(world.path, "reload\n") == "ok reloaded: all\n");
  const auto waited = std::chrono::steady_clock::now() - start;
  CHECK(waited > Control::patience / 2);
  CHECK(waited < 2 * Control::patience);
  CHECK(hear(silent) == "error found no whole line within 5 s" + wanted);
}

TEST_CASE("control: many that come and go at once, and then one who asks", "[milter][limits]") {
  World world;
  const auto control = world.serve();
  for (int i = 0; i < 500; ++i) static_cast<void>(connected(world.path));
  for (int i = 0; i < 50; ++i) say(connected(world.path), "reload\n");  // and do not wait for the answer
  CHECK(ask(world.path, "reload\n") == "ok reloaded: all\n");
  CHECK(world.reloads == 51);
}

TEST_CASE("control: its end does not wait for a silent client, and removes the path", "[milter]") {
  World world;
  auto control = world.serve();
  const auto silent = connected(world.path);
  const auto start = std::chrono::steady_clock::now();
  control.reset();
  CHECK(std::chrono::steady_clock::now() - start < Control::patience / 2);
  CHECK_FALSE(world.is_there());
}

TEST_CASE("control: the path has the wanted mode, and nobody is served before the start", "[milter]") {
  World world;
  const auto control = world.open(0640);
  struct stat status {};
  REQUIRE(::stat(world.path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0640);
  CHECK_FALSE(connected(world.path).is_open());
  control->start();
  CHECK(connected(world.path).is_open());
}

TEST_CASE("control: what a killed daemon left is replaced; a living one and other files are not", "[milter]") {
  World world;
  {
    const base::Descriptor left(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    world.path.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(left.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  {
    const auto control = world.serve();
    CHECK(ask(world.path, "reload\n") == "ok reloaded: all\n");
    CHECK_THROWS_WITH(world.open(), Catch::Contains("found another program answering on it, expected a free address"));
    CHECK(ask(world.path, "reload\n") == "ok reloaded: all\n");
  }
  std::ofstream(world.path) << "precious";
  CHECK_THROWS_WITH(world.open(), Catch::Contains("found something else in its place, expected a socket or nothing"));
  CHECK(world.is_there());
  ::unlink(world.path.c_str());
  world.path = world.folder + "/no/control.sock";
  CHECK_THROWS_WITH(world.open(), Catch::Contains("found that it cannot be opened"));
}
