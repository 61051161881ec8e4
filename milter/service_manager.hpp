#pragma once
// What systemd is told, if it is systemd that started us (sd_notify(3), Type=notify). Otherwise none of it does anything.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace milter {

/// Connections are taken; `status` is what `systemctl status` shows. Also after a reload, well or badly ended.
void tell_ready(const std::string& status);
/// The configuration is being read again; tell_ready() follows.
void tell_reloading();
/// No new connections are taken, and messages in progress get time to finish.
void tell_stopping();
/// Expected at least every watchdog_interval(), else systemd takes the daemon for dead and starts it anew.
void tell_alive();
/// Nothing: nobody waits for signs of life.
[[nodiscard]] std::optional<std::chrono::microseconds> watchdog_interval();
/// The descriptors that were passed to this process (sd_listen_fds(3)): open, and not for programs that it starts. Once only.
[[nodiscard]] std::vector<int> take_passed_descriptors();

}  // namespace milter
