#include "milter/daemon_sockets.hpp"

#include <fmt/format.h>
#include <utility>

#include "conf/load.hpp"
#include "milter/activation.hpp"
#include "milter/callbacks.hpp"
#include "milter/service_manager.hpp"

namespace milter {
namespace {

/// Runs `open`; a socket that cannot be had is reported with its place in the configuration, if it has one.
template <class Open>
void open_at(const conf::Position& position, Open open) try {
  open();
} catch (const SocketError& error) {
  if (position.line == 0) throw;
  throw SocketError(conf::Error(position, error.what()).what());
}

}  // namespace

void open_filter(Service& service, const conf::Milter& settings, std::optional<int> passed) {
  open_at(settings.socket_position, [&] {
    open_filter(service, {settings.socket, settings.socket_group, settings.socket_mode, passed});
  });
}

std::optional<int> find_passed_socket(const conf::Milter& settings) {
  std::optional<int> socket;
  const auto passed = take_passed_descriptors();
  const bool is_wanted = settings.socket == conf::passed_socket;
  if (is_wanted && passed.empty())
    throw conf::Error(settings.socket_position,
                      fmt::format("found milter.socket = \"{}\" and no socket passed, expected one of systemd's (systemctl "
                                  "enable --now signet.socket)",
                                  settings.socket));
  if (!is_wanted && !passed.empty())
    throw conf::Error(
        settings.socket_position,
        fmt::format("found milter.socket = \"{}\" and a socket passed by systemd, expected milter.socket = \"{}\", "
                    "or no signet.socket (systemctl disable --now signet.socket)",
                    settings.socket, conf::passed_socket));
  if (is_wanted) open_at(settings.socket_position, [&] { socket = check_passed_socket(passed); });
  return socket;
}

std::unique_ptr<Control> open_control(const conf::Control& settings, Control::Reload reload, base::Log& log) {
  std::unique_ptr<Control> control;
  if (settings.socket.empty()) return control;
  open_at(settings.socket_position, [&] {
    control = std::make_unique<Control>(settings.socket, settings.socket_group, settings.socket_mode, std::move(reload), log);
  });
  return control;
}

std::unique_ptr<Monitor> open_monitor(const conf::Metrics& settings, Service& service, Metrics& metrics,
                                      const KeyWatch& watch) {
  std::unique_ptr<Monitor> monitor;
  if (settings.listen.empty()) return monitor;
  service.metrics = &metrics;
  open_at(settings.listen_position, [&] {
    monitor = std::make_unique<Monitor>(settings.listen, settings.socket_group, settings.socket_mode, service, watch);
  });
  return monitor;
}

}  // namespace milter
