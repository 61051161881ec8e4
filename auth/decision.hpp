#pragma once
// What is done with a message: one table from what was found to what follows. RFC 9989 §5.4 and §7.4; the
// reading of §7.4 is ours (docs/adr/0004). Pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dmarc/evaluation.hpp"
#include "message/author.hpp"
#include "spf/check_host.hpp"

namespace auth {

enum class Action {
  accept,
  tag,     // delivered, with a field that filters file on
  hold,    // the MTA's quarantine
  reject,  // 5xx
  defer,   // 4xx
};

[[nodiscard]] std::string_view to_text(Action action);

enum class QuarantineBy { tag, hold, reject };
enum class HonourReject { unless_indirect, always, never };

/// The operator's choices.
struct DecisionRules {
  QuarantineBy quarantine = QuarantineBy::tag;
  HonourReject reject = HonourReject::unless_indirect;
  bool refuse_bad_from = true;
  bool defer_on_temperror = true;  // the policy is known and enforcing, an identifier might yet align
  bool defer_on_unknown_policy = false;
  std::vector<spf::Result> spf_reject;  // of MAIL FROM
  std::string reject_text;              // for DMARC refusals; empty: our own. %d From domain, %p policy domain, %% one %
};

/// Signs that the message came by a way that breaks authentication without anybody's ill will (indirect.hpp).
enum class Indirect { mailing_list, trusted_forwarder };

/// Why something other than the published policy was done: RFC 9990's words, in which `other` is RFC 7489's sampled_out.
enum class Override { local_policy, mailing_list, trusted_forwarder, policy_test_mode, other };

[[nodiscard]] std::string_view to_text(Override reason);

/// What was found, as far as it matters here.
struct Facts {
  message::AuthorStatus author = message::AuthorStatus::ok;
  std::optional<dmarc::Verdict> dmarc;  // none: there is no Author Domain to evaluate
  spf::Result spf_mail_from = spf::Result::none;
  std::string spf_domain;       // what it was the result of
  std::string spf_explanation;  // the domain's own text for a fail; visible ASCII or empty
  std::optional<Indirect> indirect;
  bool from_is_exempt = false;  // every Author Domain is listed
  bool is_flooded = false;      // more fields claim to be our results than we take out one by one
};

/// An SMTP reply: RFC 5321 §4.2, RFC 3463, RFC 7372. Text is visible ASCII and spaces, at most max_reply_octets.
struct Reply {
  std::string code;      // "550"
  std::string enhanced;  // "5.7.26"
  std::string text;
};

inline constexpr std::size_t max_reply_octets = 400;

struct Disposition {
  Action action = Action::accept;
  std::string reason;  // one token, for the log: "dmarc-pass", "dmarc-reject", "from-missing", …
  std::optional<Override> override_reason;
  std::optional<Reply> reply;  // for reject and defer
};

[[nodiscard]] Disposition decide(const Facts& facts, const DecisionRules& rules);

/// What to do when we ourselves failed (`on-internal-error`).
[[nodiscard]] Disposition internal_error(bool defer);

}  // namespace auth
