// The spf/ corpora: whole checks against a case's zone, macro expansions, and record syntax.

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <vector>

#include "base/text.hpp"
#include "message/received_spf.hpp"
#include "spf/check_host.hpp"
#include "spf/macro.hpp"
#include "spf/record.hpp"
#include "spf/validated_names.hpp"
#include "tests/corpus/report.hpp"
#include "tests/corpus/zone.hpp"
#include "tests/support/map_resolver.hpp"

namespace corpus {
namespace {

using Json = nlohmann::json;

struct Sender {
  std::string local_part, domain;
};

Sender split_sender(const std::string& mailfrom, const std::string& helo) {
  if (mailfrom.empty()) return {"", helo};
  const std::size_t at = mailfrom.rfind('@');
  if (at == std::string::npos) return {"", mailfrom};
  return {mailfrom.substr(0, at), mailfrom.substr(at + 1)};
}

spf::Input make_input(const Json& test, const Sender& sender) {
  spf::Input input;
  input.client = base::IpAddress::parse(test.at("ip").get<std::string>()).value();
  input.local_part = sender.local_part;
  input.domain = input.sender_domain = sender.domain;
  input.helo = text_of(test, "helo");
  input.receiver = text_of(test, "receiver");
  return input;
}

spf::Verdict check(dns::Resolver& resolver, const spf::Input& input) {
  return test::decide<spf::Verdict>(resolver, [input](dns::View& view) { return spf::check_host(view, input, spf::Limits{}); });
}

std::string explain(dns::Resolver& resolver, const spf::Input& input, const spf::Verdict& verdict) {
  return test::decide<std::string>(resolver, [input, verdict](dns::View& view) { return spf::explain(view, input, verdict); });
}

/// All results that are right.
std::vector<std::string> accepted_results(const Json& test) {
  std::vector<std::string> results = test.at(test.contains("rfc7208_expected") ? "rfc7208_expected" : "expected");
  for (const Json& more : test.value("accept", Json::array())) results.push_back(more);
  return results;
}

/// Compared without regard to case, because the nibbles of %{i} have none.
bool is_explanation_right(const std::string& expected, const std::string& got) {
  return expected == "DEFAULT" ? got.empty() : base::iequals(expected, got);
}

/// What our verdict rests on.
std::string_view section_of(const spf::Verdict& verdict) {
  if (verdict.reason.starts_with("more than")) return "RFC 7208 §4.6.4";
  if (verdict.reason.starts_with("syntax error")) return "RFC 7208 §4.6";
  return verdict.matched.empty() ? "RFC 7208 §4.7" : "RFC 7208 §4.6.2, §5";
}

void report_result(const Json& test, const std::string& got, bool is_right, const std::string& expected,
                   std::string_view section, Report& report) {
  const std::string id = test.at("id");
  const auto disputed = test.find("disputed");
  if (is_right)
    report.passed(id);
  else if (disputed != test.end() && *disputed != false)
    report.disputed(id, expected, got, section);
  else
    report.failed(id, expected, got);
}

void run_check(const Json& test, const Json& zones, Report& report) {
  ZoneResolver resolver(zones.at(test.at("zone").get<std::string>()));
  const std::string helo = text_of(test, "helo");
  spf::Input input = make_input(test, split_sender(octets_of(text_of(test, "mailfrom")), helo));
  if (text_of(test, "identity") == "helo-first") {
    const spf::Input helo_input = make_input(test, {"", helo});
    if (check(resolver, helo_input).result != spf::Result::pass) input = helo_input;
  }
  const spf::Verdict verdict = check(resolver, input);
  const auto accepted = accepted_results(test);
  std::string got(spf::to_text(verdict.result));
  std::string expected = fmt::format("{}", fmt::join(accepted, "/"));
  bool is_right = std::find(accepted.begin(), accepted.end(), got) != accepted.end();
  got += " (" + verdict.reason + ")";
  if (is_right && test.contains("explanation") && verdict.result == spf::Result::fail) {
    const std::string explanation = explain(resolver, input, verdict), wanted = test.at("explanation");
    is_right = is_explanation_right(wanted, explanation);
    expected += " \"" + wanted + "\"";
    got += " \"" + explanation + "\"";
  }
  report_result(test, got, is_right, expected, section_of(verdict), report);
}

std::string expand(const Json& test, const spf::Input& input, dns::Resolver& resolver) {
  const bool is_name = test.at("context") == "domain-spec";
  const auto macros = spf::MacroString::parse(test.at("macro").get<std::string>(),
                                              is_name ? spf::MacroUse::domain_spec : spf::MacroUse::explanation);
  if (!macros) return "permerror";
  const auto name = test::decide<std::string>(resolver, [&input](dns::View& view) {
    return spf::find_validated_name(view, input.client, input.domain, spf::Limits{}.ptr_names);
  });
  const spf::MacroValues values{input, input.domain, name};
  return is_name ? spf::expand_name(*macros, values) : spf::expand_text(*macros, values, 1000);
}

void run_macro(Json test, const Json& file, Report& report) {
  for (const auto& [key, value] : file.at("defaults").items())
    if (!test.contains(key)) test[key] = value;
  spf::Input input = make_input(test, split_sender(test.at("sender"), test.at("helo")));
  input.domain = test.at("domain");
  input.receiver = test.at("receiving_host");
  const Json no_zone = Json::object();
  const std::string zone = text_of(test, "zone");
  ZoneResolver resolver(zone.empty() ? no_zone : file.at("zones").at(zone));
  const std::string expected = test.contains("error") ? text_of(test, "error") : text_of(test, "expected");
  const std::string got = expand(test, input, resolver);
  report_result(test, got, got == expected, expected, "RFC 7208 §7", report);
}

std::string_view describe(const Json& valid) {
  if (valid.is_null()) return "no record";
  return valid.get<bool>() ? "valid" : "invalid";
}

void run_syntax(const Json& test, Report& report) {
  const std::string record = octets_of(test.at("record"));
  std::string_view got = "no record";
  if (spf::is_record(record)) got = spf::parse_record(record) ? "valid" : "invalid";
  const auto expected = describe(test.at("valid"));
  report_result(test, std::string(got), got == expected, std::string(expected), "RFC 7208 §4.6, §12", report);
}

/// A Received-SPF field without what is only layout: folds, the order of the pairs, a final semicolon.
std::vector<std::string> content_of(std::string field) {
  field.erase(std::remove(field.begin(), field.end(), '\r'), field.end());
  for (char& c : field)
    if (c == '\n' || c == '\t') c = ' ';
  const std::size_t first_value = std::min(field.find('='), field.size());
  const std::size_t first_key = field.rfind(' ', first_value) + 1;
  std::vector<std::string> out = {field.substr(0, first_key)};
  field.erase(0, first_key);
  for (const auto pair : base::split(field, ';'))
    if (!base::trim(pair).empty()) out.emplace_back(base::trim(pair));
  std::sort(out.begin() + 1, out.end());
  return out;
}

void run_received_spf(const Json& test, Report& report) {
  message::ReceivedSpf field;
  for (const auto& [key, value] : test.at("fields").items()) {
    std::string name = key;
    std::replace(name.begin(), name.end(), '_', '-');
    if (name == "result")
      field.result = value;
    else if (name == "comment")
      field.comment = value;
    else
      field.values.emplace_back(name, value.get<std::string>());
  }
  const std::string got = "Received-SPF: " + message::format_received_spf(field), expected = test.at("header");
  if (content_of(got) == content_of(expected)) return report.passed(test.at("id"));
  report.failed(test.at("id"), expected, got);
}

}  // namespace

void run_spf(const std::filesystem::path& file, Report& report) {
  std::ifstream stream(file);
  const Json content = Json::parse(stream);
  for (const Json& test : content.at("cases")) {
    if (test.contains("macro"))
      run_macro(test, content, report);
    else if (test.contains("record") && test.contains("valid"))
      run_syntax(test, report);
    else if (test.contains("zone") && test.contains("mailfrom"))
      run_check(test, content.at("zones"), report);
    else if (test.contains("fields") && test.contains("header"))
      run_received_spf(test, report);
    else
      report.skipped(test.at("id"), "kind not known");
  }
}

}  // namespace corpus
