#include "milter/socket.hpp"

#include <dirent.h>
#include <fmt/format.h>
#include <grp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>

#include "base/descriptor.hpp"
#include "base/text.hpp"

namespace milter {
namespace {

std::optional<std::string> unix_path(const std::string& address) {
  for (const std::string_view prefix : {"unix:", "local:"})
    if (address.starts_with(prefix)) return address.substr(prefix.size());
  return std::nullopt;
}

[[noreturn]] void fail(const std::string& what) { throw SocketError(fmt::format("{} ({})", what, last_system_error())); }

bool is_listening(int descriptor) {
  int value = 0;
  socklen_t size = sizeof value;
  return ::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0 && value != 0;
}

int family_of(int descriptor) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  return ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) == 0 ? address.ss_family : AF_UNSPEC;
}

std::vector<int> open_descriptors() {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc/self/fd"), &::closedir);
  if (!folder) fail("cannot read /proc/self/fd");
  std::vector<int> found;
  while (const dirent* entry = ::readdir(folder.get())) {
    std::uint64_t descriptor = 0;
    if (base::parse_number(entry->d_name, INT32_MAX, descriptor)) found.push_back(static_cast<int>(descriptor));
  }
  return found;
}

}  // namespace

std::string last_system_error() { return std::strerror(errno); }

void refuse_taken_path(const std::string& address) {
  const auto path = unix_path(address);
  sockaddr_un peer{};
  if (!path || path->size() >= sizeof peer.sun_path) return;
  struct stat status {};
  if (::stat(path->c_str(), &status) == 0 && !S_ISSOCK(status.st_mode))
    throw SocketError(fmt::format("socket {}: found something else in its place, expected a socket or nothing", address));
  peer.sun_family = AF_UNIX;
  std::memcpy(peer.sun_path, path->c_str(), path->size() + 1);
  const base::Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!probe.is_open()) fail("cannot make a socket");
  if (::connect(probe.number(), reinterpret_cast<const sockaddr*>(&peer), sizeof peer) == 0)
    throw SocketError(fmt::format("socket {}: found another program answering on it, expected a free address", address));
}

std::vector<int> listening_descriptors() {
  std::vector<int> found = open_descriptors();
  found.erase(std::remove_if(found.begin(), found.end(), [](int descriptor) { return !is_listening(descriptor); }),
              found.end());
  return found;
}

int find_new_listener(const std::vector<int>& before) {
  for (const int descriptor : listening_descriptors())
    if (std::find(before.begin(), before.end(), descriptor) == before.end()) return descriptor;
  throw SocketError("found no listening socket after opening it, expected one");
}

std::string local_name(int descriptor) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  if (address.ss_family == AF_UNIX)
    return {reinterpret_cast<const char*>(&address) + sizeof address.ss_family, size - sizeof address.ss_family};
  if (address.ss_family == AF_INET) return fmt::format("inet:{}", reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
  if (address.ss_family == AF_INET6) return fmt::format("inet6:{}", reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port);
  return {};
}

std::size_t count_connections(const std::string& name) {
  const std::vector<int> open = open_descriptors();
  return static_cast<std::size_t>(std::count_if(
      open.begin(), open.end(), [&](int descriptor) { return local_name(descriptor) == name && !is_listening(descriptor); }));
}

void prepare_socket(int listening, const SocketOptions& options) {
  if (family_of(listening) != AF_UNIX) {
    const int on = 1;
    if (::setsockopt(listening, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) fail("cannot set TCP_NODELAY");
    return;
  }
  if (options.passed) return;  // the service manager made it
  const std::string path = unix_path(options.address).value_or(options.address);
  if (!options.group.empty()) {
    errno = 0;
    const group* entry = ::getgrnam(options.group.c_str());
    if (entry == nullptr)
      throw SocketError(fmt::format("socket {}: found group \"{}\", expected a group of this system", path, options.group));
    if (::chown(path.c_str(), static_cast<uid_t>(-1), entry->gr_gid) != 0)
      fail(fmt::format("socket {}: cannot set its group", path));
  }
  if (::chmod(path.c_str(), static_cast<mode_t>(options.mode)) != 0) fail(fmt::format("socket {}: cannot set its mode", path));
}

void bind_path(int socket, const std::string& path, const std::string& group, std::uint32_t mode) {
  const std::string address = "unix:" + path;
  refuse_taken_path(address);
  sockaddr_un own{};
  own.sun_family = AF_UNIX;
  if (path.size() >= sizeof own.sun_path)
    throw SocketError(
        fmt::format("socket {}: found a path of {} octets, expected at most {}", path, path.size(), sizeof own.sun_path - 1));
  path.copy(own.sun_path, path.size());
  if (::unlink(path.c_str()) != 0 && errno != ENOENT)
    fail(fmt::format("socket {}: found one that cannot be replaced, expected a free path", path));
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0)
    fail(fmt::format("socket {}: found that it cannot be opened, expected a path that can be written to", path));
  prepare_socket(socket, {address, group, mode, std::nullopt});
}

}  // namespace milter
