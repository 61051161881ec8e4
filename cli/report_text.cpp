#include "cli/report_text.hpp"

#include <fmt/format.h>

#include <iterator>

#include "cli/dmarc_text.hpp"
#include "cli/reasons.hpp"
#include "cli/signature_text.hpp"
#include "cli/spf_text.hpp"

namespace cli {
namespace {

using Out = std::back_insert_iterator<std::string>;

/// One line: a label in the first column, then text.
void line(std::string& out, std::string_view label, const std::string& text) {
  fmt::format_to(Out(out), "{:<10} {}\n", label, text);
}

std::string because(const std::string& reason) { return reason.empty() ? "" : fmt::format(" ({})", readable(reason)); }

constexpr std::size_t detail_indent = 11;  // below the text of a line

void explain_spf(std::string& out, std::string_view identity, const auth::SpfCheck& check, const spf::Limits& limits,
                 const Paint& paint) {
  const std::string domain = check.domain.empty() ? "(no domain)" : readable(check.domain);
  line(out, "SPF", fmt::format("{} {}: {}", identity, domain, explain_result(check.verdict, paint)));
  if (!check.trace) return line(out, "", "no client address is known, so nothing was checked");
  out += explain_trace(*check.trace, limits, detail_indent, paint);
  line(out, "", count_lookups(check.verdict, limits));
}

/// A null reverse-path has one identity only (RFC 7208 §2.4).
void explain_spf(std::string& out, const VerdictFindings& found, const Paint& paint) {
  const auth::Report& report = found.report;
  if (!report.envelope.reverse_path.is_null) explain_spf(out, "MAIL FROM", report.spf_mail_from, found.limits, paint);
  explain_spf(out, "HELO", report.spf_helo, found.limits, paint);
}

std::string_view colour_of(dkim::Result result) {
  return result == dkim::Result::pass ? green : result == dkim::Result::fail ? red : yellow;
}

void explain_dkim(std::string& out, const dkim::Outcome& outcome, bool shows_canonical, const Paint& paint) {
  std::string text = fmt::format("signature {} by {} selector {} {}: {}", outcome.index + 1, base::printable(outcome.domain),
                                 base::printable(outcome.selector), base::printable(outcome.algorithm),
                                 paint(colour_of(outcome.result), dkim::to_text(outcome.result)));
  if (!outcome.reason.empty()) text += fmt::format(", {}", readable(outcome.reason));
  if (outcome.key_bits != 0) text += fmt::format("; key of {} bits", outcome.key_bits);
  if (outcome.is_testing) text += "; the domain is testing (t=y)";
  line(out, "DKIM", text);
  if (outcome.evidence) out += explain_evidence(outcome, shows_canonical, detail_indent);
}

/// By what the policy is lowered one level, if by anything.
std::string explain_lowering(const dmarc::Verdict& verdict) {
  if (!verdict.is_testing && !verdict.is_sampled_out) return "";
  return fmt::format("; {} lowers it to {}", verdict.is_testing ? "t=y" : "pct", dmarc::to_text(verdict.policy));
}

std::string_view colour_of(dmarc::Result result) {
  return result == dmarc::Result::pass ? green : result == dmarc::Result::fail ? red : yellow;
}

void explain_dmarc(std::string& out, const dmarc::Verdict& verdict, const Paint& paint) {
  line(out, "DMARC",
       fmt::format("From {}: {}{}", verdict.author.text(), paint(colour_of(verdict.result), dmarc::to_text(verdict.result)),
                   verdict.reason.empty() ? "" : ", " + readable(verdict.reason)));
  if (verdict.is_policy_known)
    line(out, "",
         fmt::format("policy {}={} from _dmarc.{}{}", verdict.policy_tag, dmarc::to_text(verdict.published_policy),
                     verdict.policy_domain ? verdict.policy_domain->text() : "?", explain_lowering(verdict)));
  if (verdict.organizational_domain)
    line(out, "", fmt::format("Organizational Domain {}", verdict.organizational_domain->text()));
  line(out, "",
       fmt::format("aligned and passed: SPF {}, DKIM {}", verdict.aligned_spf ? "yes" : "no",
                   verdict.aligned_dkim ? "yes" : "no"));
}

/// One Author Domain after the other, and what follows from all.
void explain_dmarc(std::string& out, const VerdictFindings& found, const Paint& paint) {
  const auto& verdicts = found.report.dmarc_by_author;
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    explain_dmarc(out, verdicts[i], paint);
    out += explain_steps(found.by_author[i], detail_indent, paint);
  }
  if (verdicts.size() > 1)
    line(out, "DMARC",
         fmt::format("of all {} From domains together: {}", verdicts.size(), dmarc::to_text(found.report.dmarc->result)));
}

void explain_action(std::string& out, const auth::Disposition& disposition) {
  std::string text = fmt::format("{}, reason {}", auth::to_text(disposition.action), disposition.reason);
  if (disposition.override_reason) text += fmt::format(", override {}", auth::to_text(*disposition.override_reason));
  line(out, "Action", text);
  line(out, "", std::string(explain_reason(disposition.reason)));
  if (disposition.override_reason) line(out, "", std::string(explain_override(auth::to_text(*disposition.override_reason))));
  if (disposition.reply)
    line(out, "Reply", fmt::format("{} {} {}", disposition.reply->code, disposition.reply->enhanced, disposition.reply->text));
}

void explain_author(std::string& out, const message::Author& author) {
  std::string domains;
  for (const auto& domain : author.domains) domains += (domains.empty() ? "" : ", ") + domain.text();
  if (author.status != message::AuthorStatus::ok)
    domains = std::string(message::to_text(author.status)) + because(author.fault);
  line(out, "From", domains);
}

}  // namespace

std::string explain_verdict(const VerdictFindings& found, bool shows_canonical, const Paint& paint) {
  const auth::Report& report = found.report;
  std::string out;
  explain_author(out, report.author);
  explain_spf(out, found, paint);
  for (const auto& outcome : report.dkim) explain_dkim(out, outcome, shows_canonical, paint);
  if (report.dkim.empty()) line(out, "DKIM", "no signature");
  explain_dmarc(out, found, paint);
  explain_action(out, report.disposition);
  line(out, "Field", "Authentication-Results: " + report.authentication_results);
  return out;
}

std::string explain_signing(const auth::Report& report) {
  std::string out;
  explain_author(out, report.author);
  line(out, "Sign", fmt::format("{}: {}", report.sign_reason, explain_signing_reason(report.sign_reason)));
  for (const auto& signature : report.signatures)
    line(out, "DKIM",
         fmt::format("signed for {} with selector {}, {}", signature.domain, signature.selector, signature.algorithm));
  return out;
}

}  // namespace cli
