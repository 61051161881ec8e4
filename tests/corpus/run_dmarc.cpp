#include <fmt/format.h>
#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <stdexcept>

#include "base/text.hpp"
#include "dmarc/evaluation.hpp"
#include "dmarc/report_destinations.hpp"
#include "dmarc/report_uri.hpp"
#include "dns/zone.hpp"
#include "tests/corpus/dmarc_cases.hpp"
#include "tests/support/map_resolver.hpp"

namespace corpus {
namespace {

using nlohmann::json;

std::string text_of(const json& record) {
  std::string text;
  for (const auto& part : record.at("strings")) text += part.get<std::string>();
  return text;
}

dns::Status failure_of(const json& record) {
  if (record.contains("timeout") || record.at("error") == "timeout") return dns::Status::timeout;
  return dns::Status::server_failure;
}

/// What of one record matters to DMARC: TXT, that the name exists, and where it leads to. Null: nothing.
std::unique_ptr<dns::Answer> read_record(const json& record) {
  const std::string type = record.at("type");
  auto answer = std::make_unique<dns::Answer>();
  if (type == "TXT" && record.contains("strings")) answer->texts = {text_of(record)};
  if (type == "A") answer->addresses = {base::IpAddress::parse(record.at("value").get<std::string>()).value()};
  if (type == "CNAME") answer->names = {base::to_lower(record.at("value").get<std::string>())};
  const bool is_read = !answer->texts.empty() || !answer->addresses.empty() || !answer->names.empty();
  return is_read ? std::move(answer) : nullptr;
}

std::optional<dns::Type> type_of(const json& record) {
  static const std::map<std::string, dns::Type> types = {
      {"TXT", dns::Type::txt}, {"A", dns::Type::a}, {"CNAME", dns::Type::cname}};
  const auto found = types.find(record.at("type").get<std::string>());
  return found == types.end() ? std::nullopt : std::optional(found->second);
}

/// A failure counts where the name has no record of the type.
void add_failure(dns::Zone& zone, const std::string& name, const json& record, const json& all) {
  if (record.at("type") == "*") return zone.fail_rest(name, failure_of(record));
  const auto type = type_of(record);
  const bool is_answered =
      std::any_of(all.begin(), all.end(), [&](const json& other) { return type_of(other) == type && read_record(other); });
  if (type && !is_answered) zone.fail({name, *type}, failure_of(record));
}

void add_name(dns::Zone& zone, const std::string& name, const json& records) {
  zone.add_name(name);
  for (const auto& record : records) {
    if (record.contains("timeout") || record.contains("error")) {
      add_failure(zone, name, record, records);
      continue;
    }
    const auto answer = read_record(record);
    if (answer && !zone.add({name, *type_of(record)}, *answer)) throw std::runtime_error(name + ": not a zone");
  }
}

dns::Zone read_zone(const json& names) {
  dns::Zone zone;
  for (const auto& [name, records] : names.items()) add_name(zone, base::to_lower(name), records);
  return zone;
}

/// Answers from a zone and keeps what was asked.
class Witness final : public dns::Resolver {
 public:
  explicit Witness(const json& zone) : zone_(read_zone(zone)) {}
  void start(const dns::Question& question, Callback done) override {
    asked.push_back(question);
    done(zone_.look_up(question));
  }
  std::vector<dns::Question> asked;

 private:
  dns::Zone zone_;
};

using SuffixList = std::shared_ptr<const dmarc::PublicSuffixList>;

SuffixList system_list() {
  static const SuffixList list = dmarc::PublicSuffixList::load_system();
  return list;
}

/// The published list and the rules that a case assumes beside it.
SuffixList list_with(const json& rules) {
  std::ostringstream text;
  text << std::ifstream("/usr/share/publicsuffix/public_suffix_list.dat").rdbuf() << '\n';
  for (const auto& rule : rules) text << rule.get<std::string>() << '\n';
  return dmarc::PublicSuffixList::parse(text.str());
}

dmarc::OrganizationalDomain find_organization(dns::Resolver& resolver, const base::Domain& name,
                                              const SuffixList& list = nullptr) {
  return test::decide<dmarc::OrganizationalDomain>(
      resolver, [&](dns::View& view) { return dmarc::find_organizational_domain(view, name, list.get()); });
}

/// The _dmarc names asked for, joined: in the order of a walk, whatever order a round sent them in.
std::string asked_names(const Witness& resolver) {
  std::vector<std::string> names;
  for (const auto& question : resolver.asked)
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

/// A message drawn as 0 is sampled out by pct=0 alone, as the format says of dispositions.
dmarc::Verdict evaluate(dns::Resolver& resolver, const json& test, const base::Domain& author,
                        const SuffixList& list = nullptr) {
  const auto spf = identifiers_of(test.at("spf"), true);
  const auto dkim = identifiers_of(test.at("dkim"), false);
  const dmarc::DiscoveryInput input{author, domains_of(spf), domains_of(dkim), list};
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

/// By one of the two standards.
struct Way {
  std::string key, section;
  SuffixList list{};
};

std::string section_of(const dmarc::Verdict& verdict, const Way& way) {
  if (way.list) return way.section;
  if (verdict.result == dmarc::Result::permerror) return "RFC 9989 §4.10.1";
  return verdict.result == dmarc::Result::temperror ? "RFC 9989 §5.3.6" : way.section;
}

/// The Organizational Domain found on its own; what the evaluation says of it must be the same.
json organization_of(const json& test, const base::Domain& author, const dmarc::Verdict& verdict, const Way& way) {
  Witness resolver(test.at("zone"));
  const auto organization = find_organization(resolver, author, way.list).domain;
  if (verdict.organizational_domain && organization != verdict.organizational_domain)
    return "two answers: " + verdict.organizational_domain->text();
  return organization ? json(organization->text()) : json();
}

/// Passes if all that is asserted by the source, and by the corpus's own complete reading where there is one, holds.
void run_evaluation_by(const Way& way, const json& test, Report& report) {
  json expected = test.value("derived", json::object()).value(way.key, json::object());
  expected.update(test.at("expected").value(way.key, json::object()));
  if (expected.empty()) return;
  Witness resolver(test.at("zone"));
  const auto author = base::Domain::parse(corpus::text_of(test, "from_domain"));
  const Judge judge{test, report, "RFC 9989 §5.3.1", way.list ? " (RFC 7489)" : ""};
  if (!author) return judge.settle(expected.value("result", "none"), "none");  // no Author Domain: DMARC says nothing
  const dmarc::Verdict verdict = evaluate(resolver, test, *author, way.list);
  json got = describe(verdict);
  if (const json organization = organization_of(test, *author, verdict, way); !organization.is_null())
    got["org_domain"] = organization;
  const std::string queries = join_names(test.value("expected_queries", json::array()));
  if (!way.list && !is_walk_of(asked_names(resolver), queries)) {
    got["queries"] = asked_names(resolver);
    expected["queries"] = queries;
  }
  const std::string wrong = differences(expected, got, test.value("accept", json()));
  Judge{test, report, section_of(verdict, way), judge.mark}.settle(wrong.empty() ? "" : expected.dump(), wrong);
}

void run_evaluation(const json& test, Report& report) {
  run_evaluation_by({"rfc9989", "RFC 9989 §5.3"}, test, report);
  run_evaluation_by({"rfc7489", "RFC 7489 §6.6", system_list()}, test, report);
}

// ---- org-domain.json, alignment.json

std::string text_or_null(const std::optional<base::Domain>& domain) { return domain ? domain->text() : "null"; }

/// In the one form that domains are compared in.
std::string expected_organization(const json& test) {
  if (test.at("expected_org").is_null()) return "null";
  return base::Domain::parse(test.at("expected_org").get<std::string>()).value().text();
}

void run_suffix(const json& test, Report& report) {
  const SuffixList list = test.contains("rules") ? list_with(test.at("rules")) : system_list();
  const auto domain = base::Domain::parse(test.at("domain").get<std::string>());
  const Judge judge{test, report, "RFC 7489 §3.2"};
  if (test.contains("is_public_suffix")) {
    const bool is_suffix = domain && list->is_listed_suffix(*domain);
    judge.settle(test.at("is_public_suffix").get<bool>() ? "suffix" : "no suffix", is_suffix ? "suffix" : "no suffix");
  }
  if (test.contains("expected_org"))
    judge.settle(expected_organization(test), text_or_null(domain ? list->registrable_domain(*domain) : std::nullopt));
}

void run_organization(const json& test, Report& report) {
  if (test.at("method") == "psl") return run_suffix(test, report);
  Witness resolver(test.at("zone"));
  const auto domain = base::Domain::parse(test.at("domain").get<std::string>());
  std::string got = text_or_null(domain ? find_organization(resolver, *domain).domain : std::nullopt);
  if (test.contains("expected_queries")) {
    const std::string queries = join_names(test.at("expected_queries"));
    if (!is_walk_of(asked_names(resolver), queries)) got += ", not asking " + queries;
  }
  Judge{test, report, "RFC 9989 §4.10.2"}.settle(expected_organization(test), got);
}

/// The source's Organizational Domains are those of a world where only the shorter of two related names has a record.
void run_alignment(const json& test, Report& report) {
  const auto a = base::Domain::parse(test.at("a").get<std::string>()), b = base::Domain::parse(test.at("b").get<std::string>());
  if (!a || !b)
    return test.at("aligned").get<bool>() && !test.contains("lenient") ? report.failed(test.at("id"), "aligned", "not a domain")
                                                                       : report.passed(test.at("id"));
  const std::string mode = test.at("mode");
  const base::Domain& shorter = a->label_count() < b->label_count() ? *a : *b;
  const std::string record = fmt::format("v=DMARC1; p=none; aspf={}; adkim={}", mode, mode);
  json zone = json::object();
  zone["_dmarc." + shorter.text()] = json::array({{{"type", "TXT"}, {"strings", {record}}}});
  Witness resolver(zone);
  const json message = {{"spf", json::array()}, {"dkim", {{{"domain", b->text()}, {"result", "pass"}}}}};
  const bool is_aligned = evaluate(resolver, message, *a).aligned_dkim;
  Judge{test, report, "RFC 9989 §4.4"}.settle(test.at("aligned").get<bool>() ? "aligned" : "not aligned",
                                              is_aligned ? "aligned" : "not aligned");
}

// ---- external-reports.json

/// The policy's own record is there, which the format leaves unsaid.
json with_policy_record(json zone, const std::string& policy_domain) {
  if (!zone.contains("_dmarc." + policy_domain))
    zone["_dmarc." + policy_domain] = json::array({{{"type", "TXT"}, {"strings", {"v=DMARC1; p=none"}}}});
  return zone;
}

void run_external_report(const json& test, Report& report) {
  const std::string policy_domain = base::to_lower(test.at("policy_domain").get<std::string>());
  dmarc::ReportRequest request{base::Domain::parse(policy_domain).value(), {}};
  if (test.value("tag", "rua") == "ruf") request.kind = dmarc::ReportKind::failure;
  for (const std::string uri : test.at("uris"))
    if (const auto valid = dmarc::read_report_uri(uri)) request.uris.emplace_back(*valid);
  Witness resolver(with_policy_record(test.at("zone"), policy_domain));
  const auto found = test::decide<dmarc::ReportDestinations>(
      resolver, [&](dns::View& view) { return dmarc::find_report_destinations(view, request); });
  std::string got = fmt::format("{}", fmt::join(found.accepted, " "));
  const bool is_temporary =
      std::any_of(found.refused.begin(), found.refused.end(), [](const auto& r) { return r.is_temporary; });
  if (test.contains("status") && (test.at("status") == "temperror") != is_temporary)
    got += is_temporary ? "temperror" : "final";
  Judge{test, report, "RFC 9990 §4"}.settle(join_names(test.at("accepted")), got);
}

}  // namespace

void run_dmarc(const std::filesystem::path& file, Report& report) {
  static const std::map<std::string, std::function<void(const json&, Report&)>> runners = {
      {"evaluate.json", run_evaluation},     {"records.json", run_dmarc_record}, {"tag-values.json", run_dmarc_tag_value},
      {"org-domain.json", run_organization}, {"alignment.json", run_alignment},  {"external-reports.json", run_external_report},
  };
  const auto runner = runners.find(file.filename().string());
  if (runner == runners.end()) return report.skipped(file.filename().string(), "unknown kind of case");
  const json corpus = json::parse(read_octets(file));
  run_cases(
      corpus.at("cases"), [&](const json& test) { runner->second(test, report); }, report);
}

}  // namespace corpus
