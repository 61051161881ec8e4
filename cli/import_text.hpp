#pragma once
// What an import found, for people and as JSON.

#include <string>

#include <nlohmann/json.hpp>

#include "migrate/import.hpp"

namespace cli {

[[nodiscard]] std::string explain_import(const migrate::Import& import);
[[nodiscard]] nlohmann::json to_json(const migrate::Import& import);

}  // namespace cli
