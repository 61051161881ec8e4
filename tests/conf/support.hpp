#pragma once
// What the tests of this room share.

#include <string>

#include "conf/load.hpp"

namespace conf_test {

inline constexpr const char* file = "/etc/signet/signet.toml";

/// The message of the Error that the text makes; empty: it makes none.
inline std::string error_of(const std::string& text, const std::string& name = "f") {
  try {
    static_cast<void>(conf::parse(text, name));
  } catch (const conf::Error& error) {
    return error.what();
  }
  return "";
}

/// The settings without the places they were written at, which no two files share.
inline conf::Settings without_positions(conf::Settings settings) {
  settings.daemon.user_position = settings.daemon.group_position = {};
  settings.milter.socket_position = {};
  settings.control.socket_position = {};
  settings.metrics.listen_position = {};
  settings.log.target_position = {};
  settings.dns.servers_position = {};
  settings.dns.zone_file_position = {};
  settings.dmarc.psl_file_position = {};
  for (auto& rule : settings.sign.rules) {
    rule.position = {};
    for (auto& key : rule.keys) key.position = {};
  }
  return settings;
}

}  // namespace conf_test
