// What to say about a domain's DKIM keys.

#include <algorithm>

#include "cli/dns_advice.hpp"

namespace cli {
namespace {

void add_found(Advice& advice, const KeyFindings& found) {
  for (const KeyRecordFindings& record : found.records) {
    advice.records.push_back(zone_line(found.name, record.text));
    for (Finding finding : record.findings) {
      finding.what = fmt::format("{}: {}", found.name, finding.what);
      advice.findings.push_back(std::move(finding));
    }
  }
  if (!found.alias.empty())
    advice.facts.push_back(
        fmt::format("{} is an alias of {}: whoever holds that makes the keys", found.name, readable(found.alias)));
  advice.findings.insert(advice.findings.end(), found.findings.begin(), found.findings.end());
}

bool is_published(const SelectorFacts& selector) {
  const auto& records = selector.found.records;
  return std::any_of(records.begin(), records.end(),
                     [&](const KeyRecordFindings& record) { return record.text.find(selector.own) != std::string::npos; });
}

/// Of a selector that somebody named, so that it should be there.
void judge_named(Advice& advice, const SelectorFacts& selector) {
  const KeyFindings& found = selector.found;
  if (dns::is_failure(found.status))
    advice.findings.push_back({Severity::problem, fmt::format("{}: {}", found.name, dns::to_text(found.status)),
                               "signatures are temperror until the DNS answers", ""});
  else if (!selector.own.empty() && !is_published(selector))
    advice.findings.push_back({Severity::problem, fmt::format("{}: not the key that the configuration signs with", found.name),
                               "every signature made with it fails", zone_line(found.name, "v=DKIM1; " + selector.own)});
  else if (found.records.empty())
    advice.findings.push_back(
        {Severity::problem, fmt::format("{}: no key", found.name), "signatures with this selector are permerror", ""});
}

void judge_wildcard(Advice& advice, const base::Domain& domain, const std::string& text) {
  advice.records.push_back(zone_line("*._domainkey." + domain.text(), text));
  advice.findings.push_back({Severity::note, fmt::format("a wildcard answers for every selector of {}", domain.text()),
                             "an empty p= there says that the domain signs nothing; else give each key its own name, for now a "
                             "selector that is not there cannot be told from one that is",
                             ""});
}

void judge_none(Advice& advice) {
  advice.findings.push_back({Severity::warning, "no key under the selectors that are common",
                             "selectors cannot be listed: name yours with --selector or -c. Without a key mail passes DMARC by "
                             "SPF alone, and forwarding breaks that: make one with `signet key new`",
                             ""});
}

}  // namespace

Advice advise_dkim(const base::Domain& domain, const std::vector<SelectorFacts>& selectors, bool is_guessed,
                   const MailFacts& mail, const std::vector<std::string>& wildcard) {
  Advice advice{"DKIM", {}, {}, {}};
  if (!wildcard.empty()) judge_wildcard(advice, domain, wildcard.front());
  if (is_guessed && !wildcard.empty()) return advice;  // whatever is asked for is there
  for (const SelectorFacts& selector : selectors) {
    add_found(advice, selector.found);
    if (!is_guessed) judge_named(advice, selector);
  }
  if (is_guessed && advice.records.empty() && !mail.is_mailless()) judge_none(advice);
  return advice;
}

}  // namespace cli
