#include "auth/shadow.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "auth/report.hpp"
#include "base/text.hpp"

namespace auth {
namespace {

using Differences = std::vector<ShadowDifference>;

constexpr std::string_view nothing = "-";

bool is_temporary(std::string_view result) { return result == "temperror"; }

std::string_view why_missing(const OldResults& old) { return old.is_claimed_below ? "theirs_below" : "theirs_missing"; }

void add(Differences& found, ShadowDifference difference) {
  if (found.size() < max_shadow_differences) found.push_back(std::move(difference));
}

// ---- SPF --------------------------------------------------------------------------------------------------------

std::string_view explain_spf(const spf::Verdict& ours, const OldResults& old, bool is_null_sender) {
  if (!old.spf) return why_missing(old);
  if (ours.result == spf::Result::temperror || is_temporary(*old.spf)) return "temperror";
  if (old.is_spf_of_helo && !is_null_sender) return "other_identity";
  if (ours.result == spf::Result::permerror && ours.rule == "RFC 7208 §4.6.4") return "spf_limits";
  return "unexplained";
}

void compare_spf(Differences& found, const Report& report, const OldResults& old) {
  const spf::Verdict& ours = report.spf_mail_from.verdict;
  const std::string_view result = spf::to_text(ours.result);
  if (old.spf.value_or("none") == result) return;
  add(found, {"spf", std::string(result), old.spf.value_or(std::string(nothing)),
              explain_spf(ours, old, report.envelope.reverse_path.is_null)});
}

// ---- DKIM: by domain; which of several signatures of a domain passes is nothing that anybody acts on --------------

/// What the domain's signatures came to: pass where one did.
std::string best(const std::vector<OldSignature>& signatures, const std::string& domain) {
  std::string result{nothing};
  for (const auto& signature : signatures)
    if (signature.domain == domain && result != "pass") result = signature.result;
  return result;
}

const dkim::Outcome* best(const std::vector<dkim::Outcome>& outcomes, const std::string& domain) {
  const dkim::Outcome* found = nullptr;
  for (const auto& outcome : outcomes)
    if (base::to_lower(outcome.domain) == domain && (found == nullptr || found->result != dkim::Result::pass)) found = &outcome;
  return found;
}

/// Our reason for refusing what they let pass.
std::string_view explain_refusal(const dkim::Outcome& ours) {
  constexpr std::pair<std::string_view, std::string_view> known[] = {
      {"RSA key too small", "key_weak"},
      {"rsa-sha1 is not acceptable", "algorithm_refused"},
      {"l= leaves part of the body unsigned", "length_refused"},
      {"signature expired", "signature_time"},
      {"signature made in the future", "signature_time"},
      {"too many signatures", "too_many_signatures"},
  };
  for (const auto& [text, token] : known)
    if (ours.reason == text) return token;
  return "unexplained";
}

std::string_view explain_dkim(const dkim::Outcome* ours, std::string_view theirs) {
  if (ours == nullptr) return "unexplained";
  if (ours->result == dkim::Result::temperror || is_temporary(theirs)) return "temperror";
  if (ours->result != dkim::Result::pass) return explain_refusal(*ours);
  return base::istarts_with(ours->algorithm, "ed25519") ? "ed25519_unknown" : "unexplained";
}

/// Every domain that either of the two names, once.
std::vector<std::string> signing_domains(const Report& report, const std::vector<OldSignature>& theirs) {
  std::vector<std::string> domains;
  for (const auto& outcome : report.dkim) domains.push_back(base::to_lower(outcome.domain));
  for (const auto& signature : theirs) domains.push_back(signature.domain);
  std::sort(domains.begin(), domains.end());
  domains.erase(std::unique(domains.begin(), domains.end()), domains.end());
  return domains;
}

void compare_dkim(Differences& found, const Report& report, const OldResults& old) {
  if (!old.dkim) {
    if (!report.dkim.empty())
      add(found, {"dkim", std::string(dkim::to_text(report.dkim.front().result)), std::string(nothing), why_missing(old)});
    return;
  }
  for (const auto& domain : signing_domains(report, *old.dkim)) {
    const dkim::Outcome* ours = best(report.dkim, domain);
    const std::string theirs = best(*old.dkim, domain);
    const bool passes = ours != nullptr && ours->result == dkim::Result::pass;
    if (passes == (theirs == "pass")) continue;
    const std::string_view result = ours == nullptr ? nothing : dkim::to_text(ours->result);
    add(found,
        {"dkim", fmt::format("{}:{}", result, domain), fmt::format("{}:{}", theirs, domain), explain_dkim(ours, theirs)});
  }
}

// ---- DMARC ------------------------------------------------------------------------------------------------------

std::string_view explain_dmarc(const Report& report, const OldResults& old, const std::optional<dmarc::Verdict>& by_suffix_list,
                               bool has_differed) {
  if (!old.dmarc) return why_missing(old);
  if (is_temporary(*old.dmarc) || (report.dmarc && report.dmarc->result == dmarc::Result::temperror)) return "temperror";
  if (has_differed) return "follows_spf_or_dkim";
  if (report.author.status != message::AuthorStatus::ok || report.author.domains.size() > 1) return "several_from";
  if (by_suffix_list && dmarc::to_text(by_suffix_list->result) == *old.dmarc) return "rfc9989_treewalk";
  return "unexplained";
}

void compare_dmarc(Differences& found, const Report& report, const OldResults& old,
                   const std::optional<dmarc::Verdict>& by_suffix_list) {
  const std::string_view ours = report.dmarc ? dmarc::to_text(report.dmarc->result) : "permerror";
  if (old.dmarc.value_or("none") == ours) return;
  const auto has_differed = std::any_of(found.begin(), found.end(), [](const auto& d) { return d.theirs != nothing; });
  add(found, {"dmarc", std::string(ours), old.dmarc.value_or(std::string(nothing)),
              explain_dmarc(report, old, by_suffix_list, has_differed)});
}

// ---- signing ----------------------------------------------------------------------------------------------------

bool is_for_author(const std::string& domain, const Report& report) {
  const auto signer = base::Domain::parse(domain);
  return signer && std::any_of(report.author.domains.begin(), report.author.domains.end(),
                               [&](const base::Domain& author) { return author.is_or_is_below(*signer); });
}

/// "domain:selector,…", sorted; `domains` the same without selectors, each once.
struct SignatureNames {
  std::vector<std::string> all, domains;

  void add(const std::string& domain, const std::string& selector) {
    all.push_back(base::to_lower(domain) + ":" + base::to_lower(selector));
    domains.push_back(base::to_lower(domain));
  }
  void sort() {
    std::sort(all.begin(), all.end());
    std::sort(domains.begin(), domains.end());
    domains.erase(std::unique(domains.begin(), domains.end()), domains.end());
  }
  [[nodiscard]] std::string text() const { return all.empty() ? std::string(nothing) : fmt::format("{}", fmt::join(all, ",")); }
};

/// A signature for another domain than the author's is whoever's sent the message, unless we would make one for it, too.
void compare_signing(Differences& found, const Report& report, const OldResults& old) {
  SignatureNames ours, theirs;
  for (const auto& signature : report.signatures) ours.add(signature.domain, signature.selector);
  for (const auto& signature : old.signatures) {
    const bool is_ours = std::any_of(report.signatures.begin(), report.signatures.end(),
                                     [&](const Signature& one) { return base::iequals(one.domain, signature.domain); });
    if (is_ours || is_for_author(signature.domain, report)) theirs.add(signature.domain, signature.selector);
  }
  ours.sort();
  theirs.sort();
  if (ours.all == theirs.all) return;
  const std::string_view reason = ours.domains == theirs.domains ? "other_selector"
                                  : ours.all.empty()             ? "ours_unsigned"
                                  : theirs.all.empty()           ? "theirs_unsigned"
                                                                 : "unexplained";
  add(found, {"sign", ours.all.empty() ? report.sign_reason : ours.text(), theirs.text(), reason});
}

}  // namespace

const ShadowReason* find_shadow_reason(std::string_view token) {
  const auto found =
      std::find_if(shadow_reasons.begin(), shadow_reasons.end(), [&](const auto& r) { return r.token == token; });
  return found == shadow_reasons.end() ? nullptr : found;
}

std::vector<ShadowDifference> compare_with_old(const Report& report, const OldResults& old,
                                               const std::optional<dmarc::Verdict>& by_suffix_list) {
  Differences found;
  switch (report.role.role) {
    case Role::judge:
      compare_spf(found, report, old);
      compare_dkim(found, report, old);
      compare_dmarc(found, report, old, by_suffix_list);
      break;
    case Role::sign:
      compare_signing(found, report, old);
      break;
    case Role::pass:
      break;
  }
  return found;
}

base::LogFields log_fields(const Report& report, const ShadowDifference& difference) {
  base::LogFields line;
  line.add_outside("qid", report.envelope.queue_id);
  line.add("client", report.envelope.connection.client ? report.envelope.connection.client->text() : "unknown");
  line.add_outside("sender", report.envelope.reverse_path.is_null ? "<>" : report.envelope.reverse_path.text);
  line.add_outside("from", report.author.domains.empty() ? "" : report.author.domains.front().text());
  line.add("mechanism", difference.mechanism);
  line.add_outside("ours", difference.ours);
  line.add_outside("theirs", difference.theirs);
  line.add("reason", difference.reason);
  return line;
}

}  // namespace auth
