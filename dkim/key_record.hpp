#pragma once
// DKIM public-key records: the TXT value at <selector>._domainkey.<domain>.
// RFC 6376 §3.6.1; RFC 8463 §4 (Ed25519). Pure text to value: no DNS, no OpenSSL.

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "dkim/crypto.hpp"

namespace dkim {

struct KeyRecord {
  KeyType type = KeyType::rsa;  // k=
  Octets public_key;            // p=, decoded but not yet a key; empty: the key is revoked
  bool allows_sha256 = true;    // h= is absent or lists sha256
  bool allows_email = true;     // s= is absent or lists * or email
  bool testing = false;         // t=y
  bool exact_domain = false;    // t=s: the domain of i= must equal d=
  std::string notes;            // n=, as written: for people
};

/// Parses one key record.
/// txt: the whole record, its character-strings already joined (RFC 6376 §3.6.2.2), at most max_key_record_octets.
/// Unknown tags are skipped (§3.2). Fails with the offset of the first offending octet and on a k= we do not
/// know; callers report that as permerror (§6.1.2). Borrows nothing from txt. Never throws.
[[nodiscard]] base::Result<KeyRecord, base::ParseError> parse_key_record(std::string_view txt);

/// A 4,096-bit key needs about 800 octets, one of PublicKey::max_rsa_bits about 1,500.
inline constexpr std::size_t max_key_record_octets = 4096;

}  // namespace dkim
