// signetd: the daemon's composition root. Builds everything, runs until told to stop, takes it apart in order.

#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>

#include "auth/configure.hpp"
#include "auth/make_resolver.hpp"
#include "conf/load.hpp"
#include "milter/callbacks.hpp"
#include "milter/daemon_sockets.hpp"
#include "milter/doorkeeper.hpp"
#include "milter/key_watch.hpp"
#include "milter/log_sink.hpp"
#include "milter/metrics.hpp"
#include "milter/privileges.hpp"
#include "milter/reloader.hpp"
#include "milter/service_manager.hpp"
#include "milter/shutdown.hpp"
#include "milter/signals.hpp"

namespace {

constexpr int exit_unavailable = 69;  // sysexits.h EX_UNAVAILABLE: the socket cannot be opened
constexpr int exit_software = 70;     // EX_SOFTWARE: libmilter failed

base::UnixTime wall_clock() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

/// Sampling by RFC 7489's pct: fresh for every message, so that nobody can find out beforehand which ones are let off.
std::uint32_t draw_percentile() {
  std::random_device device;
  return std::uniform_int_distribution<std::uint32_t>(0, 99)(device);
}

/// The next signal. Meanwhile the service manager gets its signs of life, twice as often as it expects them.
milter::Event wait_for_event(milter::Signals& signals) {
  const auto interval = milter::watchdog_interval();
  for (;;) {
    std::optional<base::SteadyTime> deadline;
    if (interval) deadline = std::chrono::steady_clock::now() + *interval / 2;
    if (const auto event = signals.wait(deadline)) return *event;
    milter::tell_alive();
  }
}

/// Whoever asked for it, the service manager is told.
milter::Answer reload(milter::Reloader& reloader, milter::Metrics& metrics, milter::KeyWatch& watch) {
  milter::tell_reloading();
  milter::Answer answer = reloader.reload();
  metrics.count_reload(answer.is_ok, wall_clock());
  milter::tell_ready(answer.text);
  watch.look_soon();
  return answer;
}

/// Serves until SIGTERM or SIGINT. Hang-ups that come while one is obeyed are one more together.
void serve_until_told(milter::Signals& signals, const std::function<milter::Answer()>& reload) {
  while (wait_for_event(signals) != milter::Event::terminate) static_cast<void>(reload());
}

/// The watch has what became active put in force by a reload like any other; it has looked already.
milter::KeyWatch::Surroundings watch_surroundings(milter::Service& service, milter::Reloader& reloader,
                                                  milter::Metrics& metrics) {
  const auto put_in_force = [&] { metrics.count_reload(reloader.reload().is_ok, wall_clock()); };
  return {service.setup, service.log, service.now, put_in_force, keys::ask_directly(service.log)};
}

int serve(const std::string& file, const conf::Settings& settings, auth::Configured configured) {
  milter::Signals::block();
  const auto passed = milter::find_passed_socket(settings.milter);
  const std::size_t descriptors = milter::raise_descriptor_limit();
  const auto log = milter::make_log(settings.log);
  if (milter::is_root())
    log->write(base::LogLevel::warning, base::LogComponent::daemon,
               "runs as root, and need not: daemon.user is whom it should become");
  for (const auto& warning : configured.warnings) log->write(base::LogLevel::warning, base::LogComponent::config, warning);
  const std::string status =
      fmt::format("{} socket={}", milter::describe(settings, configured.options), settings.milter.socket);
  auto setup = std::make_shared<const milter::Setup>(
      milter::Setup{std::move(configured.options), auth::make_resolver(settings.dns, *log)});
  milter::Metrics metrics(wall_clock());
  milter::Service service{*log, wall_clock, draw_percentile, milter::SetupInForce(std::move(setup))};
  milter::Reloader reloader(file, settings, service.setup, *log);
  milter::KeyWatch watch(watch_surroundings(service, reloader, metrics));
  const auto reload_all = [&] { return reload(reloader, metrics, watch); };
  auto control = milter::open_control(settings.control, reload_all, *log);
  auto monitor = milter::open_monitor(settings.metrics, service, metrics, watch);
  milter::open_filter(service, settings.milter, passed);
  if (control) control->start();
  if (monitor) monitor->start();
  watch.start();

  std::atomic<bool> ok{true};
  std::thread filter([&] {
    ok = milter::run_filter();
    ::kill(::getpid(), SIGTERM);  // should libmilter give up by itself, main must not wait for ever
  });
  milter::Signals signals;
  log->write(base::LogLevel::info, base::LogComponent::daemon,
             fmt::format("signetd {} ready: {} descriptors={}", SIGNET_VERSION, status, descriptors));
  milter::tell_ready(status);
  serve_until_told(signals, reload_all);
  milter::tell_stopping();
  control.reset();
  if (monitor) monitor->set_draining();
  milter::drain(service, signals, reloader.shutdown_grace(), *log);
  milter::stop_filter();
  filter.join();
  monitor.reset();
  service.shadow.tell();
  log->write(base::LogLevel::info, base::LogComponent::daemon, "stopped");
  if (!milter::wait_for_sessions(service)) milter::leave_at_once(ok ? 0 : exit_software);
  return ok ? 0 : exit_software;
}

struct Arguments {
  std::string config = "/etc/signet/signet.toml";
  std::string check;
};

/// Whether the process has become, or was, the user whom the configuration names.
bool become_user(const conf::Daemon& settings, bool only_check) try {
  if (settings.user.empty() && !settings.group.empty())
    throw conf::Error(settings.group_position, "found a group without a user, expected daemon.user beside it");
  if (settings.user.empty() || (only_check && !milter::is_root())) return false;
  milter::become(settings.user, settings.group);
  return true;
} catch (const milter::AccountError& error) {
  const bool is_user = error.which == milter::AccountError::Which::user;
  throw conf::Error(is_user ? settings.user_position : settings.group_position, error.what());
}

/// `as_whom`: what messages end with, for whom root's rights had deceived.
int run(const Arguments& arguments, std::string& as_whom) {
  const bool only_check = !arguments.check.empty();
  const std::string& file = only_check ? arguments.check : arguments.config;
  conf::Settings settings = conf::load(file);
  if (become_user(settings.daemon, only_check)) {
    as_whom = fmt::format(" (as user {})", settings.daemon.user);
    settings = conf::load(file);  // what this user cannot read, a reload could not
  }
  auth::Configured configured = auth::configure(settings);
  if (!only_check) return serve(file, settings, std::move(configured));
  for (const auto& warning : configured.warnings) fmt::print(stderr, "warning: {}\n", warning);
  base::NullLog quiet;
  static_cast<void>(auth::make_resolver(settings.dns, quiet));
  fmt::print("{}: ok ({} socket={})\n", file, milter::describe(settings, configured.options), settings.milter.socket);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::string as_whom;
  try {
    milter::fill_standard_descriptors();
    CLI::App app("signetd: SPF, DKIM and DMARC for Postfix and Sendmail, as one mail filter");
    Arguments arguments;
    app.add_option("-c,--config", arguments.config, "configuration file")->capture_default_str();
    app.add_option("--check", arguments.check, "check this configuration file, its keys and zone file, and exit");
    app.set_version_flag("--version", std::string("signetd ") + SIGNET_VERSION);
    CLI11_PARSE(app, argc, argv);
    return run(arguments, as_whom);
  } catch (const conf::Error& error) {
    fmt::print(stderr, "signetd: {}{}\n", error.what(), as_whom);
    return conf::exit_bad_configuration;
  } catch (const milter::SocketError& error) {
    fmt::print(stderr, "signetd: {}{}\n", error.what(), as_whom);
    return exit_unavailable;
  } catch (const std::exception& error) {
    fmt::print(stderr, "signetd: {}{}\n", error.what(), as_whom);
    return exit_software;
  }
}
