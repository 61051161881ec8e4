#include <fmt/format.h>
#include <iterator>

#include "auth/report.hpp"
#include "base/text.hpp"

namespace auth {
namespace {

constexpr std::size_t max_logged_octets = 128;     // of one value from outside
constexpr std::size_t max_logged_signatures = 10;  // RFC 6376 sets no limit; a line needs one

/// Builds `key=value key=value`.
class Line {
 public:
  void add(std::string_view key, std::string_view value) {
    if (!text_.empty()) text_ += ' ';
    fmt::format_to(std::back_inserter(text_), "{}={}", key, value.empty() ? "-" : value);
  }
  void add_outside(std::string_view key, std::string_view value) { add(key, base::printable(value, max_logged_octets)); }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

double milliseconds(std::chrono::microseconds span) { return static_cast<double>(span.count()) / 1000.0; }

std::string author_domains(const message::Author& author) {
  std::string out;
  for (const auto& domain : author.domains) out += (out.empty() ? "" : ",") + domain.text();
  return out.empty() ? fmt::format("!{}", message::to_text(author.status)) : out;
}

std::string signatures(const std::vector<dkim::Outcome>& outcomes) {
  std::string out;
  for (const auto& outcome : outcomes) {
    if (&outcome == outcomes.data() + max_logged_signatures)
      return fmt::format("{},+{}", out, outcomes.size() - max_logged_signatures);
    fmt::format_to(std::back_inserter(out), "{}{}:{}:{}", out.empty() ? "" : ",", dkim::to_text(outcome.result),
                   base::printable(outcome.domain, max_logged_octets), base::printable(outcome.selector, max_logged_octets));
    if (!outcome.reason.empty()) fmt::format_to(std::back_inserter(out), "({})", outcome.reason);
  }
  return out.empty() ? "none" : out;
}

void add_judgement(Line& line, const Report& report) {
  line.add("spf.mailfrom", spf::to_text(report.spf_mail_from.verdict.result));
  line.add("spf.helo", spf::to_text(report.spf_helo.verdict.result));
  std::string dkim = signatures(report.dkim);
  for (char& c : dkim) c = c == ' ' ? '-' : c;  // a value holds no space
  line.add("dkim", dkim);
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

std::string log_line(const Report& report) {
  const Envelope& envelope = report.envelope;
  Line line;
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
  line.add("dns_ms", fmt::format("{:.1f}", milliseconds(report.waited_on_dns)));
  line.add("total_ms", fmt::format("{:.1f}", milliseconds(report.total)));
  return line.take();
}

}  // namespace auth
