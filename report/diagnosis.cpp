#include "report/diagnosis.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/domain.hpp"

namespace report {
namespace {

struct Finding {
  std::string what, advice;
};

bool is_fail(const std::string& result) { return result == "fail" || result == "softfail" || result == "neutral"; }

/// The first result for which `holds` is true; null: none.
template <class Results, class Holds>
auto find(const Results& results, const Holds& holds) -> const typename Results::value_type* {
  const auto found = std::find_if(results.begin(), results.end(), holds);
  return found == results.end() ? nullptr : &*found;
}

std::string signature_text(const DkimAuthResult& signature) {
  if (signature.selector.empty()) return fmt::format("of {}", signature.domain);
  return fmt::format("of {} (selector {})", signature.domain, signature.selector);
}

std::string said(const std::string& human_result) {
  return human_result.empty() ? std::string() : fmt::format(" (\"{}\")", human_result);
}

// --- DKIM

/// Of a domain that could have been aligned.
Finding explain_own_signature(const DkimAuthResult& signature, const PolicyPublished& policy) {
  const std::string of = signature_text(signature), &result = signature.result;
  const std::string look = signature.selector.empty()
                               ? std::string("look at its key with signet dkim SELECTOR DOMAIN")
                               : fmt::format("look at its key with signet dkim {} {}", signature.selector, signature.domain);
  if (result == "pass")
    return {fmt::format("DKIM signature {} is valid, but was not taken as aligned", of),
            policy.adkim == "s" ? "adkim=s wants the very domain of From: sign as that, or publish adkim=r"
                                : "only this reporter knows why; if it goes on, ask it"};
  if (result == "permerror")
    return {fmt::format("DKIM signature {} cannot be checked: permerror{}", of, said(signature.human_result)),
            "its key record is missing or malformed: " + look};
  if (result == "temperror")
    return {fmt::format("DKIM signature {} could not be checked: temperror", of),
            "the DNS did not answer the reporter; if it goes on, look at the name servers of the domain"};
  if (result == "policy" || result == "none")
    return {fmt::format("DKIM signature {} was not accepted: {}{}", of, result, said(signature.human_result)),
            "its key may be too short, or it was made by an algorithm that is no longer taken: " + look};
  return {fmt::format("DKIM signature {} failed{}", of, said(signature.human_result)),
          "the message was changed on its way (a mailing list, a forwarder, a footer added after signing), or the key in the "
          "DNS is not the one that signs: " +
              look};
}

Finding explain_dkim(const Record& record, const PolicyPublished& policy) {
  const std::string& from = record.identifiers.header_from;
  const auto is_ours = [&](const DkimAuthResult& one) { return is_related(one.domain, policy.domain); };
  const std::string sign = fmt::format("if this sender is yours, have it sign as {}", from);
  if (const auto* own = find(record.dkim, is_ours)) return explain_own_signature(*own, policy);
  if (const auto* other = find(record.dkim, [](const auto& one) { return one.result == "pass"; }))
    return {fmt::format("DKIM passed for {}, which is not aligned with {}", other->domain, from), sign};
  if (!record.dkim.empty() && record.dkim.front().result != "none")
    return {fmt::format("DKIM signature {}: {}, and not aligned with {}", signature_text(record.dkim.front()),
                        record.dkim.front().result, from),
            sign};
  return {"no DKIM signature", sign};
}

// --- SPF

Finding explain_own_spf(const SpfAuthResult& spf, const PolicyPublished& policy) {
  if (spf.result == "pass" && spf.scope == "helo")
    return {fmt::format("SPF passed for HELO {} alone", spf.domain),
            "DMARC takes the envelope sender: give this sender a bounce address of the domain"};
  if (spf.result == "pass")
    return {fmt::format("SPF passed for {}, but was not taken as aligned", spf.domain),
            policy.aspf == "s" ? "aspf=s wants the very domain of From: use it in the envelope sender, or publish aspf=r"
                               : "only this reporter knows why; if it goes on, ask it"};
  if (spf.result == "permerror")
    return {fmt::format("SPF of {} is a permerror", spf.domain),
            fmt::format("its record has an error or needs over 10 lookups: see signet dns {}", spf.domain)};
  if (spf.result == "temperror")
    return {fmt::format("SPF of {} is a temperror", spf.domain),
            "the DNS did not answer the reporter; if it goes on, look at the name servers of the domain"};
  if (is_fail(spf.result))
    return {fmt::format("SPF of {} is {}: this address is not in its record", spf.domain, spf.result),
            "if this server is yours, add it to the record; if it forwards your mail, only DKIM can pass"};
  return {fmt::format("{} has no SPF record", spf.domain),
          fmt::format("publish one that names the servers that send for {}", spf.domain)};
}

Finding explain_spf(const Record& record, const PolicyPublished& policy) {
  const std::string& from = record.identifiers.header_from;
  const auto is_ours = [&](const SpfAuthResult& one) { return is_related(one.domain, policy.domain); };
  if (const auto* own = find(record.spf, is_ours)) return explain_own_spf(*own, policy);
  if (record.spf.empty() || record.spf.front().domain.empty())
    return {"SPF had no domain to check: the null sender, or none was reported", "nothing to do: only DKIM can pass"};
  const SpfAuthResult& spf = record.spf.front();
  const std::string advice = fmt::format("if this sender is yours, give it a bounce address below {}, or rely on DKIM", from);
  if (spf.result == "pass") return {fmt::format("SPF passed for {}, which is not aligned with {}", spf.domain, from), advice};
  return {fmt::format("SPF of {}: {}, and not aligned with {}", spf.domain, spf.result.empty() ? "none" : spf.result, from),
          advice};
}

/// Nobody in the record is known to be who it says.
bool is_stranger(const Record& record, const PolicyPublished& policy) {
  const bool signed_by_us =
      find(record.dkim, [&](const auto& one) { return is_related(one.domain, policy.domain) && one.result != "none"; });
  return !signed_by_us && find_other_organization(record, policy).empty() && !is_own(record, policy);
}

}  // namespace

bool is_related(const std::string& domain, const std::string& policy_domain) {
  const auto one = base::Domain::parse(domain), other = base::Domain::parse(policy_domain);
  // A single label, a top-level domain, belongs to nobody.
  return one && other && one->label_count() > 1 && (one->is_or_is_below(*other) || other->is_below(*one));
}

std::string find_other_organization(const Record& record, const PolicyPublished& policy) {
  const auto is_other = [&](const auto& one) {
    return one.result == "pass" && !one.domain.empty() && !is_related(one.domain, policy.domain);
  };
  if (const auto* dkim = find(record.dkim, is_other)) return dkim->domain;
  const auto* spf = find(record.spf, is_other);
  return spf == nullptr ? std::string() : spf->domain;
}

bool is_own(const Record& record, const PolicyPublished& policy) {
  const auto is_ours = [&](const auto& one) { return one.result == "pass" && is_related(one.domain, policy.domain); };
  return record.policy_evaluated.dkim == "pass" || record.policy_evaluated.spf == "pass" || find(record.dkim, is_ours) ||
         find(record.spf, is_ours);
}

std::vector<Reason> find_reasons(const Record& record, const PolicyPublished& policy) {
  const bool dkim = record.policy_evaluated.dkim == "pass", spf = record.policy_evaluated.spf == "pass";
  std::vector<Reason> out;
  const auto add = [&](Finding finding) {
    out.push_back({record.count, !dkim && !spf, std::move(finding.what), std::move(finding.advice)});
  };
  if (!dkim) add(explain_dkim(record, policy));
  if (!spf) add(explain_spf(record, policy));
  if (!dkim && !spf && is_stranger(record, policy))
    out.front().advice = "nothing shows who this is: forged, or a server of yours that is not set up; " + out.front().advice;
  return out;
}

}  // namespace report
