#pragma once
// Functions that take the place of others when the program is linked: libmilter's reader of packets (mi_rd_cmd) and, as
// libmilter asks before each packet whether there is one, the C library's poll() (ADR 0008, ADR 0012); and its time().

#include <atomic>
#include <cstddef>

#include "base/log.hpp"

namespace milter {

/// Before the first connection. Both outlive the last. `busy`: counts the workers that are inside our code.
void read_packets_for(base::Log& log, std::atomic<std::size_t>& busy);
/// Whether libmilter reads by us: a libmilter that was linked within itself does not see our functions.
[[nodiscard]] bool is_reading_packets();
/// On the thread of a session that is over: what was seen of its connection and not read stays in the socket.
void let_go_of_packets();

}  // namespace milter
