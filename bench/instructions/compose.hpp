#pragma once
// Messages as they are on the way: header fields, bodies, signatures.

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "bench/instructions/scene.hpp"

namespace bench {

using Fields = std::vector<std::pair<std::string, std::string>>;

inline constexpr std::size_t usual_fields = 15;

/// `count` fields, at least 3: From first; beyond the usual ones, short fields of names of their own.
[[nodiscard]] Fields compose_fields(std::size_t count = usual_fields);

/// Sentences in lines of uneven length, with double spaces and empty lines, as people write them.
[[nodiscard]] std::string prose(std::size_t octets);
/// Lines of 76 octets without white space, as an attachment has them.
[[nodiscard]] std::string base64_text(std::size_t octets);

/// The domain of signature number `index`: that of From, then strangers.
[[nodiscard]] std::string signer_domain(std::size_t index);
/// Puts `count` RSA-2048 signatures on top of the fields and their keys into the DNS.
void add_signatures(Scene& scene, std::size_t count);

void publish_text(dns::Zone& zone, const std::string& name, std::string text);
void publish_address(dns::Zone& zone, const std::string& name, const std::string& address);

}  // namespace bench
