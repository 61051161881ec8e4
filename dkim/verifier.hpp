#pragma once
// Verifying the DKIM signatures of one message. RFC 6376 §6, RFC 8301, RFC 8463, RFC 8616.
// Made at the end of the header: picks the signatures worth work, asks for their keys, says which body
// hashes it needs. Verifies when the body is over. Thread rule: one thread at a time.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/domain.hpp"
#include "base/time.hpp"
#include "dkim/body_hashes.hpp"
#include "dns/resolver.hpp"
#include "message/header_block.hpp"

namespace dkim {

/// RFC 8601 §2.7.1.
enum class Result {
  none,       // the message has no signature
  pass,       // verified, and acceptable to us
  fail,       // the signature or the body hash does not match
  policy,     // verified or not, our rules do not accept it: expired, short l=, beyond our limits
  neutral,    // not given by us: RFC 6376 §6.1.1 makes a syntax error in the signature a permerror
  temperror,  // the key could not be had just now
  permerror,  // the key is missing, revoked or unusable, or the signature is malformed or breaks a rule
};

[[nodiscard]] std::string_view to_text(Result result);

struct VerifyPolicy {
  unsigned max_signatures_seen = 10;      // looked at, from the top; those beyond are `policy`
  unsigned max_signatures_verified = 5;   // public-key operations; those beyond are `policy`
  unsigned max_keys_tried = 3;            // key records at one name, 8 at most (§3.6.2.2: undefined when several)
  unsigned min_rsa_bits = 1024;           // RFC 8301 §3.2
  bool accept_short_length = false;       // pass although l= leaves part of the body unsigned
  std::chrono::seconds clock_drift{300};  // t= may lie this far ahead, x= this far behind
  bool keeps_evidence = false;            // for a person: outcomes then hold what they were judged by
};

/// What a signature was judged by, as far as it came.
struct Evidence {
  std::string field;          // the value of its field, as received
  std::string header_octets;  // what its header hash is of: the canonical fields, last its own; empty: it came not so far
  Octets body_hash;           // bh=
  Octets found_body_hash;     // of the body that came, or of as much of it as l= says and our rules allow
  std::string key_name;       // where its key was asked for; empty: it was not
  dns::Status key_status = dns::Status::no_data;
};

/// What became of one signature. RFC 8601 §2.7.1 names the properties.
struct Outcome {
  Result result = Result::none;
  std::string reason;                          // static-like text, ASCII, for logs and Authentication-Results; empty on pass
  std::size_t index = 0;                       // which DKIM-Signature field, from the top, from 0
  std::string domain;                          // d= as A-labels when valid, else as written and bounded; may be empty
  std::string selector;                        // s=
  std::string identity;                        // i=, or "@" and d=
  std::string algorithm;                       // a= as written: "rsa-sha256"
  std::string signature_start;                 // first 8 characters of b=, white space removed
  std::optional<base::Domain> signing_domain;  // d=, when it is a domain
  bool is_testing = false;                     // t=y in the key record
  unsigned key_bits = 0;                       // 0: no key seen
  std::shared_ptr<Evidence> evidence{};        // VerifyPolicy::keeps_evidence
};

class Verifier {
 public:
  /// Signatures that have an outcome, unless more are to be seen: beyond, not even that there are more is told.
  static constexpr std::size_t max_outcomes = 100;

  /// Reads the DKIM-Signature fields, orders them (d= equal to an Author Domain first, then its ancestors
  /// and descendants, then the rest), computes their header hashes and asks `hashes` for body hashes.
  /// Keeps views into nothing: all that is needed later is copied.
  Verifier(const message::HeaderBlock& header, std::span<const base::Domain> authors, const VerifyPolicy& policy,
           base::UnixTime now, BodyHashes& hashes);
  ~Verifier();
  Verifier(const Verifier&) = delete;
  Verifier& operator=(const Verifier&) = delete;

  /// The signing domains that may come to pass, without repeats: DMARC prefetches for them.
  [[nodiscard]] std::vector<base::Domain> candidate_domains() const;
  /// Asks for all keys at once. Call once, after construction.
  void start(dns::Resolver& resolver);
  /// After hashes.finish(). Waits for keys until the deadline; a key missing then is temperror.
  /// One outcome per DKIM-Signature field up to max_outcomes, top to bottom; an empty list when there is no signature. Once.
  [[nodiscard]] std::vector<Outcome> finish(const BodyHashes& hashes, base::SteadyTime deadline);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dkim
