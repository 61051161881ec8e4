#pragma once
// The sockets of the daemon, as the configuration wants them. What cannot be had is told with its place in the configuration:
// all of these throw SocketError.

#include <memory>
#include <optional>

#include "conf/settings.hpp"
#include "milter/control.hpp"
#include "milter/monitor.hpp"

namespace milter {

/// The socket that the service manager keeps, if the configuration and the service manager both say that it does. Throws
/// conf::Error where only one of them does.
[[nodiscard]] std::optional<int> find_passed_socket(const conf::Milter& settings);

void open_filter(Service& service, const conf::Milter& settings, std::optional<int> passed);

/// Nothing where the configuration names no control socket. Not yet serving.
[[nodiscard]] std::unique_ptr<Control> open_control(const conf::Control& settings, Control::Reload reload, base::Log& log);

/// Likewise. Only with one are messages counted.
[[nodiscard]] std::unique_ptr<Monitor> open_monitor(const conf::Metrics& settings, Service& service, Metrics& metrics,
                                                    const KeyWatch& watch);

}  // namespace milter
