#pragma once
// What one DKIM signature was judged by, for a person and for machines.

#include <nlohmann/json.hpp>
#include <string>

#include "dkim/verifier.hpp"

namespace cli {

/// Its tags, its key, its two hashes, each line after `indent` spaces. The outcome must have evidence. `shows_canonical`: what
/// the header hash is of, one line each, what is not visible written as \r \n \t \xNN.
[[nodiscard]] std::string explain_evidence(const dkim::Outcome& outcome, bool shows_canonical, std::size_t indent);

/// tags {}, key_name, key_status, body_hash, found_body_hash; with `shows_canonical` also header_octets, escaped as above.
[[nodiscard]] nlohmann::json describe_evidence(const dkim::Evidence& evidence, bool shows_canonical);

}  // namespace cli
