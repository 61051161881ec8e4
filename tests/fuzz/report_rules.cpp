#include "tests/fuzz/report_rules.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "base/text.hpp"
#include "message/authentication_results.hpp"
#include "tests/fuzz/property.hpp"

namespace fuzz {
namespace {

using auth::Action;
using auth::Change;
using auth::Report;

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c == ' ' || base::is_visible(c); });
}

void check_disposition(const auth::Disposition& disposition) {
  require(!disposition.reason.empty() && std::all_of(disposition.reason.begin(), disposition.reason.end(), base::is_visible),
          "a disposition has a reason, one token");
  const bool is_refusal = disposition.action == Action::reject || disposition.action == Action::defer;
  require(disposition.reply.has_value() == is_refusal, "a reply is there to reject and defer, and only then");
  if (!disposition.reply) return;
  const char digit = disposition.action == Action::reject ? '5' : '4';
  require(disposition.reply->code.starts_with(digit) && disposition.reply->enhanced.starts_with(digit),
          "a rejection says 5, a deferral 4");
  require(is_plain(disposition.reply->text) && disposition.reply->text.size() <= auth::max_reply_octets,
          "the text of a reply is visible and bounded");
}

/// Lines end at folds only, and nothing ends early.
void check_value(std::string_view value) {
  require(value.starts_with(' '), "an inserted value begins with a space");
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool is_fold = value[i] == '\n' && i + 1 < value.size() && base::is_wsp(value[i + 1]);
    require(is_fold || value[i] == '\t' || !((value[i] >= 0 && value[i] < ' ') || value[i] == 0x7f),
            "an inserted value has no control but folds and tabs");
  }
}

void check_changes(const Report& report) {
  std::size_t last_instance = SIZE_MAX;
  for (const Change& change : report.changes) {
    if (change.kind == Change::Kind::insert_at_top) {
      check_value(change.value);
      require(!report.is_monitor || change.name == "Authentication-Results", "monitor mode inserts nothing but results");
      continue;
    }
    require(change.name == "Authentication-Results", "nothing but results is deleted");
    require(change.instance >= 1 && change.instance < last_instance, "deletions go from the bottom up");
    last_instance = change.instance;
  }
}

void check_results(const Report& report, std::string_view authserv_id) {
  if (report.authentication_results.empty()) return;
  const auto read = message::parse_authentication_results(report.authentication_results, report.envelope.is_smtputf8);
  require(read.has_value(), "our results can be read");
  require(message::claims_authserv_id(report.authentication_results, authserv_id), "our results are in our name");
  const auto says = [&](std::string_view method, std::string_view result) {
    return std::count_if(read->results.begin(), read->results.end(),
                         [&](const auto& r) { return r.method == method && r.result == result; });
  };
  require((says("dmarc", "pass") != 0) == (report.dmarc && report.dmarc->result == dmarc::Result::pass),
          "our results say dmarc=pass when that is the verdict, and only then");
  const auto passes = std::count_if(report.dkim.begin(), report.dkim.end(),
                                    [](const auto& outcome) { return outcome.result == dkim::Result::pass; });
  require(says("dkim", "pass") == passes, "our results say dkim=pass as often as a signature passed");
}

/// Could the two have one Organizational Domain? It is both or above both, and is no less than what DMARC found.
bool may_align(const base::Domain& identifier, const dmarc::Verdict& verdict) {
  if (identifier == verdict.author) return true;
  const auto& organization = verdict.organizational_domain;
  return organization && identifier.is_or_is_below(*organization) && verdict.author.is_or_is_below(*organization);
}

void check_dmarc_pass(const Report& report, const dmarc::Verdict& verdict) {
  if (verdict.result != dmarc::Result::pass) return;
  require(verdict.aligned_spf || verdict.aligned_dkim, "no pass without an aligned pass");
  if (verdict.aligned_spf) {
    const auto domain = base::Domain::parse(report.spf_mail_from.domain);
    require(report.spf_mail_from.verdict.result == spf::Result::pass && domain && may_align(*domain, verdict),
            "an aligned SPF pass is a pass of MAIL FROM, for a domain that can align");
  }
  if (verdict.aligned_dkim)
    require(std::any_of(report.dkim.begin(), report.dkim.end(),
                        [&](const auto& outcome) {
                          return outcome.result == dkim::Result::pass && outcome.signing_domain &&
                                 may_align(*outcome.signing_domain, verdict);
                        }),
            "an aligned DKIM pass is a pass, for a domain that can align");
}

void check_dmarc(const Report& report) {
  require(report.dmarc_by_author.size() <= message::Author::max_domains, "every Author Domain has one verdict, at most ten");
  for (const auto& verdict : report.dmarc_by_author) check_dmarc_pass(report, verdict);
  if (!report.dmarc) return;
  require(report.author.status == message::AuthorStatus::ok, "without an author there is no DMARC result");
  const bool all_pass = std::all_of(report.dmarc_by_author.begin(), report.dmarc_by_author.end(),
                                    [](const auto& verdict) { return verdict.result == dmarc::Result::pass; });
  require((report.dmarc->result == dmarc::Result::pass) == all_pass, "DMARC passes if it does for every Author Domain");
}

}  // namespace

void check_report(const Report& report, std::string_view authserv_id) {
  check_disposition(report.disposition);
  check_changes(report);
  check_results(report, authserv_id);
  check_dmarc(report);
  const std::string line = auth::log_line(report);
  require(is_plain(line) && line.size() < 8192, "the log line is one bounded line of visible text");
}

std::string describe(const Report& report) {
  std::string out = fmt::format("{} {} {} {}\n", auth::to_text(report.disposition.action), report.disposition.reason,
                                report.sign_reason, report.disposition.reply ? report.disposition.reply->text : "-");
  for (const auto* check : {&report.spf_helo, &report.spf_mail_from})
    out += fmt::format("spf {} {} {}\n", check->domain, spf::to_text(check->verdict.result), check->verdict.reason);
  for (const auto& outcome : report.dkim)
    out += fmt::format("dkim {} {} {}\n", outcome.domain, dkim::to_text(outcome.result), outcome.reason);
  for (const auto& verdict : report.dmarc_by_author)
    out += fmt::format("dmarc {} {} {}\n", verdict.author.text(), dmarc::to_text(verdict.result), verdict.reason);
  for (const auto& change : report.changes) out += fmt::format("{} {}:{}\n", change.instance, change.name, change.value);
  return out;
}

}  // namespace fuzz
