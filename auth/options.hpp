#pragma once
// What one configuration means for messages: made once by configure(), immutable, shared by all sessions.

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "auth/decision.hpp"
#include "auth/indirect.hpp"
#include "auth/role.hpp"
#include "auth/signing_table.hpp"
#include "dkim/signer.hpp"
#include "dkim/verifier.hpp"
#include "dmarc/public_suffix_list.hpp"
#include "spf/check_host.hpp"

namespace auth {

struct Waits {
  std::chrono::milliseconds spf{20000};   // from MAIL FROM (RFC 7208 §4.6.4)
  std::chrono::milliseconds dkim{20000};  // from the end of the header, as the next
  std::chrono::milliseconds dmarc{20000};
  std::chrono::milliseconds whole{60000};  // at the end of the message, all together
};

/// Beside the chain that is to be replaced, in monitor mode: compares with it, and changes nothing at all.
struct ShadowRules {
  bool is_on = false;
  std::vector<std::string> authserv_ids;                       // whose results are compared with; empty: our own name's
  std::shared_ptr<const dmarc::PublicSuffixList> suffix_list;  // what DMARC says by RFC 7489 explains differences; null: not
};

/// How the keys of the signing table are looked after.
struct KeyCare {
  std::string directory;                   // of the domains' folders
  std::chrono::seconds check_interval{0};  // 0: never
  std::chrono::seconds grace{0};           // a replaced key stays published
  std::vector<base::Domain> rotating;      // each once
};

struct Options {
  bool is_monitor = false;  // decide and log, change nothing but Authentication-Results
  ShadowRules shadow;
  std::string authserv_id;  // empty: Connection::mta_name
  std::size_t max_header_octets = message::HeaderBlock::default_max_octets;
  bool defer_on_internal_error = true;
  bool writes_received_spf = false;
  bool keeps_evidence = false;  // the Report says how each result came about: for a person, never in the daemon
  std::string tag_field = "X-Signet-Quarantine";
  std::vector<base::Domain> exempt_from_domains;
  RoleRules roles;
  DecisionRules decision;
  ForwarderRules forwarders;
  Waits waits;
  spf::Limits spf;
  dkim::VerifyPolicy dkim;
  std::shared_ptr<const dmarc::PublicSuffixList> suffix_list;  // DMARC by RFC 7489; null: by RFC 9989, the tree walk
  dkim::SignPolicy sign;
  SigningTable signing_table;
  KeyCare key_care;
};

}  // namespace auth
