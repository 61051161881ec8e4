// Options of the daemon and its surroundings: the mail server's socket, the log, the DNS.

#include <algorithm>
#include <array>

#include "conf/list_kinds.hpp"
#include "conf/load.hpp"
#include "conf/option_groups.hpp"

namespace conf::groups {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t least_cache_octets = 1024 * 1024;
constexpr std::int64_t most_cache_octets = std::int64_t{4} * 1024 * 1024 * 1024;
constexpr std::int64_t most_in_flight = 30'000;  // below the number of ports that tell questions apart
constexpr std::string_view level_type = "one of \"debug\", \"info\", \"warning\", \"error\"";
constexpr std::array<std::string_view, 11> facilities = {"mail",   "daemon", "user",   "local0", "local1", "local2",
                                                         "local3", "local4", "local5", "local6", "local7"};

template <class Get>
Option socket_mode(std::string_view key, Get get, std::string_view help) {
  const std::string type = "a string of octal digits such as \"0660\"";
  const auto set = [type, get](Settings& s, const Node& node) {
    const auto mode = node.is(Node::Kind::text) ? read_file_mode(node.text) : std::nullopt;
    if (!mode) fail(node, type);
    get(s) = *mode;
  };
  const auto show = [get](const Settings& s) { return fmt::format("\"{:04o}\"", get(s)); };
  return kinds::at_restart(kinds::make<Settings>(key, type, help, set, show));
}

template <class Get>
Option socket_group(std::string_view key, Get get, std::string_view help) {
  return kinds::at_restart(kinds::text(key, get, "the name of a group, or \"\"", kinds::when_or_empty(is_account_name), help));
}

Option facility() {
  const auto read = [](std::string_view text) {
    const bool is_known = std::find(facilities.begin(), facilities.end(), text) != facilities.end();
    return is_known ? std::optional(std::string(text)) : std::nullopt;
  };
  return kinds::at_restart(kinds::text(
      "log.facility", [](auto& s) -> auto& { return s.log.facility; },
      "one of \"mail\", \"daemon\", \"user\", \"local0\" to \"local7\"", read, "The facility of syslog lines."));
}

std::string component_names() {
  std::string names;
  for (std::size_t i = 0; i < base::log_components; ++i)
    names += fmt::format("{}{}", names.empty() ? "" : ", ", base::to_text(static_cast<base::LogComponent>(i)));
  return names;
}

Option log_levels() {
  static const std::string type =
      fmt::format("a table of levels such as {{ dns = \"debug\" }}; the components are {}", component_names());
  const auto set = [](Settings& s, const Node& node) {
    if (!node.is(Node::Kind::table)) fail(node, type);
    s.log.levels.clear();
    for (const Member& member : node.members) {
      const auto component = base::find_log_component(member.name);
      if (!component)
        throw Error(member.position,
                    fmt::format("found component \"{}\", expected one of {}", printable_words(member.name), component_names()));
      const auto level = member.value.is(Node::Kind::text) ? base::find_log_level(member.value.text) : std::nullopt;
      if (!level) fail(member.value, level_type);
      s.log.levels.emplace_back(*component, *level);
    }
  };
  const auto show = [](const Settings& s) {
    std::string out;
    for (const auto& [component, level] : s.log.levels)
      out += fmt::format("{} {} = {}", out.empty() ? "" : ",", base::to_text(component), quote_toml(base::to_text(level)));
    return out.empty() ? std::string("{}") : fmt::format("{{{} }}", out);
  };
  return kinds::make<Settings>("log.levels", type, "Levels of single components, in place of log.level: more of one, or less.",
                               set, show);
}

std::vector<Option> dns_servers() {
  const auto limited = [](Option option) {
    constexpr std::size_t most_servers = 8;
    option.type = fmt::format("{}, at most {}", option.type, most_servers);
    option.set = [set = option.set, type = option.type](Settings& s, const Node& node) {
      if (node.items.size() > most_servers) fail(node, type);
      set(s, node);
    };
    return option;
  };
  return {kinds::with_position(
              limited(kinds::list(
                  "dns.servers", [](auto& s) -> auto& { return s.dns.servers; },
                  {"a list of addresses",
                   "an address, or one with a port: \"192.0.2.1\", \"192.0.2.1:5353\", \"[2001:db8::1]:5353\""},
                  kinds::when(is_dns_server), kinds::text_itself,
                  "The resolvers to ask, each an address with or without a port. Empty: those of /etc/resolv.conf. A resolver "
                  "on this machine is fastest and safest.")),
              [](auto& s) -> auto& { return s.dns.servers_position; }),
          kinds::with_position(
              kinds::text(
                  "dns.zone-file", [](auto& s) -> auto& { return s.dns.zone_file; }, "the path of a file, or \"\"",
                  kinds::when_or_empty(is_path),
                  "Answers come from this file alone and nothing is asked of the network: for trying things out. A relative "
                  "path starts at the folder of this file."),
              [](auto& s) -> auto& { return s.dns.zone_file_position; })};
}

std::vector<Option> dns_cache() {
  return {kinds::number(
              "dns.cache-octets", [](auto& s) -> auto& { return s.dns.cache_octets; }, least_cache_octets, most_cache_octets,
              "octets", "The most memory that cached answers take."),
          kinds::duration(
              "dns.cache-max-ttl", [](auto& s) -> auto& { return s.dns.cache_max_ttl; }, seconds{0}, hours{7 * 24},
              "The longest that an answer is kept, whatever its time to live. Lower it to see changed records sooner."),
          kinds::duration(
              "dns.cache-max-negative-ttl", [](auto& s) -> auto& { return s.dns.cache_max_negative_ttl; }, seconds{0}, hours{3},
              "The longest that the absence of a name or record is remembered (RFC 2308 §5)."),
          kinds::duration(
              "dns.cache-failure-ttl", [](auto& s) -> auto& { return s.dns.cache_failure_ttl; }, seconds{0}, minutes{5},
              "How long a failure is remembered before the question is asked again (RFC 2308 §7).")};
}

}  // namespace

std::vector<Option> daemon() {
  const auto name = [](std::string_view key, auto get, std::string_view type, std::string_view help) {
    return kinds::at_restart(kinds::text(key, get, type, kinds::when_or_empty(is_account_name), help));
  };
  return {
      kinds::with_position(
          name(
              "daemon.user", [](auto& s) -> auto& { return s.daemon.user; }, "the name of a user, or \"\"",
              "Started by root, signetd becomes this user before it does anything else: as this user it reads this file and "
              "the keys, at the start and at each reload, and opens its sockets. It cannot become root again. Empty: it "
              "stays who started it, and warns if that is root. Started by somebody else, it refuses to be another user."),
          [](auto& s) -> auto& { return s.daemon.user_position; }),
      kinds::with_position(
          name(
              "daemon.group", [](auto& s) -> auto& { return s.daemon.group; }, "the name of a group, or \"\"",
              "The group that goes with it; the user's other groups go with it, too. Empty: the user's own."),
          [](auto& s) -> auto& { return s.daemon.group_position; })};
}

std::vector<Option> milter() {
  return {kinds::at_restart(kinds::with_position(
              kinds::text(
                  "milter.socket", [](auto& s) -> auto& { return s.milter.socket; },
                  "\"inet:PORT@HOST\", \"inet6:PORT@HOST\", \"unix:/PATH\", \"local:/PATH\" or \"systemd:\"",
                  kinds::when(is_socket),
                  "Where the mail server finds Signet; one socket only, because libmilter has no more. HOST is a name or an "
                  "address of this machine. \"systemd:\" is the socket of signet.socket, in which mail servers wait while "
                  "Signet is restarted; socket-group and socket-mode are then that unit's."),
              [](auto& s) -> auto& { return s.milter.socket_position; })),
          socket_group(
              "milter.socket-group", [](auto& s) -> auto& { return s.milter.socket_group; },
              "The group that a unix socket belongs to. Empty: the group Signet runs as."),
          socket_mode(
              "milter.socket-mode", [](auto& s) -> auto& { return s.milter.socket_mode; },
              "The file mode of a unix socket. The mail server's user must be able to write to it."),
          kinds::duration(
              "milter.shutdown-grace", [](auto& s) -> auto& { return s.milter.shutdown_grace; }, seconds{0}, seconds{300},
              "How long messages under way may take to finish when Signet is told to stop.")};
}

std::vector<Option> control() {
  return {kinds::at_restart(kinds::with_position(
              kinds::text(
                  "control.socket", [](auto& s) -> auto& { return s.control.socket; },
                  "an absolute path of at most 107 octets, or \"\"", kinds::when_or_empty(is_socket_path),
                  "The path of a unix socket, such as /run/signet/control.sock. Empty: there is none, and SIGHUP is the only "
                  "way to have this file read again."),
              [](auto& s) -> auto& { return s.control.socket_position; })),
          socket_group(
              "control.socket-group", [](auto& s) -> auto& { return s.control.socket_group; },
              "The group that the socket belongs to. Empty: the group Signet runs as."),
          socket_mode(
              "control.socket-mode", [](auto& s) -> auto& { return s.control.socket_mode; },
              "The file mode of the socket. Whoever may write to it may have this file read again, and can do no more.")};
}

std::vector<Option> metrics() {
  return {kinds::at_restart(kinds::with_position(
              kinds::text(
                  "metrics.listen", [](auto& s) -> auto& { return s.metrics.listen; },
                  "\"ADDRESS:PORT\" of loopback such as \"127.0.0.1:9798\" or \"[::1]:9798\", \"unix:/PATH\" or \"\"",
                  kinds::when_or_empty(is_local_endpoint),
                  "Where Prometheus finds the metrics and a load balancer whether all is well; on this machine only, as "
                  "whoever connects is answered. Empty: nowhere."),
              [](auto& s) -> auto& { return s.metrics.listen_position; })),
          socket_group(
              "metrics.socket-group", [](auto& s) -> auto& { return s.metrics.socket_group; },
              "The group that a unix socket belongs to. Empty: the group Signet runs as."),
          socket_mode(
              "metrics.socket-mode", [](auto& s) -> auto& { return s.metrics.socket_mode; },
              "The file mode of a unix socket. Whoever may write to it may read the metrics.")};
}

std::vector<Option> log() {
  return {
      kinds::at_restart(kinds::with_position(
          kinds::choice<Settings, LogTarget>(
              "log.target", [](auto& s) -> auto& { return s.log.target; },
              {{"stderr", LogTarget::standard_error}, {"syslog", LogTarget::syslog}, {"journal", LogTarget::journal}},
              "Where log lines go. systemd keeps what is written to stderr; \"journal\" gives it the fields of a line, too, "
              "to be searched for: journalctl SIGNET_QUEUE_ID=..."),
          [](auto& s) -> auto& { return s.log.target_position; })),
      kinds::at_restart(kinds::choice<Settings, LogFormat>(
          "log.format", [](auto& s) -> auto& { return s.log.format; }, {{"text", LogFormat::text}, {"json", LogFormat::json}},
          "What a line looks like: key=value pairs, or one JSON object with the same keys.")),
      kinds::choice<Settings, base::LogLevel>(
          "log.level", [](auto& s) -> auto& { return s.log.level; },
          {{"debug", base::LogLevel::debug},
           {"info", base::LogLevel::info},
           {"warning", base::LogLevel::warning},
           {"error", base::LogLevel::error}},
          "The least important lines that are still written. \"info\" is one line for each message."),
      log_levels(), facility()};
}

std::vector<Option> dns() {
  auto options = dns_servers();
  options.push_back(kinds::duration(
      "dns.timeout", [](auto& s) -> auto& { return s.dns.timeout; }, milliseconds{100}, seconds{30},
      "How long one try waits for a server's answer."));
  options.push_back(kinds::number(
      "dns.tries", [](auto& s) -> auto& { return s.dns.tries; }, 1, 10, "",
      "How often a question is sent before it has failed."));
  options.push_back(kinds::number(
      "dns.max-in-flight", [](auto& s) -> auto& { return s.dns.max_in_flight; }, 1, most_in_flight, "",
      "Questions that may be out at once, of all messages together; more wait their turn."));
  for (auto& option : dns_cache()) options.push_back(std::move(option));
  return options;
}

}  // namespace conf::groups
