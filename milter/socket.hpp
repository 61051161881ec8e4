#pragma once
// What the milter socket needs beyond what libmilter does for it; and what the control socket needs of the same.

#include <cstdint>
#include <stdexcept>
#include <string>

namespace milter {

struct SocketOptions {
  std::string address;        // inet:PORT@HOST inet6:PORT@HOST unix:PATH local:PATH
  std::string group;          // unix: only; empty: leave
  std::uint32_t mode = 0660;  // unix: only
};

/// Start-up failed; what() says what was found and what was expected.
class SocketError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws SocketError when a unix socket exists and somebody answers on it: libmilter would take it over; and when
/// its path is that of something else.
void refuse_taken_path(const std::string& address);

/// libmilter does not tell its descriptor: the one socket of this process that is listening.
/// Throws SocketError when there is none.
[[nodiscard]] int find_listening_descriptor();

/// unix: group and mode. TCP: no Nagle, which with delayed ACKs costs 40 ms per message; connections inherit it.
void prepare_socket(int listening, const SocketOptions& options);

[[nodiscard]] std::string last_system_error();

}  // namespace milter
