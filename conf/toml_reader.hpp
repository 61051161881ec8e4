#pragma once
// TOML text to a tree of nodes. toml_reader.cpp is the one file that knows toml++.

#include <string>
#include <string_view>

#include "conf/node.hpp"

namespace conf {

/// The root table. Throws Error, also for what guard() refuses. `file` is the name in positions.
[[nodiscard]] Node read_toml(std::string_view text, const std::string& file);

}  // namespace conf
