#pragma once
// Is a message that fails DMARC perhaps only one that travelled indirectly? RFC 9989 §7.4 asks receivers for
// other knowledge than p=reject; this is ours. Never from a header field alone: each rule needs something
// authenticated.
//
//   trusted_forwarder  the client's address is in a listed network, or SPF (MAIL FROM) or a signature
//                      passed for a listed domain or one below it
//   mailing_list       exactly one List-Id (RFC 2919) at a domain L, another List-* field (RFC 2369) beside it,
//                      and a signature passed for L or for a parent of L with at least two labels

#include <optional>
#include <span>
#include <vector>

#include "auth/decision.hpp"
#include "base/ip_address.hpp"
#include "dkim/verifier.hpp"
#include "message/header_block.hpp"

namespace auth {

struct ForwarderRules {
  std::vector<base::IpNetwork> networks;
  std::vector<base::Domain> domains;
};

struct Authenticated {
  std::optional<base::IpAddress> client;
  std::optional<base::Domain> spf_domain;     // MAIL FROM, when it passed
  std::vector<base::Domain> signing_domains;  // that passed
};

[[nodiscard]] std::optional<Indirect> find_indirect(const Authenticated& authenticated, const message::HeaderBlock& header,
                                                    const ForwarderRules& rules);

}  // namespace auth
