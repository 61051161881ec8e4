#pragma once
// A public key's record as a person publishes it. RFC 6376 §3.6.1, RFC 8463 §4.

#include <string>
#include <string_view>

#include "base/domain.hpp"
#include "dkim/crypto.hpp"

namespace keys {

/// "SELECTOR._domainkey.DOMAIN"
[[nodiscard]] std::string record_name(const base::Domain& domain, std::string_view selector);

/// "v=DKIM1; k=rsa; p=…": for a form on a provider's page that takes the value as one text.
[[nodiscard]] std::string record_value(const dkim::PublicKey& key);

/// A line of a zone file: the value in strings of at most 255 octets (RFC 1035 §3.3), the name with its final dot.
[[nodiscard]] std::string zone_line(const base::Domain& domain, std::string_view selector, const dkim::PublicKey& key);

}  // namespace keys
