#include <fmt/format.h>
#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.hpp"
#include "dmarc/evaluation.hpp"
#include "dmarc/report_uri.hpp"
#include "tests/corpus/report.hpp"
#include "tests/support/map_resolver.hpp"

namespace corpus {
namespace {

using nlohmann::json;

/// The last word on a case: `got` is one of what is asked for, or it failed.
struct Judge {
  const json& test;
  Report& report;

  void settle(const std::string& expected, const std::string& got) const {
    const std::string id = test.at("id");
    if (expected == got)
      report.passed(id);
    else if (test.contains("disputed"))
      report.disputed(id, expected, got, "RFC 9989 §4.7, §4.10.1");
    else
      report.failed(id, expected, got);
  }
};

std::string text_of(const json& record) {
  std::string text;
  for (const auto& part : record.at("strings")) text += part.get<std::string>();
  return text;
}

dns::Status failure_of(const json& record) {
  if (record.contains("timeout") || record.at("error") == "timeout") return dns::Status::timeout;
  return dns::Status::server_failure;
}

/// What of one name's records matters to DMARC: TXT, A, and that the name exists.
void add_name(test::MapResolver& resolver, const std::string& name, const json& records) {
  std::vector<std::string> texts, addresses;
  std::map<dns::Type, dns::Status> failures;
  resolver.fail(name, dns::Type::ns, dns::Status::no_data);  // the name exists
  for (const auto& record : records) {
    const std::string type = record.at("type");
    if (record.contains("timeout") || record.contains("error")) {
      if (type == "TXT" || type == "*") failures[dns::Type::txt] = failure_of(record);
      if (type == "A" || type == "*") failures[dns::Type::a] = failure_of(record);
    } else if (type == "TXT") {
      texts.push_back(text_of(record));
    } else if (type == "A") {
      addresses.push_back(record.at("value"));
    }
  }
  for (const auto& [type, status] : failures) resolver.fail(name, type, status);
  if (!texts.empty()) resolver.txt(name, texts);
  if (!addresses.empty()) resolver.a(name, addresses);
}

void fill(test::MapResolver& resolver, const json& zone) {
  for (const auto& [name, records] : zone.items()) add_name(resolver, base::to_lower(name), records);
}

dmarc::OrganizationalDomain find_organization(test::MapResolver& resolver, const base::Domain& name) {
  return test::decide<dmarc::OrganizationalDomain>(
      resolver, [&](dns::View& view) { return dmarc::find_organizational_domain(view, name); });
}

/// The _dmarc names asked for, joined: in the order of a walk, whatever order a round sent them in.
std::string asked_names(const test::MapResolver& resolver) {
  std::vector<std::string> names;
  for (const auto& question : resolver.asked())
    if (question.type == dns::Type::txt) names.push_back(question.name);
  std::stable_sort(names.begin(), names.end(), [](const auto& a, const auto& b) {
    return std::count(a.begin(), a.end(), '.') > std::count(b.begin(), b.end(), '.');
  });
  return fmt::format("{}", fmt::join(names, " "));
}

/// All names of a walk are asked in one round, so those beyond its end (psd=) are asked, too: what a source expects
/// must be how the list begins.
bool is_walk_of(const std::string& asked, const std::string& expected) {
  return expected.empty() || asked == expected || asked.starts_with(expected + " ");
}

std::string join_names(const json& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : " ") + name.get<std::string>();
  return text;
}

// ---- evaluate.json

dmarc::IdentifierState state_of(const std::string& result) {
  if (result == "pass") return dmarc::IdentifierState::passed;
  return result == "temperror" ? dmarc::IdentifierState::unknown : dmarc::IdentifierState::failed;
}

std::vector<dmarc::Identifier> identifiers_of(const json& results, bool only_mail_from) {
  std::vector<dmarc::Identifier> identifiers;
  for (const auto& result : results) {
    if (only_mail_from && result.value("scope", "mfrom") != "mfrom") continue;
    if (const auto domain = base::Domain::parse(result.at("domain").get<std::string>()))
      identifiers.push_back({*domain, state_of(result.at("result"))});
  }
  return identifiers;
}

std::vector<base::Domain> domains_of(const std::vector<dmarc::Identifier>& identifiers) {
  std::vector<base::Domain> domains;
  for (const auto& identifier : identifiers) domains.push_back(identifier.domain);
  return domains;
}

dmarc::Verdict evaluate(test::MapResolver& resolver, const json& test, const base::Domain& author) {
  const auto spf = identifiers_of(test.at("spf"), true);
  const auto dkim = identifiers_of(test.at("dkim"), false);
  const dmarc::DiscoveryInput input{author, domains_of(spf), domains_of(dkim)};
  const auto discovery =
      test::decide<dmarc::Discovery>(resolver, [&](dns::View& view) { return dmarc::discover(view, input); });
  base::NullLog log;
  // A message has one MAIL FROM; where a source gives several results, one that passes will do.
  dmarc::Verdict verdict = dmarc::evaluate(discovery, std::nullopt, dkim, log);
  for (const dmarc::Identifier& identifier : spf) {
    verdict = dmarc::evaluate(discovery, identifier, dkim, log);
    if (verdict.result == dmarc::Result::pass) break;
  }
  return verdict;
}

/// Everything the formats can ask of a verdict, by its key.
json describe(const dmarc::Verdict& verdict) {
  json out = {
      {"result", dmarc::to_text(verdict.result)}, {"dkim_aligned", verdict.aligned_dkim}, {"spf_aligned", verdict.aligned_spf}};
  const bool is_enforced = verdict.result == dmarc::Result::fail;
  out["disposition"] = dmarc::to_text(is_enforced ? verdict.policy : dmarc::Policy::none);
  if (verdict.is_policy_known) out["policy"] = dmarc::to_text(verdict.published_policy);
  if (verdict.policy_domain) out["policy_domain"] = verdict.policy_domain->text();
  return out;
}

std::string differences(const json& expected, const json& got, const json& accept) {
  std::string text;
  for (const auto& [key, value] : expected.items()) {
    if (got.contains(key) && got.at(key) == value) continue;
    if (key == "result" && accept.is_array() && std::find(accept.begin(), accept.end(), got.at(key)) != accept.end()) continue;
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", key, got.contains(key) ? got.at(key).dump() : "nothing");
  }
  return text;
}

/// Passes if all that is asserted by the source, and by the corpus's own complete reading where there is one, holds.
void run_evaluation(const json& test, Report& report) {
  const std::string id = test.at("id");
  if (!test.at("expected").contains("rfc9989")) return report.skipped(id, "RFC 7489 only");
  test::MapResolver resolver;
  fill(resolver, test.at("zone"));
  const auto author = base::Domain::parse(test.at("from_domain").get<std::string>());
  if (!author) return report.skipped(id, "no Author Domain");
  const dmarc::Verdict verdict = evaluate(resolver, test, *author);
  json got = describe(verdict);
  const std::string queries = join_names(test.value("expected_queries", json::array()));
  if (!is_walk_of(asked_names(resolver), queries)) got["queries"] = asked_names(resolver);
  test::MapResolver again;
  fill(again, test.at("zone"));
  if (const auto organization = find_organization(again, *author).domain) got["org_domain"] = organization->text();
  if (verdict.organizational_domain && got["org_domain"] != verdict.organizational_domain->text())
    got["org_domain"] = "two answers: " + verdict.organizational_domain->text();
  const json accept = test.value("accept", json());
  json expected = test.at("expected").at("rfc9989");
  if (test.contains("derived")) expected.update(test.at("derived").value("rfc9989", json::object()));
  expected.update(test.at("expected").at("rfc9989"));
  if (got.contains("queries")) expected["queries"] = queries;
  const std::string wrong = differences(expected, got, accept);
  Judge{test, report}.settle(wrong.empty() ? "" : expected.dump(), wrong);
}

// ---- records.json

std::string_view status_name(dmarc::RecordStatus status) {
  switch (status) {
    case dmarc::RecordStatus::ok:
      return "ok";
    case dmarc::RecordStatus::p_none:
      return "p-none";
    case dmarc::RecordStatus::unusable:
      return "unusable";
    case dmarc::RecordStatus::not_dmarc:
      break;
  }
  return "not-dmarc";
}

json uris_of(const std::vector<std::string>& uris) { return uris; }

/// Values of a record's tags as the corpus writes them: every tag, defaults too.
json tags_of(const dmarc::ParsedRecord& parsed) {
  const dmarc::Record& record = parsed.record;
  json tags = {{"adkim", record.adkim == dmarc::AlignmentMode::strict ? "s" : "r"},
               {"aspf", record.aspf == dmarc::AlignmentMode::strict ? "s" : "r"},
               {"t", record.testing ? "y" : "n"},
               {"psd", record.psd == dmarc::PublicSuffix::yes  ? "y"
                       : record.psd == dmarc::PublicSuffix::no ? "n"
                                                               : "u"},
               {"fo", record.fo},
               {"rua", uris_of(record.rua)},
               {"ruf", uris_of(record.ruf)}};
  if (record.p) tags["p"] = dmarc::to_text(*record.p);
  if (record.sp) tags["sp"] = dmarc::to_text(*record.sp);
  if (record.np) tags["np"] = dmarc::to_text(*record.np);
  if (parsed.status == dmarc::RecordStatus::p_none) tags["p"] = "none";
  return tags;
}

json without_sizes(const json& uris) {
  json out = json::array();
  for (const auto& uri : uris) out.push_back(uri.at(0));
  return out;
}

/// Tags gone with RFC 9989 are ignored, and so is fo without ruf.
std::string tag_differences(const json& expected, const json& got) {
  static const std::set<std::string> ignored = {"pct", "ri", "rf"};
  std::string text;
  for (const auto& [name, value] : expected.items()) {
    if (ignored.contains(name) || (name == "fo" && !expected.contains("ruf"))) continue;
    const json wanted = value.is_array() ? without_sizes(value) : value;
    if (!got.contains(name) || got.at(name) != wanted)
      text += fmt::format(" {}={}", name, got.contains(name) ? got.at(name).dump() : "nothing");
  }
  return text;
}

void run_record(const json& test, Report& report) {
  const json& expected = test.at("expected");
  const auto parsed = dmarc::parse_record(test.at("record").get<std::string>());
  std::string got(status_name(parsed.status));
  const std::string status = expected.at("status");
  const json accept = test.value("accept", json::array());
  if (got != status && std::find(accept.begin(), accept.end(), got) != accept.end()) return report.passed(test.at("id"));
  if (got == status && expected.contains("tags")) got += tag_differences(expected.at("tags"), tags_of(parsed));
  const auto again = dmarc::parse_record(dmarc::format_record(parsed.record));
  if (parsed.status != dmarc::RecordStatus::not_dmarc && again.record != parsed.record) got += ", not the same when formatted";
  Judge{test, report}.settle(status, got);
}

// ---- tag-values.json

/// Of the URIs with valid syntax the source calls valid those of schemes reports have ever been sent by.
bool is_report_uri(const std::string& value) {
  const auto uri = dmarc::read_report_uri(value);
  return uri &&
         (base::istarts_with(*uri, "mailto:") || base::istarts_with(*uri, "http:") || base::istarts_with(*uri, "https:"));
}

bool is_valid_value(const std::string& tag, const std::string& value) {
  if (tag == "rua" || tag == "ruf") return is_report_uri(value);
  if (tag == "rua-size") return is_report_uri("mailto:a@example.org!" + value);
  const std::string rest = tag == "p" ? "" : "; p=none";
  return dmarc::parse_record(fmt::format("v=DMARC1{}; ruf=mailto:a@example.org; {}={}", rest, tag, value)).fault.empty();
}

void run_tag_value(const json& test, Report& report) {
  static const std::set<std::string> gone = {"pct", "ri", "rf"};
  const std::string tag = test.at("tag");
  if (gone.contains(tag)) return report.skipped(test.at("id"), "tag is gone with RFC 9989");
  const bool is_valid = is_valid_value(tag, test.at("value"));
  Judge{test, report}.settle(test.at("valid").get<bool>() ? "valid" : "invalid", is_valid ? "valid" : "invalid");
}

// ---- org-domain.json, alignment.json

void run_organization(const json& test, Report& report) {
  if (test.at("method") != "treewalk") return report.skipped(test.at("id"), "public suffix list: not yet");
  test::MapResolver resolver;
  fill(resolver, test.at("zone"));
  const auto domain = base::Domain::parse(test.at("domain").get<std::string>());
  std::string got = "null";
  if (domain) {
    const auto organization = find_organization(resolver, *domain);
    got = organization.domain ? organization.domain->text() : "unknown";
  }
  std::string expected = test.at("expected_org").is_null() ? "null" : test.at("expected_org").get<std::string>();
  if (test.contains("expected_queries")) {
    const std::string queries = join_names(test.at("expected_queries"));
    if (!is_walk_of(asked_names(resolver), queries)) got += ", not asking " + queries;
  }
  Judge{test, report}.settle(expected, got);
}

/// The source's Organizational Domains are those of a world where only the shorter of two related names has a record.
void run_alignment(const json& test, Report& report) {
  const auto a = base::Domain::parse(test.at("a").get<std::string>()), b = base::Domain::parse(test.at("b").get<std::string>());
  if (!a || !b)
    return test.at("aligned").get<bool>() && !test.contains("lenient") ? report.failed(test.at("id"), "aligned", "not a domain")
                                                                       : report.passed(test.at("id"));
  const std::string mode = test.at("mode");
  test::MapResolver resolver;
  const base::Domain& shorter = a->label_count() < b->label_count() ? *a : *b;
  resolver.txt("_dmarc." + shorter.text(), {fmt::format("v=DMARC1; p=none; aspf={}; adkim={}", mode, mode)});
  const json message = {{"spf", json::array()}, {"dkim", {{{"domain", b->text()}, {"result", "pass"}}}}};
  const bool is_aligned = evaluate(resolver, message, *a).aligned_dkim;
  Judge{test, report}.settle(test.at("aligned").get<bool>() ? "aligned" : "not aligned",
                             is_aligned ? "aligned" : "not aligned");
}

void skip_external_report(const json& test, Report& report) { report.skipped(test.at("id"), "aggregate reports: not yet"); }

}  // namespace

void run_dmarc(const std::filesystem::path& file, Report& report) {
  static const std::map<std::string, std::function<void(const json&, Report&)>> runners = {
      {"evaluate.json", run_evaluation},     {"records.json", run_record},      {"tag-values.json", run_tag_value},
      {"org-domain.json", run_organization}, {"alignment.json", run_alignment}, {"external-reports.json", skip_external_report},
  };
  const auto runner = runners.find(file.filename().string());
  if (runner == runners.end()) return report.skipped(file.filename().string(), "unknown kind of case");
  std::ifstream stream(file);
  const json corpus = json::parse(stream);
  for (const json& test : corpus.at("cases")) runner->second(test, report);
}

}  // namespace corpus
