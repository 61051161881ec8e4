#pragma once
// The DMARC result of one Author Domain. RFC 9989 §5.3 (evaluation), §4.10.3 (alignment).
// Pure: what was found in the DNS and what SPF and DKIM said, in; the result and the policy, out.
// What is done with the message is auth/'s decision.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/domain.hpp"
#include "base/log.hpp"
#include "dmarc/discovery.hpp"

namespace dmarc {

enum class Result {
  none,       // no policy applies
  pass,       // an aligned identifier passed
  fail,       // none did
  temperror,  // a DNS failure keeps it from being known
  permerror,  // the policy record that applies is unusable
};

[[nodiscard]] std::string_view to_text(Result result);

enum class IdentifierState {
  passed,
  failed,   // anything that is neither
  unknown,  // temperror: it might have passed
};

/// An authenticated identifier: MAIL FROM's domain for SPF (never HELO's own pass), d= for DKIM.
struct Identifier {
  base::Domain domain;
  IdentifierState state = IdentifierState::failed;
};

struct Verdict {
  Result result = Result::none;
  base::Domain author;
  std::optional<base::Domain> policy_domain{};          // where the record is
  std::optional<base::Domain> organizational_domain{};  // of the Author Domain, when known
  bool is_policy_known = false;                         // also with temperror: then `policy` is what would apply
  Policy published_policy = Policy::none;               // p, sp or np: the one that applies
  Policy policy = Policy::none;                         // the same after t=y or pct= lowered it one level
  std::string policy_tag{};                             // "p", "sp", "np"
  bool is_testing = false;                              // t=y
  bool is_sampled_out = false;                          // by pct=, which lowers the policy likewise; RFC 7489 only
  bool aligned_spf = false;                             // passed and aligned
  bool aligned_dkim = false;
  std::optional<base::Domain> aligned_dkim_domain{};  // the first that passed and is aligned
  std::string reason{};                               // why not pass; ASCII, bounded
  std::optional<Record> record{};                     // as found, for reports
};

/// `discovery` must come from an input that named these identifiers. `log` hears of any disagreement
/// between libopendmarc and our own table; ours stands. `sample` is this message's draw, 0 to 99: where it is not below
/// pct= (100 unless discovered by RFC 7489) the message is sampled out and under the next lower policy (RFC 7489 §6.6.4).
[[nodiscard]] Verdict evaluate(const Discovery& discovery, const std::optional<Identifier>& spf,
                               std::span<const Identifier> dkim, base::Log& log, std::uint32_t sample = 0);

/// Several Author Domains (RFC 9989 §11): pass only if all pass, else the strictest policy among those that
/// fail. `verdicts` is not empty.
[[nodiscard]] Verdict combine(std::span<const Verdict> verdicts);

}  // namespace dmarc
