#pragma once
// The one door to libmilter: registration, the socket, the loop, the stop. Nothing here decides anything.
// libmilter is a C library with global state: one Filter per process, on one socket.

#include "milter/session.hpp"
#include "milter/socket.hpp"

namespace milter {

/// Registers the callbacks and opens the socket (removing a stale unix socket that nobody listens on).
/// With a passed socket libmilter opens one of its own for a moment only. TCP_NODELAY is set on the listening socket and so on
/// every connection. `service` outlives the process's use of libmilter. Throws SocketError.
void open_filter(Service& service, const SocketOptions& socket);

/// Serves until stop_filter(). Call it in a thread of its own with SIGHUP, SIGTERM and SIGINT blocked. False: libmilter gave
/// up by itself.
[[nodiscard]] bool run_filter();

/// No new connections from now on; those that are open go on. Uses SIGUSR1.
void stop_accepting();

/// Connections that have not come to a message yet, those included that libmilter has made no session of.
[[nodiscard]] std::size_t count_newcomers() noexcept;

/// After stop_accepting(): ends run_filter(), cutting what is open. Comes back when it has ended.
void stop_filter();

}  // namespace milter
