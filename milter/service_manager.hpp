#pragma once
// What systemd is told, if it is systemd that started us (sd_notify(3), Type=notify). Otherwise none of it does anything.

#include <chrono>
#include <optional>
#include <string>

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

}  // namespace milter
