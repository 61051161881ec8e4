#include "cli/report_json.hpp"

#include "base/text.hpp"
#include "cli/dmarc_text.hpp"
#include "cli/reasons.hpp"
#include "cli/signature_text.hpp"
#include "cli/spf_text.hpp"

namespace cli {
namespace {

using nlohmann::json;

/// JSON is UTF-8; messages need not be.
std::string utf8(const std::string& text) { return base::is_utf8(text) ? text : base::printable(text, text.size()); }

json optional_domain(const std::optional<base::Domain>& domain) { return domain ? json(domain->text()) : json(nullptr); }

json describe(const auth::SpfCheck& check) {
  json out = to_json(check.verdict);
  out["domain"] = utf8(check.domain);
  if (check.trace) out["steps"] = to_json(*check.trace);
  return out;
}

json describe(const dkim::Outcome& outcome, bool shows_canonical) {
  json out = {{"domain", utf8(outcome.domain)},
              {"selector", utf8(outcome.selector)},
              {"identity", utf8(outcome.identity)},
              {"algorithm", utf8(outcome.algorithm)},
              {"result", dkim::to_text(outcome.result)},
              {"reason", utf8(outcome.reason)},
              {"key_bits", outcome.key_bits},
              {"testing", outcome.is_testing}};
  if (outcome.evidence) out["evidence"] = describe_evidence(*outcome.evidence, shows_canonical);
  return out;
}

json describe(const auth::Report& report) {
  if (!report.dmarc) {
    const bool is_missing = report.author.status == message::AuthorStatus::missing;
    return {{"result", is_missing ? "none" : "permerror"},
            {"reason", message::to_text(report.author.status)},
            {"policy", nullptr},
            {"policy_domain", nullptr},
            {"organizational_domain", nullptr},
            {"aligned_spf", false},
            {"aligned_dkim", false}};
  }
  const dmarc::Verdict& verdict = *report.dmarc;
  return {{"result", dmarc::to_text(verdict.result)},
          {"from_domain", verdict.author.text()},
          {"policy", verdict.is_policy_known ? json(dmarc::to_text(verdict.published_policy)) : json(nullptr)},
          {"applied_policy", verdict.is_policy_known ? json(dmarc::to_text(verdict.policy)) : json(nullptr)},
          {"policy_tag", verdict.policy_tag},
          {"policy_domain", optional_domain(verdict.policy_domain)},
          {"organizational_domain", optional_domain(verdict.organizational_domain)},
          {"testing", verdict.is_testing},
          {"sampled_out", verdict.is_sampled_out},
          {"aligned_spf", verdict.aligned_spf},
          {"aligned_dkim", verdict.aligned_dkim},
          {"reason", utf8(verdict.reason)}};
}

json describe(const auth::Change& change) {
  if (change.kind == auth::Change::Kind::delete_field)
    return {{"change", "delete"}, {"name", change.name}, {"instance", change.instance}};
  return {{"change", "insert"}, {"name", change.name}, {"value", utf8(change.value)}};
}

json describe(const std::optional<auth::Reply>& reply) {
  if (!reply) return nullptr;
  return {{"code", reply->code}, {"enhanced", reply->enhanced}, {"text", reply->text}};
}

json describe(const auth::Signature& signature) {
  return {{"domain", signature.domain}, {"selector", signature.selector}, {"algorithm", signature.algorithm}};
}

template <class Items>
json list(const Items& items) {
  json out = json::array();
  for (const auto& item : items) out.push_back(describe(item));
  return out;
}

}  // namespace

json to_json(const auth::Report& report, bool shows_canonical) {
  json out = {{"role", auth::to_text(report.role.role)}, {"role_reason", report.role.reason}};
  out["author"] = {{"status", message::to_text(report.author.status)}, {"fault", utf8(report.author.fault)}};
  for (const auto& domain : report.author.domains) out["author"]["domains"].push_back(domain.text());
  out["spf"] = {{"helo", describe(report.spf_helo)}, {"mailfrom", describe(report.spf_mail_from)}};
  out["dkim"] = json::array();
  for (const auto& outcome : report.dkim) out["dkim"].push_back(describe(outcome, shows_canonical));
  out["dmarc"] = describe(report);
  out["action"] = auth::to_text(report.disposition.action);
  out["reason"] = report.disposition.reason;
  const auto& why = report.disposition.override_reason;
  out["override"] = why ? json(auth::to_text(*why)) : json(nullptr);
  out["reply"] = describe(report.disposition.reply);
  out["sign"] = {{"reason", report.sign_reason}, {"signatures", list(report.signatures)}};
  out["authentication_results"] = utf8(report.authentication_results);
  out["changes"] = list(report.changes);
  return out;
}

json to_json(const VerdictFindings& found, bool shows_canonical) {
  json out = to_json(found.report, shows_canonical);
  out["meaning"] = explain_reason(found.report.disposition.reason);
  out["dmarc"]["discovery"] = json::array();
  for (const DmarcFinding& finding : found.by_author)
    out["dmarc"]["discovery"].push_back({{"author", finding.discovery.author.text()},
                                         {"steps", describe_steps(finding)},
                                         {"reason", finding.discovery.reason}});
  return out;
}

}  // namespace cli
