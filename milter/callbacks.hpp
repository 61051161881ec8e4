#pragma once
// The one door to libmilter: registration, the socket, the loop, the stop. Nothing here decides anything.
// libmilter is a C library with global state: one Filter per process, on one socket.

#include "milter/session.hpp"
#include "milter/socket.hpp"

namespace milter {

/// Registers the callbacks and opens the socket (removing a stale unix socket that nobody listens on).
/// TCP_NODELAY is set on the listening socket and so on every connection. `service` outlives the process's
/// use of libmilter. Throws SocketError.
void open_filter(Service& service, const SocketOptions& socket);

/// Serves until stop_filter(). Call it in a thread of its own with SIGHUP, SIGTERM and SIGINT blocked. False: libmilter gave
/// up by itself.
[[nodiscard]] bool run_filter();

/// No new connections from now on; those that are open go on. Uses SIGUSR1.
void stop_accepting();

/// After stop_accepting(): ends run_filter(), cutting what is open. Comes back when it has ended.
void stop_filter();

}  // namespace milter
