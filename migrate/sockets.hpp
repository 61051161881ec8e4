#pragma once
// The sockets of milters as three programs write them: inet:PORT@HOST (opendkim and ours), inet:HOST:PORT (Postfix),
// local: or unix:PATH, which Postfix may mean inside its queue directory.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/context.hpp"
#include "migrate/old_settings.hpp"

namespace migrate {

struct MilterSocket {
  std::string path;   // unix; empty: inet
  unsigned port = 0;  // inet
};

/// As opendkim.conf(5) Socket.
[[nodiscard]] std::optional<MilterSocket> read_socket(std::string_view text);
/// As an item of Postfix's smtpd_milters.
[[nodiscard]] std::optional<MilterSocket> read_postfix_socket(std::string_view text);

/// Whether Postfix's socket may be the old program's: the same port, or a path that ends alike.
[[nodiscard]] bool is_same(const MilterSocket& postfix, const MilterSocket& old);

/// What the import knows of sockets.
struct Sockets {
  std::vector<MilterSocket> old;
  unsigned port = 0;  // ours, on 127.0.0.1
};

/// Reads those of the old programs, and chooses a port for ours that none of them has.
[[nodiscard]] Sockets map_sockets(const OldSettings& opendkim, const OldSettings& opendmarc, Context& context);

}  // namespace migrate
