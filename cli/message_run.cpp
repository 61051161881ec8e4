#include "cli/message_run.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>

#include "auth/configure.hpp"
#include "auth/make_resolver.hpp"
#include "conf/load.hpp"
#include "message/message_file.hpp"

namespace cli {
namespace {

conf::Settings load_settings(const Sources& sources) {
  conf::Settings settings = sources.config.empty() ? conf::defaults() : conf::load(sources.config);
  if (!sources.zone_file.empty()) {
    settings.dns.zone_file = sources.zone_file;
    settings.dns.zone_file_position = {"--zone-file", 0, 0};
  }
  if (!sources.dns.empty()) {
    settings.dns.servers = {sources.dns};
    settings.dns.servers_position = {"--dns", 0, 0};
    settings.dns.zone_file.clear();
  }
  return settings;
}

std::string read_all(std::istream& stream, const std::string& name) {
  std::string octets;
  std::array<char, 65536> buffer{};
  while (stream.read(buffer.data(), buffer.size()) || stream.gcount() > 0) {
    octets.append(buffer.data(), static_cast<std::size_t>(stream.gcount()));
    if (octets.size() > max_message_octets)
      throw FileError(fmt::format("{}: found more than {} octets, expected a message", name, max_message_octets));
  }
  if (stream.bad()) throw FileError(fmt::format("{}: {}", name, std::strerror(errno)));
  return octets;
}

}  // namespace

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "localhost";
  return name.data();
}

std::string read_message_file(const std::string& path) {
  if (path == "-") return read_all(std::cin, "standard input");
  std::ifstream file(path, std::ios::binary);
  if (!file) throw FileError(fmt::format("{}: {}", path, std::strerror(errno)));
  return read_all(file, path);
}

auth::Options load_options(const Sources& sources, auth::Role role) {
  auth::Options options = auth::configure(load_settings(sources)).options;
  if (role == auth::Role::judge) options.roles = {};
  return options;
}

void StderrLog::write(base::LogLevel level, base::LogComponent component, std::string_view text,
                      const base::LogFields& fields) noexcept {
  if (level >= base::LogLevel::warning) fmt::print(stderr, "{}\n", base::text_line(component, text, fields));
}

std::unique_ptr<dns::Resolver> open_resolver(const Sources& sources, base::Log& log) {
  return auth::make_resolver(load_settings(sources).dns, log);
}

base::UnixTime time_of(const Sources& sources) {
  if (sources.now) return base::UnixTime{std::chrono::seconds{*sources.now}};
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

base::IpAddress read_address(std::string_view what, const std::string& text) {
  const auto address = base::IpAddress::parse(text);
  if (!address) throw std::invalid_argument(fmt::format("{}: found \"{}\", expected an IP address", what, text));
  return *address;
}

base::Domain read_domain(std::string_view what, const std::string& text) {
  const auto domain = base::Domain::parse(text);
  if (!domain) throw std::invalid_argument(fmt::format("{}: found \"{}\", expected a domain name", what, text));
  return *domain;
}

auth::Report run_message(const Sources& sources, auth::Options options, auth::Envelope envelope, const std::string& octets) {
  StderrLog log;
  const auto resolver = open_resolver(sources, log);
  return run_message(*resolver, log, time_of(sources), std::move(options), std::move(envelope), octets);
}

auth::Report run_message(dns::Resolver& resolver, base::Log& log, base::UnixTime now, auth::Options options,
                         auth::Envelope envelope, const std::string& octets) {
  const auth::Context context{resolver, log, [now] { return now; }};
  if (envelope.connection.mta_name.empty()) envelope.connection.mta_name = host_name();
  const message::MessageFile file = message::parse_message_file(octets);
  auth::MessageCheck check(context, std::make_shared<const auth::Options>(std::move(options)), std::move(envelope));
  for (std::size_t i = 0; i < file.header.size(); ++i) check.add_field(file.header[i].name, file.header[i].value);
  check.end_of_header();
  check.add_body(file.body);
  return check.finish();
}

}  // namespace cli
