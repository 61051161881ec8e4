#include "cli/dns_advice.hpp"

#include <algorithm>

#include "dmarc/record.hpp"

namespace cli {
namespace {

// A label nobody uses: what it has, a wildcard gave.
constexpr std::string_view unused_label = "signet-asks-for-a-wildcard";

}  // namespace

bool MailFacts::is_mailless() const {
  const bool is_null = exchanges.size() == 1 && exchanges.front().exchange.empty();
  return is_null || (exchanges.empty() && dns::is_void(status) && !has_addresses);
}

std::optional<MailFacts> find_mail(dns::View& view, const base::Domain& domain) {
  const dns::Answer* mx = view.ask(dns::ask_for(domain.text(), dns::Type::mx));
  const dns::Answer* four = view.ask(dns::ask_for(domain.text(), dns::Type::a));
  const dns::Answer* six = view.ask(dns::ask_for(domain.text(), dns::Type::aaaa));
  const auto alias = find_alias(view, domain.text());
  if (mx == nullptr || four == nullptr || six == nullptr || !alias) return std::nullopt;
  return MailFacts{mx->status, mx->exchanges, *alias, !four->addresses.empty() || !six->addresses.empty()};
}

std::optional<std::vector<std::string>> find_wildcard(dns::View& view, const std::string& name) {
  const dns::Answer* answer = view.ask(dns::ask_for(fmt::format("{}.{}", unused_label, name), dns::Type::txt));
  return answer == nullptr ? std::nullopt : std::optional(answer->texts);
}

std::optional<DmarcFacts> find_dmarc_facts(dns::View& view, const base::Domain& domain,
                                           const std::shared_ptr<const dmarc::PublicSuffixList>& list) {
  DmarcFacts facts{{}, {}, {}, {{}, domain}, {}};
  const std::string name = "_dmarc." + domain.text();
  const dns::Answer* answer = view.ask(dns::ask_for(name, dns::Type::txt));
  const auto alias = find_alias(view, name);
  const auto discovery = dmarc::discover(view, {domain, {}, {}, list});
  if (answer == nullptr || !alias || !discovery) return std::nullopt;
  facts.status = answer->status;
  facts.alias = *alias;
  for (const std::string& text : answer->texts)
    if (dmarc::parse_record(text).status != dmarc::RecordStatus::not_dmarc) facts.own.push_back(text);
  facts.discovery = *discovery;
  const bool has_reports = discovery->status == dmarc::DiscoveryStatus::found && !discovery->record.rua.empty();
  if (!has_reports) return facts;
  const auto destinations = dmarc::find_report_destinations(
      view, {*discovery->policy_domain, discovery->record.rua, dmarc::ReportKind::aggregate, list});
  if (!destinations) return std::nullopt;
  facts.destinations = *destinations;
  return facts;
}

Advice advise_mail(const base::Domain& domain, const MailFacts& mail, const std::vector<std::string>& wildcard) {
  Advice advice{"Mail", {}, {}, {}};
  for (const dns::Mx& mx : mail.exchanges)
    advice.records.push_back(fmt::format("{}. MX {} {}.", domain.text(), mx.preference, readable(mx.exchange)));
  if (dns::is_failure(mail.status))
    advice.findings.push_back({Severity::problem, fmt::format("MX: {}", dns::to_text(mail.status)),
                               "who cannot ask cannot send you mail: mend the DNS first", ""});
  if (mail.is_mailless())
    advice.facts.push_back(mail.status == dns::Status::no_such_name ? "does not exist (NXDOMAIN)" : "takes no mail");
  if (mail.exchanges.empty() && !mail.is_mailless() && !dns::is_failure(mail.status))
    advice.findings.push_back({Severity::note, "there is no MX record, so mail goes to the domain's own address",
                               "say what you mean: an MX record, or the null MX of RFC 7505 if the domain takes no mail",
                               fmt::format("{}. MX 0 .", domain.text())});
  if (!mail.alias.empty())
    advice.findings.push_back(
        {Severity::problem, fmt::format("{} is an alias of {}", domain.text(), readable(mail.alias)),
         "its TXT and MX records are those of the other name, and it can have none of its own (RFC 1034 §3.6.2)", ""});
  if (std::any_of(wildcard.begin(), wildcard.end(), spf::is_record))
    advice.findings.push_back({Severity::note,
                               fmt::format("a wildcard gives every unused name below {} an SPF record", domain.text()),
                               "names that have records of their own do not get it, so it protects less than it seems "
                               "(RFC 7208 §3.5): a DMARC policy with np=reject does",
                               ""});
  return advice;
}

}  // namespace cli
