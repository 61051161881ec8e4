#pragma once
// Keys and their records as `signet key` prints them.

#include <nlohmann/json.hpp>
#include <string>

#include "base/domain.hpp"
#include "keys/rotate.hpp"

namespace cli {

/// How to publish it: a line of a zone file, and the name and value for a form.
[[nodiscard]] std::string publish_text(const base::Domain& domain, const std::string& selector, const dkim::PublicKey& key);

/// {selector, type, bits, name, value, zone_line, file}
[[nodiscard]] nlohmann::ordered_json to_json(const base::Domain& domain, const std::string& selector,
                                             const dkim::PublicKey& key, const std::string& file);

/// "RSA, 2048 bits", "Ed25519"
[[nodiscard]] std::string describe_key(const dkim::PublicKey& key);

/// One key of a rotation: stage, since when, what follows and, where they were asked, what the name servers show.
[[nodiscard]] std::string stage_text(const keys::KeyStatus& status, const base::Domain& domain, std::chrono::seconds grace);
[[nodiscard]] nlohmann::ordered_json to_json(const keys::KeyStatus& status, const base::Domain& domain);

}  // namespace cli
