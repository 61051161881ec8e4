#pragma once
// Shadow mode: our verdicts beside those of the chain that is to be replaced. Pure: a report and what the old chain wrote in,
// the differences out, each with the reason that the facts give for it.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/old_results.hpp"
#include "base/log.hpp"
#include "dmarc/evaluation.hpp"

namespace auth {

struct Report;

/// Why two verdicts differ.
struct ShadowReason {
  std::string_view token;
  std::string_view meaning;       // for people: a sentence
  bool is_change_wanted = false;  // known, and nothing to look into before the switch
};
inline constexpr std::array<ShadowReason, 18> shadow_reasons = {{
    {"temperror", "The DNS did not answer one of the two.", true},
    {"theirs_missing", "The old chain wrote no such result: it does not check this, or passed the message over.", true},
    {"theirs_below", "A result of that name came with the message, below Received or From, and is not believed.", true},
    {"other_identity", "The old chain looked at HELO, Signet at MAIL FROM.", true},
    {"spf_limits", "The record needs more lookups than RFC 7208 §4.6.4 allows.", true},
    {"key_weak", "The signature's RSA key is smaller than dkim.min-rsa-bits (RFC 8301).", true},
    {"algorithm_refused", "The signature is rsa-sha1, which RFC 8301 forbids.", true},
    {"length_refused", "l= leaves a part of the body unsigned (dkim.accept-short-length).", true},
    {"signature_time", "The signature has expired or was made in the future (dkim.clock-drift).", true},
    {"too_many_signatures", "The signature is beyond dkim.max-signatures or dkim.max-verified.", true},
    {"ed25519_unknown", "The old chain does not verify Ed25519 signatures (RFC 8463).", true},
    {"several_from", "The From field is bad or names several domains.", true},
    {"rfc9989_treewalk", "By RFC 7489 and the public suffix list Signet would say the same as the old chain.", true},
    {"follows_spf_or_dkim", "Follows from SPF or DKIM of the same message, for which see its own line.", true},
    {"other_selector", "Both sign for the domain, with other selectors or another number of signatures.", true},
    {"theirs_unsigned", "Signet would sign, the old chain did not.", false},
    {"ours_unsigned",
     "The old chain signed, Signet would not: a [[sign.rule]] is missing, or the message is not taken for ours.", false},
    {"unexplained", "None of the reasons that are known.", false},
}};

[[nodiscard]] const ShadowReason* find_shadow_reason(std::string_view token);

struct ShadowDifference {
  std::string_view mechanism;  // spf, dkim, dmarc, sign
  std::string ours, theirs;    // a result; of dkim and sign with the domain: "pass:example.org"; may hold any octets
  std::string_view reason;     // one of shadow_reasons
};

inline constexpr std::size_t max_shadow_differences = 8;  // of one message; those beyond are not listed

/// `by_suffix_list`: what DMARC says by RFC 7489, where that was looked into. A message that is a relay's has none.
[[nodiscard]] std::vector<ShadowDifference> compare_with_old(const Report& report, const OldResults& old,
                                                             const std::optional<dmarc::Verdict>& by_suffix_list);

/// The fields of one difference's line.
[[nodiscard]] base::LogFields log_fields(const Report& report, const ShadowDifference& difference);

}  // namespace auth
