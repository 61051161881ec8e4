// What to say about a domain's DMARC record.

#include <algorithm>
#include <array>

#include "base/tag_list.hpp"
#include "cli/dns_advice.hpp"
#include "dmarc/record.hpp"
#include "dmarc/report_uri.hpp"

namespace cli {
namespace {

std::string own_name(const base::Domain& domain) { return "_dmarc." + domain.text(); }

std::string default_rua(const base::Domain& domain) { return "mailto:dmarc-reports@" + domain.text(); }

std::string publish(const base::Domain& domain, const dmarc::Record& record) {
  return zone_line(own_name(domain), dmarc::format_record(record));
}

void judge_missing(Advice& advice, const base::Domain& domain, const DmarcFacts& facts, const MailFacts& mail) {
  if (facts.discovery.status == dmarc::DiscoveryStatus::found) {
    advice.facts.push_back(fmt::format("the record of {} applies: {}={}", facts.discovery.policy_domain->text(),
                                       facts.discovery.policy_tag, dmarc::to_text(facts.discovery.policy)));
    return;
  }
  dmarc::Record record;
  record.p = mail.is_mailless() ? dmarc::Policy::reject : dmarc::Policy::none;
  if (!mail.is_mailless()) record.rua = {default_rua(domain)};
  advice.findings.push_back(
      {Severity::problem, "no DMARC record applies",
       mail.is_mailless() ? "the domain sends no mail: have all that claims to be from it refused"
                          : "anybody can write it into From: begin with p=none, read the reports, then quarantine and reject",
       publish(domain, record)});
}

/// pct, rf and ri have no meaning any more (RFC 9989 §4.7).
void judge_removed_tags(Advice& advice, const base::Domain& domain, const std::string& text, const dmarc::Record& record) {
  const auto tags = base::TagList::parse(text);
  if (!tags) return;
  for (const std::string_view name : {"pct", "rf", "ri"})
    if (const auto value = tags->find(name))
      advice.findings.push_back(
          {name == "pct" && *value != "100" ? Severity::warning : Severity::note,
           fmt::format("{}={}: the tag was removed", name, readable(*value)),
           name == "pct" ? "receivers by RFC 9989 ignore it and apply the policy to all mail; t=y is what lowers a policy now"
                         : "receivers by RFC 9989 ignore it",
           publish(domain, record)});
}

void judge_policy(Advice& advice, const base::Domain& domain, const dmarc::Record& record) {
  dmarc::Record better = record;
  better.testing = false;
  if (record.p == dmarc::Policy::none) better.p = dmarc::Policy::quarantine;
  if (record.p == dmarc::Policy::none)
    advice.findings.push_back(
        {Severity::warning, "p=none: forgeries are delivered",
         "right while you read reports and mend your own mail, not for ever: then quarantine, then reject",
         publish(domain, better)});
  if (record.testing)
    advice.findings.push_back({Severity::warning, "t=y: the policy is applied one level lower",
                               "remove it when the reports show no mail of your own that fails", publish(domain, better)});
  if (record.sp && record.p && *record.sp < *record.p) {
    better.sp = better.p;
    advice.findings.push_back({Severity::warning,
                               fmt::format("sp={} is weaker than p={}", dmarc::to_text(*record.sp), dmarc::to_text(*record.p)),
                               "forgers take a name below the domain", publish(domain, better)});
  }
  const auto below = record.sp ? record.sp : record.p;
  if (!record.np && below && *below < dmarc::Policy::reject) {
    better = record;
    better.np = dmarc::Policy::reject;
    advice.findings.push_back({Severity::note, "there is no np",
                               "names below that do not exist send no mail: they can be refused at once (RFC 9989 §4.7)",
                               publish(domain, better)});
  }
}

void judge_reports(Advice& advice, const base::Domain& domain, const DmarcFacts& facts, const dmarc::Record& record) {
  if (record.rua.empty()) {
    dmarc::Record better = record;
    better.rua = {default_rua(domain)};
    advice.findings.push_back({Severity::warning, "there is no rua",
                               "without reports nobody sees who sends with the domain and what of your own mail fails",
                               publish(domain, better)});
  }
  for (const dmarc::RefusedDestination& refused : facts.destinations.refused) {
    const auto host = dmarc::report_host(refused.uri);
    const bool wants_consent = host && !refused.is_temporary;
    advice.findings.push_back(
        {refused.is_temporary ? Severity::note : Severity::problem, fmt::format("rua {}: {}", refused.uri, refused.reason),
         "no report goes there (RFC 9990 §4): whoever runs that domain has to agree, by a record of theirs",
         wants_consent ? zone_line(fmt::format("{}._report._dmarc.{}", domain.text(), host->text()), "v=DMARC1") : ""});
  }
}

}  // namespace

Advice advise_dmarc(const base::Domain& domain, const DmarcFacts& facts, const MailFacts& mail) {
  Advice advice{"DMARC", {}, {}, {}};
  for (const std::string& text : facts.own) advice.records.push_back(zone_line(own_name(domain), text));
  if (!facts.alias.empty())
    advice.facts.push_back(
        fmt::format("{} is an alias of {}: whoever holds that decides", own_name(domain), readable(facts.alias)));
  if (facts.own.size() > 1) {
    advice.findings.push_back({Severity::problem, fmt::format("{} DMARC records", facts.own.size()),
                               "then none of them counts (RFC 9989 §4.10): leave one",
                               zone_line(own_name(domain), facts.own.front())});
    return advice;
  }
  if (facts.discovery.status == dmarc::DiscoveryStatus::temperror) {
    advice.findings.push_back({Severity::problem, facts.discovery.reason, "DMARC is temperror until the DNS answers", ""});
    return advice;
  }
  if (facts.own.empty()) {
    judge_missing(advice, domain, facts, mail);
    return advice;
  }
  const dmarc::ParsedRecord parsed = dmarc::parse_record(facts.own.front());
  if (!parsed.fault.empty())
    advice.findings.push_back({Severity::problem, parsed.fault,
                               "the tag is ignored, and if it is p, sp or np so may be the record (RFC 9989 §4.7)", ""});
  judge_removed_tags(advice, domain, facts.own.front(), parsed.record);
  if (parsed.status != dmarc::RecordStatus::ok) return advice;
  judge_policy(advice, domain, parsed.record);
  judge_reports(advice, domain, facts, parsed.record);
  return advice;
}

}  // namespace cli
