#include "dmarc/evaluation.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

#include "dmarc/opendmarc.hpp"

namespace dmarc {
namespace {

/// RFC 9989 §4.4: strict is equality; relaxed what discovery found out.
Alignment alignment_of(const Discovery& discovery, const base::Domain& identifier, AlignmentMode mode) {
  if (identifier == discovery.author) return Alignment::yes;
  if (mode == AlignmentMode::strict) return Alignment::no;
  const auto found = discovery.relaxed_alignments.find(identifier);
  return found == discovery.relaxed_alignments.end() ? Alignment::no : found->second;
}

/// What the identifiers come to, one after the other.
struct Tally {
  bool any_passed = false;
  std::string unknown{};  // why there may be a pass that cannot be seen; the first

  /// True: passed and aligned.
  bool take(const Identifier& identifier, Alignment alignment, std::string_view mechanism) {
    const bool has_passed = identifier.state == IdentifierState::passed;
    any_passed = any_passed || has_passed;
    if (identifier.state == IdentifierState::failed || alignment == Alignment::no) return false;
    if (has_passed && alignment == Alignment::yes) return true;
    if (unknown.empty())
      unknown = has_passed ? fmt::format("DNS failure: alignment of {} not known", identifier.domain.text())
                           : fmt::format("{} for {} not known", mechanism, identifier.domain.text());
    return false;
  }
};

Policy lower(Policy policy) { return policy == Policy::reject ? Policy::quarantine : Policy::none; }

Verdict start_verdict(const Discovery& discovery, std::uint32_t sample) {
  Verdict verdict{Result::none, discovery.author};
  verdict.policy_domain = discovery.policy_domain;
  verdict.organizational_domain = discovery.organizational_domain;
  verdict.reason = discovery.reason;
  if (discovery.status == DiscoveryStatus::temperror) verdict.result = Result::temperror;
  if (discovery.status == DiscoveryStatus::permerror) verdict.result = Result::permerror;
  if (discovery.status != DiscoveryStatus::found) return verdict;
  verdict.is_policy_known = true;
  verdict.published_policy = discovery.policy;
  verdict.is_testing = discovery.record.testing;
  verdict.is_sampled_out = sample >= discovery.record.pct;
  verdict.policy = verdict.is_testing || verdict.is_sampled_out ? lower(discovery.policy) : discovery.policy;
  verdict.policy_tag = discovery.policy_tag;
  verdict.record = discovery.record;
  return verdict;
}

void add_reason(Verdict& verdict, std::string_view why) {
  verdict.reason = verdict.reason.empty() ? std::string(why) : fmt::format("{}; {}", why, verdict.reason);
}

/// RFC 9989 §5.3.5 and §5.3.6.
void decide(Verdict& verdict, const Tally& tally) {
  if (verdict.aligned_spf || verdict.aligned_dkim) {
    verdict.result = Result::pass;
    verdict.reason.clear();
  } else if (!tally.unknown.empty()) {
    verdict.result = Result::temperror;
    add_reason(verdict, tally.unknown);
  } else {
    verdict.result = Result::fail;
    add_reason(verdict, tally.any_passed ? "no identifier that passed is aligned" : "no identifier passed");
  }
}

void cross_check(const Verdict& verdict, const Discovery& discovery, base::Log& log) {
  const base::Domain& organization = discovery.organizational_domain.value_or(discovery.author);
  const OpendmarcQuestion question{verdict.author,           organization,        discovery.is_inherited,
                                   verdict.published_policy, verdict.aligned_spf, verdict.aligned_dkim};
  report_disagreement(question, ask_opendmarc(question), log);
}

/// The more a result speaks against the message, the higher.
int weight(const Verdict& verdict) {
  switch (verdict.result) {
    case Result::fail:
      return 4 + static_cast<int>(verdict.policy);
    case Result::temperror:
      return 3;
    case Result::permerror:
      return 2;
    case Result::none:
      return 1;
    case Result::pass:
      break;
  }
  return 0;
}

}  // namespace

std::string_view to_text(Result result) {
  constexpr std::array<std::string_view, 5> texts = {"none", "pass", "fail", "temperror", "permerror"};
  return texts.at(static_cast<std::size_t>(result));
}

Verdict evaluate(const Discovery& discovery, const std::optional<Identifier>& spf, std::span<const Identifier> dkim,
                 base::Log& log, std::uint32_t sample) {
  Verdict verdict = start_verdict(discovery, sample);
  if (discovery.status != DiscoveryStatus::found) return verdict;
  Tally tally;
  if (spf) verdict.aligned_spf = tally.take(*spf, alignment_of(discovery, spf->domain, discovery.record.aspf), "SPF");
  for (const Identifier& signer : dkim) {
    if (!tally.take(signer, alignment_of(discovery, signer.domain, discovery.record.adkim), "DKIM")) continue;
    verdict.aligned_dkim = true;
    if (!verdict.aligned_dkim_domain) verdict.aligned_dkim_domain = signer.domain;
  }
  decide(verdict, tally);
  if (verdict.result != Result::temperror) cross_check(verdict, discovery, log);
  return verdict;
}

Verdict combine(std::span<const Verdict> verdicts) {
  return *std::max_element(verdicts.begin(), verdicts.end(),
                           [](const Verdict& a, const Verdict& b) { return weight(a) < weight(b); });
}

}  // namespace dmarc
