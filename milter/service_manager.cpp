#include "milter/service_manager.hpp"

#include <systemd/sd-daemon.h>
#include <cstdint>

namespace milter {
namespace {

/// Whether it got there is nothing that we could do anything about.
void tell(const std::string& words) { static_cast<void>(::sd_notify(0, words.c_str())); }

}  // namespace

void tell_ready(const std::string& status) { tell("READY=1\nSTATUS=" + status); }
void tell_reloading() { tell("RELOADING=1"); }
void tell_stopping() { tell("STOPPING=1\nSTATUS=messages in progress may finish"); }
void tell_alive() { tell("WATCHDOG=1"); }

std::optional<std::chrono::microseconds> watchdog_interval() {
  std::uint64_t microseconds = 0;
  if (::sd_watchdog_enabled(0, &microseconds) <= 0) return std::nullopt;
  return std::chrono::microseconds{microseconds};
}

std::vector<int> take_passed_descriptors() {
  std::vector<int> passed;
  const int count = ::sd_listen_fds(1);
  for (int i = 0; i < count; ++i) passed.push_back(SD_LISTEN_FDS_START + i);
  return passed;
}

}  // namespace milter
