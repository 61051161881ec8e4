#include "milter/reloader.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "auth/configure.hpp"
#include "auth/make_resolver.hpp"
#include "conf/load.hpp"
#include "conf/options.hpp"
#include "conf/syntax.hpp"

namespace milter {
namespace {

constexpr std::size_t max_reason_octets = 1024;

/// Rules may be many, and nothing here asks for them.
conf::Settings without_rules(conf::Settings settings) {
  settings.sign.rules.clear();
  settings.sign.rules.shrink_to_fit();
  return settings;
}

Answer refuse(std::string_view reason) noexcept try {
  return {false, fmt::format("not reloaded, what was in force stays: {}", reason)};
} catch (const std::exception&) {
  return {false, "out of memory"};  // short enough to need none
}

std::string_view name_of(const conf::Dns& settings) {
  if (!settings.zone_file.empty()) return settings.zone_file;
  return settings.servers.empty() ? "system" : "configured";
}

}  // namespace

std::string describe(const conf::Settings& settings, const auth::Options& options) {
  return fmt::format("mode={} signing={} dmarc={} dns={}",
                     options.shadow.is_on ? "shadow"
                     : options.is_monitor ? "monitor"
                                          : "enforce",
                     options.signing_table.is_empty() ? "off" : "on", options.suffix_list ? "psl" : "treewalk",
                     name_of(settings.dns));
}

Reloader::Reloader(std::string file, conf::Settings settings, SetupInForce& setup, DaemonLog& log)
    : file_(std::move(file)), setup_(setup), log_(log), at_start_(without_rules(std::move(settings))), last_read_(at_start_) {}

Answer Reloader::reload() noexcept {
  const std::lock_guard lock(mutex_);
  Answer answer;
  try {
    answer = {true, put_in_force(conf::load(file_))};
  } catch (const conf::Error& error) {
    answer = refuse(error.what());
  } catch (const std::exception& error) {
    answer = refuse(conf::printable_words(error.what(), max_reason_octets));
  }
  log_.write(answer.is_ok ? base::LogLevel::info : base::LogLevel::error, base::LogComponent::config, answer.text);
  return answer;
}

/// Everything that can fail comes before the first change.
std::string Reloader::put_in_force(conf::Settings settings) {
  auth::Configured configured = auth::configure(settings);
  std::shared_ptr<dns::Resolver> resolver = setup_.take()->resolver;
  if (wants_other_resolver(settings)) resolver = auth::make_resolver(settings.dns, log_);
  std::string text = fmt::format("reloaded: {}{}", describe(settings, configured.options), list_pending(settings));
  settings = without_rules(std::move(settings));
  auto next = std::make_shared<const Setup>(Setup{std::move(configured.options), std::move(resolver)});

  log_.set_levels(settings.log);
  for (const auto& warning : configured.warnings) log_.write(base::LogLevel::warning, base::LogComponent::config, warning);
  setup_.replace(std::move(next));
  last_read_ = std::move(settings);
  return text;
}

/// A zone file is a part of the configuration that may say other things than before under the same name.
bool Reloader::wants_other_resolver(const conf::Settings& settings) const {
  const auto changed = conf::differences(last_read_, settings);
  return !settings.dns.zone_file.empty() || std::any_of(changed.begin(), changed.end(), [](const conf::Option* option) {
    return conf::table_of(option->key) == "dns";
  });
}

/// What the file says and only a restart will do; empty, or "; at restart: milter.socket log.target".
std::string Reloader::list_pending(const conf::Settings& settings) const {
  std::string keys;
  for (const conf::Option* option : conf::differences(at_start_, settings))
    if (option->needs_restart) keys += fmt::format(" {}", option->key);
  return keys.empty() ? keys : "; at restart:" + keys;
}

std::chrono::seconds Reloader::shutdown_grace() const {
  const std::lock_guard lock(mutex_);
  return last_read_.milter.shutdown_grace;
}

}  // namespace milter
