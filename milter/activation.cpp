#include "milter/activation.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cstdlib>

#include "milter/socket.hpp"

namespace milter {
namespace {

constexpr std::string_view expected = "expected one stream socket that listens (one ListenStream=, and not Accept=yes)";

int option_of(int descriptor, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  return ::getsockopt(descriptor, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

[[noreturn]] void refuse(std::string_view what) {
  throw SocketError(fmt::format("found that systemd passed {}, {}", what, expected));
}

std::string make_folder() {
  const char* place = std::getenv("TMPDIR");  // NOLINT(concurrency-mt-unsafe): nothing changes the environment
  std::string path = fmt::format("{}/signetd-XXXXXX", place == nullptr ? "/tmp" : place);
  if (::mkdtemp(path.data()) == nullptr)
    throw SocketError(fmt::format(
        "found no place for the folder {} ({}), expected one, as the passed socket is a unix: one; TMPDIR says where", path,
        last_system_error()));
  return path;
}

}  // namespace

int check_passed_socket(std::span<const int> passed) {
  if (passed.size() != 1) refuse(fmt::format("more than one socket ({})", passed.size()));
  const int descriptor = passed.front();
  const int family = option_of(descriptor, SO_DOMAIN);
  if (family < 0) refuse("what is no socket");
  if (family != AF_INET && family != AF_INET6 && family != AF_UNIX)
    refuse("a socket of another family than inet, inet6 and unix");
  if (option_of(descriptor, SO_TYPE) != SOCK_STREAM) refuse("a socket of another type than stream");
  if (option_of(descriptor, SO_ACCEPTCONN) != 1) refuse("a socket that does not listen");
  return descriptor;
}

StandIn::StandIn(int passed) {
  switch (option_of(passed, SO_DOMAIN)) {  // another family's clients libmilter would not take
    case AF_INET:
      address_ = "inet:0@127.0.0.1";
      break;
    case AF_INET6:
      address_ = "inet6:0@::1";
      break;
    default:
      folder_ = make_folder();
      address_ = "unix:" + folder_ + "/socket";
  }
}

StandIn::~StandIn() {
  if (folder_.empty()) return;
  ::unlink((folder_ + "/socket").c_str());
  ::rmdir(folder_.c_str());
}

void put_in_place(int passed, int listening) {
  if (::dup3(passed, listening, O_CLOEXEC) < 0)
    throw SocketError(fmt::format("cannot put the passed socket in place ({})", last_system_error()));
  ::close(passed);
}

}  // namespace milter
