#pragma once
// Making DKIM signatures. RFC 6376 §5, RFC 8301, RFC 8463.

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/domain.hpp"
#include "base/time.hpp"
#include "dkim/body_hashes.hpp"
#include "dkim/crypto.hpp"
#include "message/header_block.hpp"

namespace dkim {

struct SigningKey {
  base::Domain domain;   // d=
  std::string selector;  // s=
  PrivateKey key;
};

/// RFC 6376 §5.4.1 and what clients show or act on; lower case.
[[nodiscard]] std::vector<std::string> default_signed_fields();
[[nodiscard]] std::vector<std::string> default_oversigned_fields();

/// Names of fields mean the same in any case; from is covered even when neither list has it (RFC 6376 §5.4).
struct SignPolicy {
  Canonicalization header_canonicalization = Canonicalization::relaxed;
  Canonicalization body_canonicalization = Canonicalization::relaxed;
  std::vector<std::string> signed_fields = default_signed_fields();          // covered, all instances
  std::vector<std::string> oversigned_fields = default_oversigned_fields();  // once more than they occur: none can be added
  std::optional<std::chrono::seconds> lifetime;                              // x= minus t=; none: no x=
  std::string identity_local_part;                                           // i=local@d; empty: no i=
};

/// The names of h= for one message: each covered name as often as it occurs, oversigned ones once more, absent
/// ones only if oversigned; in the order of the lists. At most Signature::max_signed_fields names.
[[nodiscard]] std::vector<std::string> select_signed_fields(const message::HeaderBlock& header, const SignPolicy& policy);

/// Signs one message with one or more keys. Made at the end of the header.
class Signer {
 public:
  Signer(const message::HeaderBlock& header, std::vector<SigningKey> keys, const SignPolicy& policy, base::UnixTime now,
         BodyHashes& hashes);
  ~Signer();
  Signer(const Signer&) = delete;
  Signer& operator=(const Signer&) = delete;

  /// After hashes.finish(). One DKIM-Signature field value per key, in the order of the keys, folded with
  /// CRLF and a tab, without the field name, with the leading space. Under simple header canonicalization
  /// the field is hashed as exactly "DKIM-Signature:" followed by this value. Empty when the header block was
  /// truncated: what was left out could not be covered.
  [[nodiscard]] std::vector<std::string> finish(const BodyHashes& hashes) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dkim
