#include "cli/dmarc_text.hpp"

#include <fmt/format.h>
#include <array>
#include <iterator>

#include "cli/terminal_text.hpp"

namespace cli {
namespace {

using nlohmann::json;
using Out = std::back_insert_iterator<std::string>;

constexpr std::size_t label_width = 30;

std::string_view found_at(const dmarc::Step& step) {
  if (step.record) return "record";
  if (step.has_several) return "several records, so none counts";
  return step.status == dns::Status::ok ? "no DMARC record" : dns::to_text(step.status);
}

void explain_step(std::string& out, const dmarc::Step& step, bool applies, std::size_t indent, const Paint& paint) {
  std::string text(found_at(step));
  if (step.record) text = step.record->has_repeated_tag ? "record" : dmarc::format_record(step.record->record);
  if (step.record && !step.record->fault.empty()) text += fmt::format(" ({})", step.record->fault);
  const std::string_view colour = step.is_failed() ? red : applies ? green : plain;
  fmt::format_to(Out(out), "{}_dmarc.{}: {}\n", std::string(indent, ' '), step.name.text(), paint(colour, text));
}

/// Which tag decided, and why that one. RFC 9989 §4.10.1, RFC 7489 §6.6.3.
std::string explain_tag(const dmarc::Discovery& discovery) {
  if (discovery.status != dmarc::DiscoveryStatus::found) return discovery.reason;
  if (discovery.record.is_policy_faulty) return "the policy is faulty, but reports are wanted: as p=none";
  if (!discovery.is_inherited) return "p, for the record is the domain's own";
  if (discovery.policy_tag == "np") return "np, for the record is inherited and the domain does not exist";
  const std::string why = discovery.policy_tag == "sp" ? "sp, for the record is inherited" : "p, for the record has no sp";
  return discovery.reason.empty() ? why : why + "; " + discovery.reason;
}

std::string explain_choice(const dmarc::Discovery& discovery) {
  const bool is_lowered = discovery.record.testing && discovery.policy != dmarc::Policy::none;
  return explain_tag(discovery) + (is_lowered ? "; t=y lowers it one level" : "");
}

void explain_finding(std::string& out, std::string_view heading, const DmarcFinding& finding,
                     const std::vector<DmarcFact>& facts, const Paint& paint) {
  fmt::format_to(Out(out), "{}\n", paint(bold, heading));
  for (const dmarc::Step& step : finding.steps) explain_step(out, step, step.name == finding.discovery.policy_domain, 2, paint);
  for (const DmarcFact& fact : facts)
    if (!fact.value.empty()) fmt::format_to(Out(out), "    {:<{}} {}\n", fact.name, label_width, fact.value);
  if (const std::string why = explain_choice(finding.discovery); !why.empty())
    fmt::format_to(Out(out), "    {:<{}} {}\n", "because", label_width, why);
}

struct Difference {
  std::string what, by_walk, by_list;
};

std::vector<Difference> differences(const DmarcFindings& found) {
  std::vector<Difference> all;
  for (std::size_t i = 0; i < found.walk_facts.size(); ++i)
    if (found.walk_facts[i].value != found.list_facts[i].value)
      all.push_back({found.walk_facts[i].name, found.walk_facts[i].value, found.list_facts[i].value});
  return all;
}

std::string or_nothing(const std::string& text) { return text.empty() ? "nothing" : text; }

/// What a difference in Organizational Domains means for mail whose identifiers are not the domain itself.
std::string explain_consequence(const DmarcFindings& found) {
  const auto& walked = found.by_walk.organizational_domain;
  const auto& listed = found.by_list.organizational_domain;
  if (!walked || !listed || walked == listed) return "";
  const bool is_narrower = walked->is_below(*listed);
  return fmt::format("  so with relaxed alignment a pass for {} helps only by the {}\n",
                     is_narrower ? listed->text() : walked->text(), is_narrower ? "public suffix list" : "tree walk");
}

void explain_differences(std::string& out, const DmarcFindings& found, const Paint& paint) {
  const auto all = differences(found);
  fmt::format_to(Out(out), "{}\n", paint(bold, "Differences"));
  if (all.empty()) out += "  none\n";
  for (const Difference& one : all)
    fmt::format_to(
        Out(out), "  {}: {}\n", one.what,
        paint(yellow, fmt::format("tree walk {}, public suffix list {}", or_nothing(one.by_walk), or_nothing(one.by_list))));
  out += explain_consequence(found);
}

// ---- JSON

json text_or_null(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

json describe(const dmarc::Step& step) {
  const bool has_text = step.record && !step.record->has_repeated_tag;
  return {{"name", "_dmarc." + step.name.text()},
          {"found", found_at(step)},
          {"record", has_text ? json(dmarc::format_record(step.record->record)) : json(nullptr)},
          {"fault", text_or_null(step.record ? step.record->fault : "")}};
}

json describe_all(const std::vector<dmarc::Step>& steps) {
  json out = json::array();
  for (const dmarc::Step& step : steps) out.push_back(describe(step));
  return out;
}

/// The facts by their names, those of alignments apart: they come in pairs, SPF and DKIM, behind the others.
json describe(const DmarcFinding& finding, const std::vector<DmarcFact>& facts, const std::vector<base::Domain>& identifiers) {
  const std::size_t common = facts.size() - 2 * identifiers.size();
  json out = {{"policy_tag", text_or_null(finding.discovery.policy_tag)},
              {"reason", text_or_null(finding.discovery.reason)},
              {"steps", describe_all(finding.steps)},
              {"alignments", json::array()}};
  constexpr std::array<const char*, 5> keys = {"status", "policy_domain", "policy", "on_failure", "organizational_domain"};
  for (std::size_t i = 0; i < common; ++i) out[keys.at(i)] = text_or_null(facts[i].value);
  for (std::size_t i = 0; i < identifiers.size(); ++i)
    out["alignments"].push_back({{"identifier", identifiers[i].text()},
                                 {"spf", text_or_null(facts[common + 2 * i].value)},
                                 {"dkim", text_or_null(facts[common + 2 * i + 1].value)}});
  return out;
}

}  // namespace

std::string explain_steps(const DmarcFinding& finding, std::size_t indent, const Paint& paint) {
  std::string out;
  for (const dmarc::Step& step : finding.steps)
    explain_step(out, step, step.name == finding.discovery.policy_domain, indent, paint);
  if (const std::string why = explain_choice(finding.discovery); !why.empty())
    fmt::format_to(Out(out), "{}because: {}\n", std::string(indent, ' '), why);
  return out;
}

std::string explain_dmarc(const DmarcFindings& found, bool is_coloured) {
  const Paint paint{is_coloured};
  std::string out = fmt::format("From {}\n", found.domain.text());
  explain_finding(out, "Tree walk (RFC 9989)", found.by_walk, found.walk_facts, paint);
  explain_finding(out, "Public suffix list (RFC 7489)", found.by_list, found.list_facts, paint);
  explain_differences(out, found, paint);
  return out;
}

json describe_steps(const DmarcFinding& finding) { return describe_all(finding.steps); }

json to_json(const DmarcFindings& found) {
  json out = {{"domain", found.domain.text()},
              {"treewalk", describe(found.by_walk, found.walk_facts, found.identifiers)},
              {"psl", describe(found.by_list, found.list_facts, found.identifiers)},
              {"differences", json::array()}};
  for (const Difference& one : differences(found))
    out["differences"].push_back(
        {{"what", one.what}, {"treewalk", text_or_null(one.by_walk)}, {"psl", text_or_null(one.by_list)}});
  return out;
}

}  // namespace cli
