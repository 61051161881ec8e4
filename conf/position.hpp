#pragma once
// A place in a configuration file.

#include <cstdint>
#include <string>

namespace conf {

/// Where in the file a value was written, for messages about it that can only be made later (a key file).
struct Position {
  std::string file;
  std::uint32_t line = 0, column = 0;  // from 1; 0: a default
  friend bool operator==(const Position&, const Position&) = default;
};

}  // namespace conf
