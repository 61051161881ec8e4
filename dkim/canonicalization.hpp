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
/// alone is an octet like others; a body without a final CRLF gets one. Between calls it holds back only what a
/// later octet may change: counts, never the body.
class BodyCanonicalizer {
 public:
  /// `sink` gets canonical octets; its argument is valid during the call only.
  using Sink = std::function<void(std::string_view)>;

  BodyCanonicalizer(Canonicalization c, Sink sink);
  void update(std::string_view chunk);
  /// The end of the body. Once.
  void finish();

 private:
  void reduce_white_space(std::string_view chunk);
  void resolve_cr_after_wsp(char next);
  bool end_wsp_run(std::string_view chunk, std::size_t& at, std::size_t& run);
  void pass(std::string_view run);
  void emit_content(std::string_view content);
  void emit(std::string_view octets);
  void flush();

  const Canonicalization canonicalization_;
  Sink sink_;
  // Relaxed only: a run of WSP whose meaning the next octet decides, and a CR behind it.
  bool wsp_pending_ = false;
  bool cr_after_wsp_ = false;
  // Line ends that are dropped if nothing but line ends follows, and a CR that may begin one.
  std::uint64_t line_ends_pending_ = 0;
  bool cr_pending_ = false;
  bool has_content_ = false;
  std::string gathered_;  // small runs of this update(), so that the sink is not called for each
};

}  // namespace dkim
