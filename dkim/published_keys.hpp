#pragma once
// The keys published at one name: question, answer, records parsed and keys decoded once per DNS answer and
// kept with it. RFC 6376 §3.6.2.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/domain.hpp"
#include "dkim/crypto.hpp"
#include "dkim/key_record.hpp"
#include "dkim/signature.hpp"
#include "dns/view.hpp"

namespace dkim {

/// One usable-looking record: key is absent when it is revoked or its octets are no key (`fault` says).
struct PublishedKey {
  KeyRecord record;
  std::optional<PublicKey> key;
  std::string_view fault;
};

struct PublishedKeys {
  static constexpr std::size_t max_keys = 8;  // decoded per name, whatever a policy would try

  std::vector<PublishedKey> keys;  // in the order of the answer
  std::string_view fault;          // of the first record that is none: the reason if `keys` is empty

  [[nodiscard]] std::size_t octets() const;  // roughly the memory this holds
};

/// A record with its key decoded.
[[nodiscard]] PublishedKey decode_key(KeyRecord record);

/// Why this key must not be used for this signature, by RFC 6376 §6.1.2 and RFC 8301 §3.2; empty: it may be. Static text.
[[nodiscard]] std::string_view find_key_fault(const PublishedKey& published, const Signature& signature, unsigned min_rsa_bits);

struct KeyLookup {
  dns::Status status = dns::Status::no_data;
  std::shared_ptr<const PublishedKeys> published;  // never null when status is ok
};

[[nodiscard]] dns::Question key_question(const base::Domain& domain, std::string_view selector);

/// Of the answer to one question and what is made of it, for the Inquiry: room for PublishedKeys::max_keys of
/// 4,096 bits.
inline constexpr std::size_t max_key_answer_octets = 32UL * 1024;

/// Evaluator for a dns::Inquiry. TXT records that are no key records are skipped: others may live at the name.
[[nodiscard]] std::optional<KeyLookup> look_up_keys(dns::View& view, const dns::Question& question);

}  // namespace dkim
