#include "cli/dns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <stdexcept>

#include "cli/dkim.hpp"
#include "cli/dns_advice.hpp"
#include "dns/inquiry.hpp"

namespace cli {
namespace {

using nlohmann::json;
using Out = std::back_insert_iterator<std::string>;

constexpr int json_indent = 2;
// What mail services and guides call theirs.
constexpr std::array common_selectors = {"default", "mail",  "dkim",      "key1",      "k1",     "k2",   "s1", "s2",
                                         "s1024",   "s2048", "selector1", "selector2", "google", "smtp", "mx", "email"};

/// A selector and the p= that the configuration signs with under it.
struct Wanted {
  std::string selector, own;
};

struct Selectors {
  std::vector<Wanted> wanted;
  bool is_guessed = false;
};

Selectors choose_selectors(const DnsOptions& options, const base::Domain& domain, const auth::Options& rules) {
  if (options.selectors.size() > DnsOptions::max_selectors)
    throw std::invalid_argument(
        fmt::format("--selector: found {}, expected at most {}", options.selectors.size(), DnsOptions::max_selectors));
  Selectors out;
  for (const auto& key : rules.signing_table.find({"postmaster", domain}).keys)
    if (key.domain == domain) {
      const std::string type = key.key.type() == dkim::KeyType::rsa ? "rsa" : "ed25519";
      out.wanted.push_back({key.selector, fmt::format("k={}; p={}", type, key.key.public_key().record_value())});
    }
  for (const std::string& text : options.selectors) {
    const std::string selector = read_selector("--selector", text);
    const auto is_it = [&](const Wanted& one) { return one.selector == selector; };
    if (std::none_of(out.wanted.begin(), out.wanted.end(), is_it)) out.wanted.push_back({selector, ""});
  }
  out.is_guessed = out.wanted.empty();
  if (out.is_guessed)
    for (const char* selector : common_selectors) out.wanted.push_back({selector, ""});
  return out;
}

/// All but the SPF tree, which may take as many questions as one Inquiry has, and leaves none to others.
struct Facts {
  MailFacts mail;
  DmarcFacts dmarc;
  std::vector<std::string> wildcard, key_wildcard;
  std::vector<SelectorFacts> selectors;
};

struct Question {
  base::Domain domain;
  Selectors selectors;
  dkim::VerifyPolicy policy;
  std::shared_ptr<const dmarc::PublicSuffixList> list;
};

std::optional<std::vector<SelectorFacts>> look_at_selectors(dns::View& view, const Question& question) {
  std::vector<SelectorFacts> all;
  bool is_known = true;
  for (const Wanted& one : question.selectors.wanted) {
    auto found = find_key(view, question.domain, one.selector, question.policy);
    is_known = is_known && found.has_value();
    if (found) all.push_back({one.selector, one.own, std::move(*found)});
  }
  return is_known ? std::optional(std::move(all)) : std::nullopt;
}

std::optional<Facts> look(dns::View& view, const Question& question) {
  auto mail = find_mail(view, question.domain);
  auto dmarc = find_dmarc_facts(view, question.domain, question.list);
  auto wildcard = find_wildcard(view, question.domain.text());
  auto key_wildcard = find_wildcard(view, "_domainkey." + question.domain.text());
  auto selectors = look_at_selectors(view, question);
  if (!mail || !dmarc || !wildcard || !key_wildcard || !selectors) return std::nullopt;
  return Facts{std::move(*mail), std::move(*dmarc), std::move(*wildcard), std::move(*key_wildcard), std::move(*selectors)};
}

std::vector<Advice> advise(const base::Domain& domain, const Facts& facts, const SpfSurvey& spf, bool is_guessed) {
  return {advise_mail(domain, facts.mail, facts.wildcard), advise_spf(domain, spf, facts.mail),
          advise_dkim(domain, facts.selectors, is_guessed, facts.mail, facts.key_wildcard),
          advise_dmarc(domain, facts.dmarc, facts.mail)};
}

std::string explain(const Advice& advice, const Paint& paint) {
  std::string out = paint(bold, advice.subject) + "\n";
  for (const std::string& record : advice.records) fmt::format_to(Out(out), "  {}\n", readable(record));
  for (const std::string& fact : advice.facts) fmt::format_to(Out(out), "  {}\n", fact);
  out += explain_findings(advice.findings, 2, paint);
  if (advice.records.empty() && advice.facts.empty() && advice.findings.empty()) out += "  nothing published\n";
  return out;
}

json describe(const Advice& advice) {
  json out = {{"records", json::array()}, {"facts", advice.facts}, {"findings", describe_findings(advice.findings)}};
  for (const std::string& record : advice.records) out["records"].push_back(readable(record));
  return out;
}

int status_of(const std::vector<Advice>& all, const Facts& facts, const SpfSurvey& spf) {
  if (dns::is_failure(facts.mail.status) || dns::is_failure(spf.status) || dns::is_failure(facts.dmarc.status))
    return exit_dns_silent;
  const auto is_bad = [](const Finding& finding) { return finding.severity != Severity::note; };
  return std::any_of(all.begin(), all.end(),
                     [&](const Advice& advice) { return std::any_of(advice.findings.begin(), advice.findings.end(), is_bad); })
             ? exit_advised
             : 0;
}

}  // namespace

int run_dns(const DnsOptions& options, std::ostream& out) {
  const auth::Options rules = load_options(options.sources, auth::Role::judge);
  const base::Domain domain = read_domain("DOMAIN", options.domain);
  const Question question{domain, choose_selectors(options, domain, rules), rules.dkim, rules.suffix_list};
  StderrLog log;
  const auto resolver = open_resolver(options.sources, log);
  const auto inquiry = dns::Inquiry<Facts>::start(*resolver, [question](dns::View& view) { return look(view, question); });
  const auto survey = dns::Inquiry<SpfSurvey>::start(*resolver, [domain](dns::View& view) { return survey_spf(view, domain); });
  const auto deadline = std::chrono::steady_clock::now() + rules.waits.whole;
  const Facts& facts = inquiry->collect(deadline);
  const SpfSurvey& spf = survey->collect(deadline);
  const std::vector<Advice> all = advise(domain, facts, spf, question.selectors.is_guessed);
  if (options.json) {
    json described = {{"domain", domain.text()}};
    for (const Advice& advice : all) described[base::to_lower(advice.subject)] = describe(advice);
    out << described.dump(json_indent) << '\n';
  } else {
    for (const Advice& advice : all) out << explain(advice, Paint{options.is_coloured});
  }
  return status_of(all, facts, spf);
}

}  // namespace cli
