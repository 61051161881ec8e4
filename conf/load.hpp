#pragma once
// Reading a configuration file (TOML 1.0). One wrong thing is one exception with one message; nothing is
// half applied.

#include <stdexcept>
#include <string>
#include <string_view>

#include "conf/settings.hpp"

namespace conf {

/// what(): "FILE:LINE:COLUMN: found …, expected …", one line, values from the file made printable.
class Error : public std::runtime_error {
 public:
  Error(const Position& position, const std::string& text);
};

/// Exit status of both programs for a bad configuration (sysexits.h EX_CONFIG).
inline constexpr int exit_bad_configuration = 78;

/// Parses text; `file` is its name in messages. An unknown key names the nearest known one.
[[nodiscard]] Settings parse(std::string_view text, const std::string& file);

/// Reads a file of at most 16 MiB.
[[nodiscard]] Settings load(const std::string& path);

}  // namespace conf
