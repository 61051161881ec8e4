#pragma once
// The configuration read again while messages are handled: all of it is read and checked before anything changes, then it
// is in force in one step. docs/adr/0011 has what a message in progress keeps.

#include <chrono>
#include <mutex>
#include <string>

#include "auth/options.hpp"
#include "conf/settings.hpp"
#include "milter/control.hpp"
#include "milter/log_sink.hpp"
#include "milter/setup.hpp"

namespace milter {

/// For log lines: "mode=… signing=… dmarc=… dns=…".
[[nodiscard]] std::string describe(const conf::Settings& settings, const auth::Options& options);

class Reloader {
 public:
  /// `settings` are what `file` said at the start, and `setup` what was made of them. `setup` and `log` outlive this.
  Reloader(std::string file, conf::Settings settings, SetupInForce& setup, DaemonLog& log);

  /// Reads the file again, with its keys, zone file and suffix list. Whatever is wrong, the old stays in force and the answer
  /// says what: a place in the file, what was found and what was expected. Logged. Any thread; one after the other.
  [[nodiscard]] Answer reload() noexcept;

  /// As last read.
  [[nodiscard]] std::chrono::seconds shutdown_grace() const;

 private:
  [[nodiscard]] std::string put_in_force(conf::Settings settings);
  [[nodiscard]] bool wants_other_resolver(const conf::Settings& settings) const;
  [[nodiscard]] std::string list_pending(const conf::Settings& settings) const;

  const std::string file_;
  SetupInForce& setup_;
  DaemonLog& log_;
  const conf::Settings at_start_;  // without the rules, as the next
  mutable std::mutex mutex_;
  conf::Settings last_read_;  // under mutex_
};

}  // namespace milter
