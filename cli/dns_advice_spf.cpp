// What to say about a domain's SPF records.

#include <algorithm>

#include "cli/dns_advice.hpp"
#include "spf/check_host.hpp"

namespace cli {
namespace {

constexpr spf::Limits limits;

/// The terms of a record but for those that are left out.
std::vector<std::string_view> terms_of(std::string_view record) {
  std::vector<std::string_view> terms = base::split(record, ' ');
  terms.erase(terms.begin());  // v=spf1
  std::erase(terms, std::string_view());
  return terms;
}

bool is_all(std::string_view term) {
  return base::iequals(term, "all") || (term.size() == 4 && base::iequals(term.substr(1), "all"));
}

std::string join(const std::vector<std::string_view>& terms, std::string_view end) {
  std::string out = "v=spf1";
  for (const auto term : terms) out.append(" ").append(term);
  return end.empty() ? out : out.append(" ").append(end);
}

/// The record without its `all` and what else `drop` says, and `end` at its end.
template <class Drop>
std::string rewrite(std::string_view record, std::string_view end, Drop drop) {
  auto terms = terms_of(record);
  std::erase_if(terms, [&](std::string_view term) { return is_all(term) || drop(term); });
  return join(terms, end);
}

/// One record with the terms of all, each once.
std::string merge(const std::vector<std::string>& records) {
  std::vector<std::string_view> merged;
  std::string_view end = "~all";
  for (const std::string& record : records)
    for (const std::string_view term : terms_of(record)) {
      if (is_all(term)) {
        end = term == "-all" ? term : end;
      } else if (std::find(merged.begin(), merged.end(), term) == merged.end()) {
        merged.push_back(term);
      }
    }
  return join(merged, end);
}

void judge_missing(Advice& advice, const base::Domain& domain, const MailFacts& mail) {
  if (mail.is_mailless())
    advice.findings.push_back({Severity::problem, "no SPF record, and the domain takes no mail",
                               "anybody can send with it in MAIL FROM: say that nobody may (RFC 7208 §10.1.2)",
                               zone_line(domain.text(), "v=spf1 -all")});
  else
    advice.findings.push_back({Severity::problem, "no SPF record",
                               "receivers cannot tell your servers from others. If all your mail leaves by the servers that "
                               "take it, publish this, else name the others too",
                               zone_line(domain.text(), "v=spf1 mx -all")});
}

void judge_end(Advice& advice, const base::Domain& domain, const SpfSurvey& survey) {
  const std::string& record = survey.own.front();
  const auto nothing = [](std::string_view) { return false; };
  const std::string better = zone_line(domain.text(), rewrite(record, "-all", nothing));
  if (survey.all == spf::Result::pass)
    advice.findings.push_back(
        {Severity::problem, "+all: everybody may send for the domain", "worse than no record: forgeries pass", better});
  if (survey.all == spf::Result::neutral)
    advice.findings.push_back({Severity::warning, "?all: nothing is said about other servers",
                               "forgeries are neutral, so SPF protects nothing", better});
  if (survey.all == spf::Result::softfail)
    advice.findings.push_back({Severity::note, "~all: other servers are suspected only",
                               "fine beside a DMARC policy of quarantine or reject, else -all says it clearly", better});
  if (!survey.all && !survey.has_redirect)
    advice.findings.push_back({Severity::warning, "there is no all at the end",
                               "other servers are neutral (RFC 7208 §4.7): say that they may not send", better});
  if (survey.all && survey.has_redirect)
    advice.findings.push_back({Severity::warning, "redirect= beside all: it is never followed",
                               "all always matches (RFC 7208 §6.1): remove one of the two",
                               zone_line(domain.text(), rewrite(record, "-all", [](std::string_view term) {
                                           return base::istarts_with(term, "redirect=");
                                         }))});
}

bool is_ptr(std::string_view term) {
  const std::string_view name = term.substr(0, term.find(':'));
  return base::iequals(name, "ptr") || (name.size() == 4 && base::iequals(name.substr(1), "ptr"));
}

void judge_pointers(Advice& advice, const base::Domain& domain, const SpfSurvey& survey) {
  for (const std::string& where : survey.pointers) {
    const bool is_own = where == domain.text();
    const std::string_view end = survey.has_redirect ? "" : "-all";
    advice.findings.push_back({Severity::warning, fmt::format("ptr in the record of {}", readable(where)),
                               "slow, unreliable, and not to be used (RFC 7208 §5.5): name the servers",
                               is_own ? zone_line(domain.text(), rewrite(survey.own.front(), end, is_ptr)) : ""});
  }
}

void judge_lookups(Advice& advice, const SpfSurvey& survey) {
  std::string dear;
  for (const std::string& include : survey.includes) dear += (dear.empty() ? "" : ", ") + include;
  advice.facts.push_back(
      fmt::format("{} of {} lookup terms in the whole tree{}", survey.terms, limits.terms, dear.empty() ? "" : ": " + dear));
  if (survey.terms > limits.terms || survey.is_cut)
    advice.findings.push_back(
        {Severity::problem, fmt::format("{} terms that cause lookups, {} are allowed", survey.terms, limits.terms),
         "the check of every client that gets so far is permerror (RFC 7208 §4.6.4): remove services that no "
         "longer send for you, name addresses (ip4:, ip6:) instead of a: and mx, give services domains of their own",
         ""});
  else if (survey.terms == limits.terms)
    advice.findings.push_back({Severity::warning, "no lookup is left",
                               "one more, in a record of somebody else, makes it permerror (RFC 7208 §4.6.4)", ""});
  if (!survey.void_lookups.empty())
    advice.facts.push_back(fmt::format("{} void lookups, {} are allowed", survey.void_lookups.size(), limits.void_lookups));
  const Severity severity = survey.void_lookups.size() > limits.void_lookups ? Severity::problem : Severity::warning;
  for (const std::string& what : survey.void_lookups)
    advice.findings.push_back(
        {severity, what,
         "the name has no such records, so the term matches nobody, and more than 2 such make it permerror "
         "(RFC 7208 §4.6.4): remove it",
         ""});
  for (const std::string& what : survey.faults)
    advice.findings.push_back({Severity::problem, what,
                               "the check of every client that gets so far is permerror or temperror (RFC 7208 §5.2, §6.1)",
                               ""});
}

}  // namespace

Advice advise_spf(const base::Domain& domain, const SpfSurvey& survey, const MailFacts& mail) {
  Advice advice{"SPF", {}, {}, {}};
  for (const std::string& text : survey.own) advice.records.push_back(zone_line(domain.text(), text));
  if (dns::is_failure(survey.status)) {
    advice.findings.push_back(
        {Severity::problem, fmt::format("TXT: {}", dns::to_text(survey.status)), "SPF is temperror until the DNS answers", ""});
    return advice;
  }
  if (survey.own.empty()) {
    judge_missing(advice, domain, mail);
    return advice;
  }
  if (survey.own.size() > 1) {
    advice.findings.push_back({Severity::problem, fmt::format("{} SPF records", survey.own.size()),
                               "the result is permerror for everybody (RFC 7208 §4.5): have one, with the terms of all",
                               zone_line(domain.text(), merge(survey.own))});
    return advice;
  }
  judge_lookups(advice, survey);
  const auto own = spf::parse_record(survey.own.front());
  if (!own) return advice;  // said among the faults
  judge_end(advice, domain, survey);
  judge_pointers(advice, domain, survey);
  if (mail.is_mailless() && !own->directives.empty() && own->directives.front().mechanism != spf::Mechanism::all)
    advice.findings.push_back({Severity::note, "the domain takes no mail, but some may send for it", "if nobody does, say so",
                               zone_line(domain.text(), "v=spf1 -all")});
  return advice;
}

}  // namespace cli
