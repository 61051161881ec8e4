#pragma once
// DMARC reporting URIs: one element of the lists in rua= and ruf=. RFC 9989 §4.6 and §4.8, RFC 3986, RFC 6068 (mailto).
// Syntax only; whether reports may be sent there is for those who send them.

#include <optional>
#include <string_view>

#include "base/domain.hpp"

namespace dmarc {

/// The URI without its obsolete "!size", or nothing where the text is not a valid one. A mailto URI names one mailbox.
/// Borrows from text.
[[nodiscard]] std::optional<std::string_view> read_report_uri(std::string_view text);

/// The destination host of a URI that read_report_uri gave (RFC 9990 §4 step 1): the domain of a mailto, the host of an
/// http or https URI. Nothing: of another scheme, by which no report was ever sent, or the host is no domain name.
[[nodiscard]] std::optional<base::Domain> report_host(std::string_view uri);

}  // namespace dmarc
