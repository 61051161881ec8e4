#pragma once
// One saved message through auth/, exactly as the daemon would take it.

#include <memory>
#include <optional>
#include <string>

#include "auth/message_check.hpp"
#include "base/log.hpp"
#include "base/time.hpp"
#include "dns/resolver.hpp"

namespace cli {

/// Where answers and rules come from: shared by all commands that judge, sign or ask.
struct Sources {
  std::string config;               // empty: the defaults of an empty file
  std::string zone_file;            // overrides the configuration
  std::string dns;                  // "ADDRESS" or "ADDRESS:PORT", overrides the configuration
  std::optional<std::int64_t> now;  // seconds since 1970; none: the clock
};

/// A message file could not be read; what() names it and the reason.
class FileError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The name of this machine; "localhost" if it has none.
[[nodiscard]] std::string host_name();

inline constexpr std::size_t max_message_octets = std::size_t{1} << 30U;

/// The whole file; "-" is standard input. Throws FileError.
[[nodiscard]] std::string read_message_file(const std::string& path);

/// Options as the sources say, for a message in `role`: judged whatever the client's address, or signed.
/// Throws conf::Error.
[[nodiscard]] auth::Options load_options(const Sources& sources, auth::Role role);

/// What deserves attention goes to standard error.
class StderrLog final : public base::Log {
 public:
  using base::Log::write;
  void write(base::LogLevel level, base::LogComponent component, std::string_view text,
             const base::LogFields& fields) noexcept override;
};

/// Where answers come from, as the sources say. `log` must outlive it. Throws conf::Error.
[[nodiscard]] std::unique_ptr<dns::Resolver> open_resolver(const Sources& sources, base::Log& log);

/// The time that the sources say, else that of the clock.
[[nodiscard]] base::UnixTime time_of(const Sources& sources);

/// Of an argument or option named `what`. Throws std::invalid_argument.
[[nodiscard]] base::IpAddress read_address(std::string_view what, const std::string& text);
[[nodiscard]] base::Domain read_domain(std::string_view what, const std::string& text);

/// Runs the message with answers of this resolver. `log` hears what deserves attention.
[[nodiscard]] auth::Report run_message(dns::Resolver& resolver, base::Log& log, base::UnixTime now, auth::Options options,
                                       auth::Envelope envelope, const std::string& octets);
/// The same with a resolver as the sources say. Throws conf::Error when the zone file or a server cannot be used.
[[nodiscard]] auth::Report run_message(const Sources& sources, auth::Options options, auth::Envelope envelope,
                                       const std::string& octets);

}  // namespace cli
