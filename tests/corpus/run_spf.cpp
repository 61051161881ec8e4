// The spf/ corpora: whole checks against a case's zone, macro expansions, and record syntax.

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <algorithm>
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
#include "tests/corpus/case.hpp"
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
  Json results = test.at(states(test, "rfc7208_expected") ? "rfc7208_expected" : "expected");
  if (results.is_string()) results = Json::array({results});
  for (const Json& more : list_of(test, "accept")) results.push_back(more);
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

void add_explanation(Outcome& outcome, const std::string& expected, const std::string& got) {
  outcome.is_right = is_explanation_right(expected, got);
  outcome.expected += " \"" + expected + "\"";
  outcome.got += " \"" + got + "\"";
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
  const std::string got(spf::to_text(verdict.result));
  Outcome outcome;
  outcome.is_right = std::find(accepted.begin(), accepted.end(), got) != accepted.end();
  outcome.expected = fmt::format("{}", fmt::join(accepted, "/"));
  outcome.got = got + " (" + verdict.reason + ")";
  outcome.section = section_of(verdict);
  if (states(test, "rfc_expected")) outcome.expected += ", but by the RFC " + as_text(test.at("rfc_expected"));
  if (outcome.is_right && states(test, "explanation") && verdict.result == spf::Result::fail)
    add_explanation(outcome, text_of(test, "explanation"), explain(resolver, input, verdict));
  settle(test, outcome, report);
}

/// A domain-spec by the grammar of RFC 7208 §7.1, the end of which no macro string knows. We refuse one that ends in
/// %%, %_ or %- in a record, though the grammar has it; its expansion is still defined.
bool is_domain_spec(std::string_view text) {
  return spf::parse_domain_spec(text) || text.ends_with("%%") || text.ends_with("%_") || text.ends_with("%-");
}

/// RFC 7208 §7.3: a DIGIT beyond 127, the number of labels a name can have, need not be supported; to us it is "all".
bool has_useless_digits(const std::string& macro) {
  std::size_t digits = 0;
  for (const char c : macro) {
    digits = base::is_digit(c) ? digits + 1 : 0;
    if (digits > 3) return true;
  }
  return false;
}

std::string expand(const Json& test, const spf::Input& input, dns::Resolver& resolver) {
  const bool is_name = test.at("context") == "domain-spec";
  const std::string text = text_of(test, "macro");
  const auto macros = spf::MacroString::parse(text, is_name ? spf::MacroUse::domain_spec : spf::MacroUse::explanation);
  if (!macros || (is_name && !is_domain_spec(text))) return "permerror";
  const auto name = test::decide<std::string>(resolver, [&input](dns::View& view) {
    return spf::find_validated_name(view, input.client, input.domain, spf::Limits{}.ptr_names);
  });
  const spf::MacroValues values{input, input.domain, name};
  return is_name ? spf::expand_name(*macros, values) : spf::expand_text(*macros, values, 1000);
}

void run_macro(Json test, const Json& file, Report& report) {
  if (!states(test, "expected") && !states(test, "error")) return report.skipped(text_of(test, "id"), "nothing asserted");
  const Json defaults = file.value("defaults", Json::object());
  for (const auto& [key, value] : defaults.items())
    if (!states(test, key.c_str())) test[key] = value;
  spf::Input input = make_input(test, split_sender(test.at("sender"), test.at("helo")));
  input.domain = test.at("domain");
  input.receiver = test.at("receiving_host");
  const Json no_zone = Json::object();
  const std::string zone = text_of(test, "zone");
  ZoneResolver resolver(zone.empty() ? no_zone : file.at("zones").at(zone));
  Outcome outcome;
  outcome.expected = text_of(test, states(test, "error") ? "error" : "expected");
  outcome.got = expand(test, input, resolver);
  outcome.is_right = outcome.got == outcome.expected;
  outcome.section = "RFC 7208 §7";
  outcome.is_disputed = has_useless_digits(text_of(test, "macro"));
  settle(test, outcome, report);
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
  settle(test, {got == expected, std::string(expected), std::string(got), "RFC 7208 §4.6, §12"}, report);
}

/// A pair of Received-SPF; quotes that a value would not need are the writer's choice.
std::string pair_of(std::string_view text) {
  std::string pair(base::trim(text));
  const std::size_t quote = pair.find("=\"");
  const bool is_plain = pair.ends_with('"') && std::count(pair.begin(), pair.end(), '"') == 2 && pair.find('\\') == pair.npos;
  return quote != std::string::npos && is_plain ? pair.substr(0, quote + 1) + pair.substr(quote + 2, pair.size() - quote - 3)
                                                : pair;
}

/// A Received-SPF field without what is only layout: its name, folds, the order of the pairs, a final semicolon.
std::vector<std::string> content_of(std::string_view text) {
  std::string field = unfolded(text);
  if (field.starts_with("Received-SPF:")) field = base::trim(field.substr(field.find(':') + 1));
  const std::size_t first_value = std::min(field.find('='), field.size());
  const std::size_t first_key = field.rfind(' ', first_value) + 1;
  std::vector<std::string> out = {field.substr(0, first_key)};
  field.erase(0, first_key);
  for (const auto pair : base::split(field, ';'))
    if (!base::trim(pair).empty()) out.push_back(pair_of(pair));
  std::sort(out.begin() + 1, out.end());
  return out;
}

void run_received_spf(const Json& test, Report& report) {
  message::ReceivedSpf field;
  field.result = text_of(test.at("fields"), "result");
  field.comment = text_of(test.at("fields"), "comment");
  for (const auto& [key, value] : test.at("fields").items()) {
    std::string name = key;
    std::replace(name.begin(), name.end(), '_', '-');
    if (name != "result" && name != "comment" && value.is_string()) field.values.emplace_back(name, value.get<std::string>());
  }
  const std::string got = message::format_received_spf(field), expected = text_of(test, "header");
  settle(test, {content_of(got) == content_of(expected), expected, got, "RFC 7208 §9.1"}, report);
}

void run_case(const Json& test, const Json& file, Report& report) {
  if (states(test, "macro")) return run_macro(test, file, report);
  if (states(test, "record") && test.contains("valid")) return run_syntax(test, report);
  if (states(test, "zone") && states(test, "ip")) {
    if (base::IpAddress::parse(text_of(test, "ip"))) return run_check(test, file.at("zones"), report);
    return report.skipped(text_of(test, "id"), "not the address of a client");
  }
  if (states(test, "fields") && states(test, "header")) return run_received_spf(test, report);
  report.skipped(text_of(test, "id"), "kind not known");
}

}  // namespace

void run_spf(const std::filesystem::path& path, Report& report) {
  const Json file = Json::parse(read_octets(path));
  run_cases(
      list_of(file, "cases"), [&](const Json& test) { run_case(test, file, report); }, report);
}

}  // namespace corpus
