#include "cli/report_text.hpp"

#include <fmt/format.h>

#include <iterator>

#include "cli/terminal_text.hpp"

namespace cli {
namespace {

using Out = std::back_insert_iterator<std::string>;

/// One line: a label in the first column, then text.
void line(std::string& out, std::string_view label, const std::string& text) {
  fmt::format_to(Out(out), "{:<10} {}\n", label, text);
}

std::string because(const std::string& reason) { return reason.empty() ? "" : fmt::format(" ({})", base::printable(reason)); }

void explain_spf(std::string& out, std::string_view identity, const auth::SpfCheck& check) {
  const spf::Verdict& verdict = check.verdict;
  std::string text = fmt::format("{} {}: {}", identity, check.domain.empty() ? "(no domain)" : base::printable(check.domain),
                                 spf::to_text(verdict.result));
  if (!verdict.reason.empty()) text += fmt::format(", {}", readable(verdict.reason));
  if (!verdict.record_domain.empty()) text += fmt::format(" in the record of {}", base::printable(verdict.record_domain));
  text += fmt::format("; {} of 10 lookup terms, {} void lookups", verdict.terms, verdict.void_lookups);
  line(out, "SPF", text);
}

void explain_dkim(std::string& out, const dkim::Outcome& outcome) {
  std::string text =
      fmt::format("signature {} by {} selector {} {}: {}", outcome.index + 1, base::printable(outcome.domain),
                  base::printable(outcome.selector), base::printable(outcome.algorithm), dkim::to_text(outcome.result));
  if (!outcome.reason.empty()) text += fmt::format(", {}", readable(outcome.reason));
  if (outcome.key_bits != 0) text += fmt::format("; key of {} bits", outcome.key_bits);
  if (outcome.is_testing) text += "; the domain is testing (t=y)";
  line(out, "DKIM", text);
}

/// By what the policy is lowered one level, if by anything.
std::string explain_lowering(const dmarc::Verdict& verdict) {
  if (!verdict.is_testing && !verdict.is_sampled_out) return "";
  return fmt::format("; {} lowers it to {}", verdict.is_testing ? "t=y" : "pct", dmarc::to_text(verdict.policy));
}

void explain_dmarc(std::string& out, const dmarc::Verdict& verdict) {
  line(out, "DMARC",
       fmt::format("From {}: {}{}", verdict.author.text(), dmarc::to_text(verdict.result),
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

void explain_action(std::string& out, const auth::Disposition& disposition) {
  std::string text = fmt::format("{}, reason {}", auth::to_text(disposition.action), disposition.reason);
  if (disposition.override_reason) text += fmt::format(", override {}", auth::to_text(*disposition.override_reason));
  line(out, "Action", text);
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

std::string explain_verdict(const auth::Report& report) {
  std::string out;
  explain_author(out, report.author);
  explain_spf(out, "MAIL FROM", report.spf_mail_from);
  explain_spf(out, "HELO", report.spf_helo);
  for (const auto& outcome : report.dkim) explain_dkim(out, outcome);
  if (report.dkim.empty()) line(out, "DKIM", "no signature");
  if (report.dmarc) explain_dmarc(out, *report.dmarc);
  explain_action(out, report.disposition);
  line(out, "Field", "Authentication-Results: " + report.authentication_results);
  return out;
}

std::string explain_signing(const auth::Report& report) {
  std::string out;
  explain_author(out, report.author);
  line(out, "Sign", report.sign_reason);
  for (const auto& signature : report.signatures)
    line(out, "DKIM",
         fmt::format("signed for {} with selector {}, {}", signature.domain, signature.selector, signature.algorithm));
  return out;
}

}  // namespace cli
