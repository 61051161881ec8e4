#pragma once
// Private keys from files: read, looked at, decoded. Owner and mode are checked on the open file, so that what
// is checked is what is read.

#include <string>

#include "base/result.hpp"
#include "dkim/crypto.hpp"

namespace auth {

inline constexpr std::size_t max_key_file_octets = 64 * 1024;
inline constexpr unsigned min_signing_rsa_bits = 1024;  // RFC 8301 §3.2: below, verifiers refuse
inline constexpr unsigned advised_signing_rsa_bits = 2048;

/// The key, or one line saying what is wrong with the file and what was expected. Refused: not a regular
/// file, readable by everybody, writable by group or others, owned by neither root nor ourselves, RSA under 1024 bits.
[[nodiscard]] base::Result<dkim::PrivateKey, std::string> read_key_file(const std::string& path);

}  // namespace auth
