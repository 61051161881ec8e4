#pragma once
// What the milter socket needs beyond what libmilter does for it; and what the control socket needs of the same.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace milter {

struct SocketOptions {
  std::string address;        // inet:PORT@HOST inet6:PORT@HOST unix:PATH local:PATH
  std::string group;          // unix: only; empty: leave
  std::uint32_t mode = 0660;  // unix: only
  std::optional<int> passed;  // a listening socket that is used in place of the address; group and mode are its own
};

/// Start-up failed; what() says what was found and what was expected.
class SocketError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws SocketError when a unix socket exists and somebody answers on it: libmilter would take it over; and when
/// its path is that of something else.
void refuse_taken_path(const std::string& address);

/// The sockets of this process that are listening.
[[nodiscard]] std::vector<int> listening_descriptors();
/// libmilter does not tell its descriptor: the one that is listening now and was not before. Throws SocketError when there
/// is none.
[[nodiscard]] int find_new_listener(const std::vector<int>& before);

/// What a socket and the connections that came in by it have in common: the port, or the path. Empty: no such socket.
[[nodiscard]] std::string local_name(int descriptor);
/// The connections of this process that came in by the socket of this name. Throws SocketError where /proc cannot be read.
[[nodiscard]] std::size_t count_connections(const std::string& name);

/// unix: group and mode. TCP: no Nagle, which with delayed ACKs costs 40 ms per message; connections inherit it.
void prepare_socket(int listening, const SocketOptions& options);

/// Gives a unix socket its path, with group and mode, in the place of one that nobody answers on: what a daemon left that was
/// killed. Throws SocketError when somebody does, when it is the path of something else, or when it cannot be had.
void bind_path(int socket, const std::string& path, const std::string& group, std::uint32_t mode);

[[nodiscard]] std::string last_system_error();

}  // namespace milter
