#pragma once
// The part of the settings that says what is signed, and how: [sign] with its [[sign.rule]] tables, and [keys].

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.hpp"
#include "conf/position.hpp"

namespace conf {

enum class OnDifferentKey { sign, refuse };
enum class CanonicalForm { simple, relaxed };

/// What systemd hands over by LoadCredential=NAME:PATH is the file NAME in $CREDENTIALS_DIRECTORY (systemd.exec(5)).
inline constexpr std::string_view credential_prefix = "credential:";

struct SignKey {
  std::string selector;
  std::string file;   // its path, or credential_prefix and NAME
  Position position;  // of the file's name
  friend bool operator==(const SignKey&, const SignKey&) = default;
};

struct SignRule {
  std::vector<std::string> from;  // "a@b.example", "b.example", "*.b.example", "*"
  std::string domain;             // d=; empty: the From domain
  std::vector<SignKey> keys;
  bool rotates = false;  // the active keys of `domain` in keys.directory, in place of `keys`
  Position position;
  friend bool operator==(const SignRule&, const SignRule&) = default;
};

struct Sign {
  std::vector<base::IpNetwork> networks;  // default: 127.0.0.0/8 and ::1, set by defaults()
  std::vector<std::string> daemons;       // {daemon_name} values
  CanonicalForm header_canonicalization = CanonicalForm::relaxed;
  CanonicalForm body_canonicalization = CanonicalForm::relaxed;
  std::vector<std::string> fields;    // empty: the default list
  std::vector<std::string> oversign;  // meant when oversign_is_set
  bool oversign_is_set = false;
  std::string identity;              // local part of i=; empty: no i=
  std::chrono::seconds lifetime{0};  // x=; 0: none
  std::vector<SignRule> rules;       // [[sign.rule]]
  friend bool operator==(const Sign&, const Sign&) = default;
};

struct Keys {
  std::string directory = "/var/lib/signet/keys";
  std::chrono::seconds check_interval{3600};  // 0: never
  OnDifferentKey on_different = OnDifferentKey::sign;
  std::chrono::seconds grace{std::chrono::hours{24 * 7}};
  friend bool operator==(const Keys&, const Keys&) = default;
};

}  // namespace conf
