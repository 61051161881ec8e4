#pragma once
// `signet key …`: making the keys that sign, comparing them with the DNS, and replacing them.

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "cli/message_run.hpp"
#include "keys/rotate.hpp"

namespace cli {

// Exit statuses of their own: 0 all is well or done; 1 something is to be done; 73 a file cannot be made; 75 the DNS failed.
inline constexpr int exit_key_to_do = 1;
inline constexpr int exit_cannot_create = 73;
inline constexpr int exit_key_dns_failure = 75;

/// What all of them want of the configuration; by default /etc/signet/signet.toml, if it is there.
struct KeyCommand {
  Sources sources;
  std::string directory;  // empty: keys.directory
  bool json = false;
};

struct KeyTypes {
  unsigned rsa_bits = 0;  // 0: no RSA asked for
  bool ed25519 = false;
  bool both = false;
};

struct KeyNewOptions {
  KeyCommand command;
  std::string domain, selector;  // selector empty: made of the date
  KeyTypes types;
};

struct KeyRotateOptions {
  KeyCommand command;
  std::string domain;
  KeyTypes types;
  bool only_advance = false;
};

struct KeyListOptions {
  KeyCommand command;
  std::string domain;  // empty: all
  bool ask = false;    // the name servers
};

struct KeyForgetOptions {
  KeyCommand command;
  std::string domain, selector;
};

/// The settings that key commands want, read from the configuration once.
struct KeySettings {
  std::string directory;
  std::chrono::seconds grace{0};
  std::string control_socket;  // empty: none
};
/// Fills in the default configuration file. Throws conf::Error.
[[nodiscard]] KeySettings load_key_settings(KeyCommand& command);

/// RSA of 2048 bits where nothing else is asked for. Throws std::invalid_argument.
[[nodiscard]] std::vector<keys::Recipe> recipes_of(const KeyTypes& types);
[[nodiscard]] bool asks_for_types(const KeyTypes& types);

// All throw keys::FolderError, conf::Error, std::invalid_argument.
int run_key_new(KeyNewOptions options, std::ostream& out);
int run_key_check(KeyCommand command, std::ostream& out);
int run_key_rotate(KeyRotateOptions options, std::ostream& out);
int run_key_list(KeyListOptions options, std::ostream& out);
int run_key_forget(KeyForgetOptions options, std::ostream& out);

}  // namespace cli
