#pragma once
// What the old chain (opendkim, opendmarc, policyd-spf, …) made of a message before us: read from the fields that it put on
// top. RFC 8601, RFC 7208 §9.1. Postfix shows a filter what earlier filters and policy services inserted, and never its own
// Received field, so what they wrote stands above the first field that the message came with.

#include <optional>
#include <string>
#include <vector>

#include "message/header_block.hpp"

namespace auth {

struct OldSignature {
  std::string result, domain;  // lower case; the domain may be empty
};

/// Somebody's DKIM-Signature among what was put on top: made here, or by whoever sent the message.
struct OldOwnSignature {
  std::string domain, selector;
};

struct OldResults {
  std::optional<std::string> spf, dmarc;  // lower case; none: nothing was written
  bool is_spf_of_helo = false;            // only HELO was looked at
  std::optional<std::vector<OldSignature>> dkim;
  std::vector<OldOwnSignature> signatures;
  bool is_claimed_below = false;  // a field of such a name stands where the message's own begin: not believed
};

/// Fields above the first Received or From, of these authserv-ids; of one method the topmost field counts. Received-SPF has
/// no id and counts where no Authentication-Results says anything of SPF.
[[nodiscard]] OldResults read_old_results(const message::HeaderBlock& header, const std::vector<std::string>& authserv_ids);

}  // namespace auth
