#include "cli/report_json.hpp"

#include "base/text.hpp"

namespace cli {
namespace {

using nlohmann::json;

/// JSON is UTF-8; messages need not be.
std::string utf8(const std::string& text) { return base::is_utf8(text) ? text : base::printable(text, text.size()); }

json optional_domain(const std::optional<base::Domain>& domain) { return domain ? json(domain->text()) : json(nullptr); }

json describe(const auth::SpfCheck& check) {
  return {{"result", spf::to_text(check.verdict.result)},
          {"domain", utf8(check.domain)},
          {"reason", utf8(check.verdict.reason)},
          {"matched", utf8(check.verdict.matched)},
          {"record_domain", utf8(check.verdict.record_domain)},
          {"terms", check.verdict.terms},
          {"void_lookups", check.verdict.void_lookups}};
}

json describe(const dkim::Outcome& outcome) {
  return {{"domain", utf8(outcome.domain)},
          {"selector", utf8(outcome.selector)},
          {"identity", utf8(outcome.identity)},
          {"algorithm", utf8(outcome.algorithm)},
          {"result", dkim::to_text(outcome.result)},
          {"reason", utf8(outcome.reason)},
          {"key_bits", outcome.key_bits},
          {"testing", outcome.is_testing}};
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

json to_json(const auth::Report& report) {
  json out = {{"role", auth::to_text(report.role.role)}, {"role_reason", report.role.reason}};
  out["author"] = {{"status", message::to_text(report.author.status)}, {"fault", utf8(report.author.fault)}};
  for (const auto& domain : report.author.domains) out["author"]["domains"].push_back(domain.text());
  out["spf"] = {{"helo", describe(report.spf_helo)}, {"mailfrom", describe(report.spf_mail_from)}};
  out["dkim"] = list(report.dkim);
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

}  // namespace cli
