#pragma once
// The two canonicalizations of header fields and bodies. RFC 6376 §3.4.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "message/header_block.hpp"

namespace dkim {

enum class Canonicalization { simple, relaxed };

[[nodiscard]] std::string_view to_text(Canonicalization c);

/// Appends one field, canonicalized, to `out`, with its final CRLF unless `last` (the signature's own field
/// has none: §3.7). `field.raw` has CRLF at folds.
void append_canonical_field(std::string& out, const message::Field& field, Canonicalization c, bool last = false);

/// A body in chunks of any size to its canonical form in chunks of any size (§3.4.3, §3.4.4). A CR or LF
/// alone is an octet like others; a body without a final CRLF gets one. Holds back only what a later
/// octet may change: counts, never the body.
class BodyCanonicalizer {
 public:
  /// `sink` gets canonical octets; its argument is valid during the call only.
  using Sink = std::function<void(std::string_view)>;

  BodyCanonicalizer(Canonicalization c, Sink sink);
  void update(std::string_view chunk);
  /// The end of the body. Once.
  void finish();

 private:
  // The implementer fills this in.
};

}  // namespace dkim
