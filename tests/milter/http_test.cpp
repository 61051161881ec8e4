// The two pages by HTTP: as text, and beside clients that are honest, silent, endless and many.
#include "milter/http_server.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <catch2/catch.hpp>
#include <list>
#include <stdexcept>
#include <string>

using milter::HttpServer;
using milter::Page;

namespace {

std::optional<Page> page(std::string_view path) {
  if (path == "/metrics") return Page{200, "text/plain", "m 1\n"};
  if (path == "/healthz") return Page{503, "application/json", "{}\n"};
  return std::nullopt;
}

std::string first_line(const std::string& response) { return response.substr(0, response.find("\r\n")); }

base::Descriptor connected(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("nobody answers");
  return base::Descriptor(socket);
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

struct World {
  World() {
    std::string pattern = "/tmp/signet-http-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a folder");
    folder = pattern;
    path = folder + "/metrics.sock";
    server = std::make_unique<HttpServer>("unix:" + path, "", 0640, page, log);
    server->start();
  }
  ~World() {
    server.reset();
    ::rmdir(folder.c_str());
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  [[nodiscard]] std::string ask(std::string_view request) const {
    const auto client = connected(path);
    say(client, request);
    return hear(client);
  }
  [[nodiscard]] bool answers() const { return ask("GET /metrics HTTP/1.1\r\n\r\n").ends_with("\r\n\r\nm 1\n"); }

  base::NullLog log;
  std::string folder, path;
  std::unique_ptr<HttpServer> server;
};

}  // namespace

TEST_CASE("http: what is asked is answered", "[milter]") {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK"},
      {"GET /metrics?x=1 HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK"},
      {"GET /metrics HTTP/1.1\n\n", "HTTP/1.1 200 OK"},  // RFC 9112 §2.2: a lone LF may be taken for a line's end
      {"GET /healthz HTTP/1.1\r\n\r\n", "HTTP/1.1 503 Service Unavailable"},
      {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found"},
      {"GET /metrics/ HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found"},
      {"POST /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 405 Method Not Allowed"},
      {"get /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 405 Method Not Allowed"},  // RFC 9110 §9.1: methods have a case
      {"GET /metrics\r\n\r\n", "HTTP/1.1 400 Bad Request"},
      {"GET  /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 400 Bad Request"},
      {"GET metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 400 Bad Request"},
      {"GET /metrics HTTP/2\r\n\r\n", "HTTP/1.1 400 Bad Request"},
      {"\r\n\r\n", "HTTP/1.1 400 Bad Request"},
      {std::string("\0\xff\x16\x03\n\n", 6), "HTTP/1.1 400 Bad Request"},
      {"GET /metrics HTTP/1.1\r\n", "HTTP/1.1 431 Request Header Fields Too Large"},
  };
  for (const auto& [request, status] : rows) {
    INFO(request);
    CHECK(first_line(milter::answer_http(request, page)) == status);
  }
}

TEST_CASE("http: HEAD is GET without the body", "[milter]") {
  const std::string head = milter::answer_http("HEAD /metrics HTTP/1.1\r\n\r\n", page);
  CHECK(head + "m 1\n" == milter::answer_http("GET /metrics HTTP/1.1\r\n\r\n", page));
  CHECK(head.find("Content-Length: 4\r\n") != std::string::npos);
}

TEST_CASE("http server: a page is served, in pieces, too, and the path has its mode", "[milter]") {
  const World world;
  CHECK(world.answers());
  const auto client = connected(world.path);
  for (const char c : std::string("GET /metrics HTTP/1.1\r\n\r\n")) say(client, {&c, 1});
  CHECK(first_line(hear(client)) == "HTTP/1.1 200 OK");
  struct stat status {};
  REQUIRE(::stat(world.path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0640);
}

TEST_CASE("http server: a header ends at its limit", "[milter][limits]") {
  const World world;
  const std::string start = "GET /metrics HTTP/1.1\r\nX: ";
  const std::string end = "\r\n\r\n";
  const std::size_t room = milter::max_http_head_octets - start.size() - end.size();
  CHECK(first_line(world.ask(start + std::string(room, 'x') + end)) == "HTTP/1.1 200 OK");
  CHECK(first_line(world.ask(start + std::string(room + end.size(), 'x'))) == "HTTP/1.1 431 Request Header Fields Too Large");
}

TEST_CASE("http server: silent clients in any number keep nobody waiting", "[milter][limits]") {
  const World world;
  std::list<base::Descriptor> silent;
  for (std::size_t i = 0; i < 3 * HttpServer::max_clients; ++i) {
    silent.emplace_back(::dup(connected(world.path).number()));
    say(silent.back(), "GET /metr");
  }
  const auto start = std::chrono::steady_clock::now();
  CHECK(world.answers());
  CHECK(std::chrono::steady_clock::now() - start < HttpServer::patience / 2);
  CHECK(hear(silent.front()).empty());  // left, as the oldest
}

TEST_CASE("http server: a silent client is left after its time", "[milter][limits]") {
  const World world;
  const auto client = connected(world.path);
  say(client, "GET /metrics HTTP/1.1\r\n");
  CHECK(hear(client).empty());
  CHECK(world.answers());
}

TEST_CASE("http server: its end waits for nobody, and removes the path", "[milter]") {
  World world;
  const auto client = connected(world.path);
  CHECK(world.answers());
  world.server.reset();
  CHECK(::access(world.path.c_str(), F_OK) != 0);
}
