#pragma once
// Everything a configuration file can say, as plain typed values with their defaults: an empty file is this
// struct as it stands. Which key sets what, with bounds and help, is declared once, in options.cpp.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/domain.hpp"
#include "base/ip_address.hpp"
#include "conf/log_settings.hpp"
#include "conf/position.hpp"
#include "conf/sign_settings.hpp"

namespace conf {

enum class Mode { enforce, monitor, shadow };
enum class QuarantineBy { tag, hold, reject };
enum class HonourReject { unless_indirect, always, never };
enum class Fallback { defer, accept };
enum class Discovery { treewalk, psl };
enum class BadFrom { reject, accept };

/// Whom signetd becomes when root starts it.
struct Daemon {
  std::string user;  // empty: nobody else
  Position user_position;
  std::string group;  // empty: the user's
  Position group_position;
  friend bool operator==(const Daemon&, const Daemon&) = default;
};

inline constexpr std::string_view passed_socket = "systemd:";

struct Milter {
  std::string socket = "inet:8891@127.0.0.1";  // inet:PORT@HOST inet6:PORT@HOST unix:PATH local:PATH, or passed_socket
  Position socket_position;
  std::string socket_group;          // unix: only; empty: as the process
  std::uint32_t socket_mode = 0660;  // unix: only
  std::chrono::seconds shutdown_grace{30};
  friend bool operator==(const Milter&, const Milter&) = default;
};

struct Control {
  std::string socket;  // the path of a unix socket; empty: none
  Position socket_position;
  std::string socket_group;  // empty: as the process
  std::uint32_t socket_mode = 0600;
  friend bool operator==(const Control&, const Control&) = default;
};

struct Metrics {
  std::string listen;  // ADDRESS:PORT or [V6ADDRESS]:PORT on loopback, unix:PATH; empty: nowhere
  Position listen_position;
  std::string socket_group;          // unix: only; empty: as the process
  std::uint32_t socket_mode = 0660;  // unix: only
  friend bool operator==(const Metrics&, const Metrics&) = default;
};

struct Dns {
  std::vector<std::string> servers;  // "ADDRESS" or "ADDRESS:PORT", "[V6]:PORT"; empty: the system's
  Position servers_position;
  std::string zone_file;  // answers from this file alone
  Position zone_file_position;
  std::chrono::milliseconds timeout{3000};  // of one try
  std::uint32_t tries = 2, max_in_flight = 1000;
  std::uint64_t cache_octets = std::uint64_t{32} << 20U;
  std::chrono::seconds cache_max_ttl{86400};
  std::chrono::seconds cache_max_negative_ttl{900};
  std::chrono::seconds cache_failure_ttl{5};
  friend bool operator==(const Dns&, const Dns&) = default;
};

struct Spf {
  std::chrono::milliseconds timeout{20000};  // RFC 7208 §4.6.4: at least 20 s
  std::uint32_t max_void_lookups = 2;
  bool received_spf = false;
  std::vector<std::string> reject;  // results of MAIL FROM that refuse by themselves: fail softfail permerror
  friend bool operator==(const Spf&, const Spf&) = default;
};

struct Dkim {
  std::uint32_t max_signatures = 10, max_verified = 5, min_rsa_bits = 1024;
  bool accept_short_length = false;
  std::chrono::seconds clock_drift{300};
  std::chrono::milliseconds timeout{20000};
  friend bool operator==(const Dkim&, const Dkim&) = default;
};

struct Dmarc {
  Discovery discovery = Discovery::treewalk;
  std::string psl_file;  // for psl; empty: the system's list
  Position psl_file_position;
  std::chrono::milliseconds timeout{20000};
  Fallback on_temperror = Fallback::defer;        // policy known and enforcing, an identifier that could align in temperror
  Fallback on_unknown_policy = Fallback::accept;  // the policy itself could not be had
  std::string reject_text;                        // empty: our own; %d From domain, %p policy domain
  std::string tag_field = "X-Signet-Quarantine";
  friend bool operator==(const Dmarc&, const Dmarc&) = default;
};

struct Exempt {
  std::vector<base::Domain> from_domains;  // judged but never refused or quarantined
  friend bool operator==(const Exempt&, const Exempt&) = default;
};

struct Forwarders {
  std::vector<base::IpNetwork> networks;
  std::vector<base::Domain> domains;  // authenticated by SPF or DKIM
  friend bool operator==(const Forwarders&, const Forwarders&) = default;
};

struct Shadow {
  std::vector<std::string> authserv_ids;  // empty: authserv_id of Settings
  friend bool operator==(const Shadow&, const Shadow&) = default;
};

struct Settings {
  Mode mode = Mode::enforce;
  std::string authserv_id;  // empty: the MTA's name, macro {j}
  QuarantineBy quarantine = QuarantineBy::tag;
  HonourReject reject = HonourReject::unless_indirect;
  BadFrom bad_from = BadFrom::reject;
  Fallback on_internal_error = Fallback::defer;
  std::vector<base::IpNetwork> relays;
  std::uint64_t max_header_octets = 65536;
  std::chrono::milliseconds max_wait{60000};  // of one message for the DNS, all together
  Daemon daemon;
  Milter milter;
  Control control;
  Metrics metrics;
  Logging log;
  Dns dns;
  Spf spf;
  Dkim dkim;
  Dmarc dmarc;
  Exempt exempt;
  Forwarders forwarders;
  Shadow shadow;
  Keys keys;
  Sign sign;
  friend bool operator==(const Settings&, const Settings&) = default;
};

/// The settings of an empty file: the initializers above, and loopback in sign.networks.
[[nodiscard]] Settings defaults();

}  // namespace conf
