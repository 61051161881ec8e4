#include "auth/decision.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "base/text.hpp"

namespace auth {

std::string_view to_text(Action action) {
  switch (action) {
    case Action::accept:
      return "accept";
    case Action::tag:
      return "tag";
    case Action::hold:
      return "hold";
    case Action::reject:
      return "reject";
    case Action::defer:
      return "defer";
  }
  return "?";
}

std::string_view to_text(Override reason) {
  switch (reason) {
    case Override::local_policy:
      return "local_policy";
    case Override::mailing_list:
      return "mailing_list";
    case Override::trusted_forwarder:
      return "trusted_forwarder";
    case Override::policy_test_mode:
      return "policy_test_mode";
    case Override::other:
      return "other";
  }
  return "?";
}

namespace {

/// Visible ASCII and spaces only, bounded: whatever goes into a reply, an MTA must be able to send.
std::string reply_text(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, max_reply_octets)) out += base::is_visible(c) || c == ' ' ? c : '?';
  return out;
}

Disposition accept(std::string reason, std::optional<Override> why = std::nullopt) {
  return {Action::accept, std::move(reason), why, std::nullopt};
}

Disposition refuse(std::string reason, std::string_view enhanced, std::string_view text) {
  return {Action::reject, std::move(reason), std::nullopt, Reply{"550", std::string(enhanced), reply_text(text)}};
}

Disposition defer(std::string reason, std::string_view enhanced, std::string_view text) {
  return {Action::defer, std::move(reason), std::nullopt, Reply{"451", std::string(enhanced), reply_text(text)}};
}

/// Expands %d, %p and %% of the operator's text.
std::string expand(std::string_view pattern, const std::string& from_domain, const std::string& policy_domain) {
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%' || i + 1 == pattern.size()) {
      out += pattern[i];
      continue;
    }
    const char letter = pattern[++i];
    out += letter == 'd' ? from_domain : letter == 'p' ? policy_domain : std::string(1, letter);
  }
  return out;
}

Disposition refuse_by_dmarc(const dmarc::Verdict& verdict, const DecisionRules& rules, std::string reason) {
  const std::string& author = verdict.author.text();
  const std::string& policy_domain = verdict.policy_domain ? verdict.policy_domain->text() : author;
  const std::string text =
      rules.reject_text.empty()
          ? fmt::format("DMARC: mail from {} is not authenticated, and {} asks to {} it ({}={})", author, policy_domain,
                        dmarc::to_text(verdict.policy), verdict.policy_tag, dmarc::to_text(verdict.policy))
          : expand(rules.reject_text, author, policy_domain);
  return refuse(std::move(reason), "5.7.26", text);  // RFC 7372 §3.3
}

Disposition quarantine(const dmarc::Verdict& verdict, const DecisionRules& rules, std::optional<Override> why) {
  if (rules.quarantine == QuarantineBy::reject) return refuse_by_dmarc(verdict, rules, "dmarc-quarantine");
  const Action action = rules.quarantine == QuarantineBy::hold ? Action::hold : Action::tag;
  return {action, "dmarc-quarantine", why, std::nullopt};
}

/// p=reject, and nothing aligned passed. RFC 9989 §7.4: not solely because of p=reject.
Disposition honour_reject(const Facts& facts, const DecisionRules& rules) {
  if (rules.reject == HonourReject::never) return quarantine(*facts.dmarc, rules, Override::local_policy);
  if (rules.reject == HonourReject::unless_indirect && facts.indirect)
    return quarantine(*facts.dmarc, rules,
                      *facts.indirect == Indirect::mailing_list ? Override::mailing_list : Override::trusted_forwarder);
  return refuse_by_dmarc(*facts.dmarc, rules, "dmarc-reject");
}

/// By the domain's own t=y or, discovered by RFC 7489, pct=.
std::optional<Override> why_lowered(const dmarc::Verdict& verdict) {
  if (verdict.published_policy == dmarc::Policy::none) return std::nullopt;
  if (verdict.is_sampled_out) return Override::other;
  return verdict.is_testing ? std::optional(Override::policy_test_mode) : std::nullopt;
}

Disposition on_failure(const Facts& facts, const DecisionRules& rules) {
  if (facts.dmarc->policy != dmarc::Policy::none && facts.from_is_exempt) return accept("from-exempt", Override::local_policy);
  const std::optional<Override> lowered = why_lowered(*facts.dmarc);
  switch (facts.dmarc->policy) {
    case dmarc::Policy::none:
      return accept("dmarc-policy-none", lowered);
    case dmarc::Policy::quarantine:
      return quarantine(*facts.dmarc, rules, lowered);
    case dmarc::Policy::reject:
      break;
  }
  return honour_reject(facts, rules);
}

/// Deferring when the policy is known keeps a sender from choosing a selector whose DNS fails; deferring
/// when it is not would let any domain's DNS trouble stop its mail.
Disposition on_temperror(const Facts& facts, const DecisionRules& rules) {
  const bool enforcing = facts.dmarc->is_policy_known && facts.dmarc->policy != dmarc::Policy::none;
  const bool wanted = enforcing ? rules.defer_on_temperror : !facts.dmarc->is_policy_known && rules.defer_on_unknown_policy;
  if (!wanted || facts.from_is_exempt) return accept("dmarc-temperror");
  return defer("dmarc-temperror", "4.7.26",
               fmt::format("DMARC: the DNS for {} does not answer just now; try again later", facts.dmarc->author.text()));
}

Disposition decide_by_dmarc(const Facts& facts, const DecisionRules& rules) {
  switch (facts.dmarc->result) {
    case dmarc::Result::pass:
      return accept("dmarc-pass");
    case dmarc::Result::none:
      return accept("dmarc-none");
    case dmarc::Result::permerror:
      return accept("dmarc-permerror");
    case dmarc::Result::temperror:
      return on_temperror(facts, rules);
    case dmarc::Result::fail:
      return on_failure(facts, rules);
  }
  return accept("dmarc-none");
}

std::string bad_from_reason(message::AuthorStatus status) {
  switch (status) {
    case message::AuthorStatus::missing:
      return "from-missing";
    case message::AuthorStatus::several_fields:
      return "from-several-fields";
    case message::AuthorStatus::no_address:
      return "from-no-address";
    case message::AuthorStatus::too_many:
      return "from-too-many";
    case message::AuthorStatus::unparsable:
    case message::AuthorStatus::ok:
      break;
  }
  return "from-unparsable";
}

/// `spf.reject`: the operator's own wish, not DMARC's. Mail a listed forwarder brings fails SPF by nature.
std::optional<Disposition> refuse_by_spf(const Facts& facts, const DecisionRules& rules) {
  const auto& wanted = rules.spf_reject;
  if (std::find(wanted.begin(), wanted.end(), facts.spf_mail_from) == wanted.end()) return std::nullopt;
  if (facts.from_is_exempt || facts.indirect == Indirect::trusted_forwarder) return std::nullopt;
  const std::string_view result = spf::to_text(facts.spf_mail_from);
  std::string text = fmt::format("SPF: {} says {} for this client", facts.spf_domain, result);
  if (!facts.spf_explanation.empty())  // RFC 7208 §6.2: make clear whose words these are
    text = fmt::format("SPF: {} explains: {}", facts.spf_domain, facts.spf_explanation);
  // RFC 7372 §3.2: 5.7.23 SPF validation failed, 5.7.24 SPF validation error.
  return refuse(fmt::format("spf-{}", result), facts.spf_mail_from == spf::Result::permerror ? "5.7.24" : "5.7.23", text);
}

}  // namespace

Disposition decide(const Facts& facts, const DecisionRules& rules) {
  // No setting: a result of ours left standing in outside mail would be believed by whatever reads it.
  if (facts.is_flooded)
    return refuse("forged-results-flood", "5.7.1", "Too many Authentication-Results fields that claim to be this server's");
  const bool is_bad = facts.author != message::AuthorStatus::ok;
  if (is_bad && rules.refuse_bad_from) {
    const std::string_view fault = message::to_text(facts.author);
    return refuse(bad_from_reason(facts.author), "5.7.1", fmt::format("The From field does not name its author: {}", fault));
  }
  if (auto refused = refuse_by_spf(facts, rules)) return *refused;
  if (is_bad || !facts.dmarc) return accept(bad_from_reason(facts.author));
  return decide_by_dmarc(facts, rules);
}

Disposition internal_error(bool wants_defer) {
  if (wants_defer) return defer("internal-error", "4.3.0", "Internal error; try again later");
  return accept("internal-error");
}

}  // namespace auth
