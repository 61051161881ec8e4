#include <fmt/format.h>
#include <algorithm>
#include <iterator>

#include "auth/report.hpp"

namespace auth {
namespace {

using base::LogFields;

constexpr std::size_t max_logged_signatures = 10;  // RFC 6376 sets no limit; a line needs one

double milliseconds(std::chrono::microseconds span) { return static_cast<double>(span.count()) / 1000.0; }

std::string author_domains(const message::Author& author) {
  std::string out;
  for (const auto& domain : author.domains) out += (out.empty() ? "" : ",") + domain.text();
  return out.empty() ? fmt::format("!{}", message::to_text(author.status)) : out;
}

std::string_view bounded(std::string_view text) { return text.substr(0, LogFields::max_outside_octets); }

std::string signatures(const std::vector<dkim::Outcome>& outcomes) {
  std::string out;
  for (const auto& outcome : outcomes) {
    if (&outcome == outcomes.data() + max_logged_signatures)
      return fmt::format("{},+{}", out, outcomes.size() - max_logged_signatures);
    fmt::format_to(std::back_inserter(out), "{}{}:{}:{}", out.empty() ? "" : ",", dkim::to_text(outcome.result),
                   bounded(outcome.domain), bounded(outcome.selector));
    if (outcome.reason.empty()) continue;
    const std::size_t begin = out.size();
    fmt::format_to(std::back_inserter(out), "({})", outcome.reason);
    std::replace(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(), ' ', '-');
  }
  return out.empty() ? "none" : out;
}

void add_judgement(LogFields& line, const Report& report) {
  line.add("spf.mailfrom", spf::to_text(report.spf_mail_from.verdict.result));
  line.add("spf.helo", spf::to_text(report.spf_helo.verdict.result));
  line.add("dkim", signatures(report.dkim));
  if (!report.dmarc) return;
  const dmarc::Verdict& verdict = *report.dmarc;
  line.add("dmarc", dmarc::to_text(verdict.result));
  if (!verdict.is_policy_known) return;
  line.add("policy", fmt::format("{}={}{}{}", verdict.policy_tag, dmarc::to_text(verdict.published_policy),
                                 verdict.is_testing ? ";t=y" : "", verdict.is_sampled_out ? ";sampled-out" : ""));
  line.add("policy_domain", verdict.policy_domain ? verdict.policy_domain->text() : "");
}

std::string made(const std::vector<Signature>& signatures) {
  std::string out;
  for (const auto& s : signatures)
    fmt::format_to(std::back_inserter(out), "{}{}:{}:{}", out.empty() ? "" : ",", s.domain, s.selector, s.algorithm);
  return out;
}

}  // namespace

base::LogFields log_fields(const Report& report) {
  const Envelope& envelope = report.envelope;
  LogFields line;
  line.add_outside("qid", envelope.queue_id);
  line.add("client", envelope.connection.client ? envelope.connection.client->text() : "unknown");
  line.add_outside("helo", envelope.connection.helo);
  line.add_outside("sender", envelope.reverse_path.is_null ? "<>" : envelope.reverse_path.text);
  line.add("from", author_domains(report.author));
  line.add("role", fmt::format("{}({})", to_text(report.role.role), report.role.reason));
  if (report.role.role == Role::judge) add_judgement(line, report);
  if (report.role.role == Role::sign) {
    line.add("sign", report.sign_reason);
    if (!report.signatures.empty()) line.add("signatures", made(report.signatures));
  }
  line.add("action", to_text(report.disposition.action));
  line.add("reason", report.disposition.reason);
  if (report.disposition.override_reason) line.add("override", to_text(*report.disposition.override_reason));
  if (report.is_monitor) line.add("mode", "monitor");
  line.add_decimal("dns_ms", milliseconds(report.waited_on_dns));
  line.add_decimal("total_ms", milliseconds(report.total));
  return line;
}

std::string log_line(const Report& report) { return base::text_line(log_fields(report)); }

}  // namespace auth
