#include "auth/results.hpp"

namespace auth {
namespace {

using message::MethodResult;
using message::Property;

MethodResult method(std::string_view name, std::string_view result) {
  MethodResult out;
  out.method = name;
  out.result = result;
  return out;
}

/// RFC 8601 §2.7.2. A null reverse-path has one identity, HELO, and so one result.
void add_spf(std::vector<MethodResult>& out, const Report& report) {
  const auto entry = [](const SpfCheck& check, std::string_view property, const std::string& value) {
    MethodResult result = method("spf", spf::to_text(check.verdict.result));
    result.comment = check.verdict.reason;
    if (!value.empty()) result.properties.push_back({"smtp", std::string(property), value});
    return result;
  };
  const Envelope& envelope = report.envelope;
  if (!envelope.reverse_path.is_null) out.push_back(entry(report.spf_mail_from, "mailfrom", envelope.reverse_path.text));
  out.push_back(entry(report.spf_helo, "helo", envelope.connection.helo));
}

/// RFC 8601 §2.7.1; header.a and header.s: RFC 8601 §2.7.1 and the registry.
MethodResult describe(const dkim::Outcome& outcome) {
  MethodResult out = method("dkim", dkim::to_text(outcome.result));
  out.reason = outcome.reason;
  const auto add = [&](std::string_view property, const std::string& value) {
    if (!value.empty()) out.properties.push_back({"header", std::string(property), value});
  };
  add("d", outcome.domain);
  add("i", outcome.identity);
  add("s", outcome.selector);
  add("a", outcome.algorithm);
  add("b", outcome.signature_start);
  return out;
}

/// RFC 8601 §2.7.2, RFC 9989 §10.6 (policy.dmarc).
MethodResult describe(const Report& report) {
  if (!report.dmarc) {
    const bool is_absent = report.author.status == message::AuthorStatus::missing;
    MethodResult out = method("dmarc", is_absent ? "none" : "permerror");
    out.reason = message::to_text(report.author.status);
    return out;
  }
  const dmarc::Verdict& verdict = *report.dmarc;
  MethodResult out = method("dmarc", dmarc::to_text(verdict.result));
  out.reason = verdict.reason;
  out.properties.push_back({"header", "from", verdict.author.text()});
  if (verdict.is_policy_known) out.properties.push_back({"policy", "dmarc", std::string(dmarc::to_text(verdict.policy))});
  return out;
}

}  // namespace

message::AuthenticationResults make_results(const Report& report, const std::string& authserv_id) {
  message::AuthenticationResults out;
  out.authserv_id = authserv_id;
  add_spf(out.results, report);
  for (const auto& outcome : report.dkim) out.results.push_back(describe(outcome));
  if (report.dkim.empty()) out.results.push_back(method("dkim", "none"));
  out.results.push_back(describe(report));
  return out;
}

message::ReceivedSpf make_received_spf(const Report& report, const std::string& receiver) {
  const Envelope& envelope = report.envelope;
  const spf::Verdict& verdict = report.spf_mail_from.verdict;
  message::ReceivedSpf out{std::string(spf::to_text(verdict.result)), verdict.reason, {}};
  const auto add = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) out.values.emplace_back(key, value);
  };
  add("client-ip", envelope.connection.client ? envelope.connection.client->text() : "");
  add("envelope-from", envelope.reverse_path.is_null ? "<>" : envelope.reverse_path.text);
  add("helo", envelope.connection.helo);
  add("identity", envelope.reverse_path.is_null ? "helo" : "mailfrom");
  add("mechanism", verdict.matched);
  const bool is_error = verdict.result == spf::Result::temperror || verdict.result == spf::Result::permerror;
  add("problem", is_error ? verdict.reason : "");
  add("receiver", receiver);
  return out;
}

}  // namespace auth
