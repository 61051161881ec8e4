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
#include "spf/check_host.hpp"
#include "spf/macro.hpp"
#include "spf/record.hpp"
#include "spf/validated_names.hpp"
#include "tests/corpus/report.hpp"
#include "tests/support/map_resolver.hpp"

namespace corpus {
namespace {

using Json = nlohmann::json;

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// Each character of the corpus's text is one octet.
std::string octets_of(const std::string& utf8) {
  std::string out;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto lead = static_cast<unsigned char>(utf8[i]);
    if (lead < 0x80 || i + 1 == utf8.size())
      out += utf8[i];
    else
      out += static_cast<char>((lead & 0x03U) << 6U | (static_cast<unsigned char>(utf8[++i]) & 0x3fU));
  }
  return out;
}

std::string plain_name(std::string name) { return dns::ask_for(name, dns::Type::a).name; }

/// Answers from one zone of a corpus file, whose rules are in the corpora's README.
class ZoneResolver final : public dns::Resolver {
 public:
  explicit ZoneResolver(const Json& zone) {
    for (const auto& [name, records] : zone.items()) names_[plain_name(name)] = &records;
  }
  void start(const dns::Question& question, Callback done) override { done(look_up(question)); }

 private:
  [[nodiscard]] dns::AnswerPtr look_up(const dns::Question& question, unsigned aliases = 0) const {
    const auto found = names_.find(question.name);
    if (found == names_.end()) return dns::make_empty_answer(absent_status(question.name));
    auto answer = std::make_shared<dns::Answer>();
    std::string alias;
    for (const Json& record : *found->second) {
      if (record.at("type") == dns::to_text(question.type)) add(record, *answer);
      if (record.at("type") == "CNAME") alias = plain_name(record.at("value"));
    }
    if (answer->status == dns::Status::ok) return answer;
    if (!alias.empty() && aliases < 10) return look_up({alias, question.type}, aliases + 1);
    return dns::make_empty_answer(failure(*found->second, question.type));
  }

  [[nodiscard]] dns::Status absent_status(const std::string& name) const {
    const bool is_above =
        std::any_of(names_.begin(), names_.end(), [&](const auto& listed) { return listed.first.ends_with("." + name); });
    return is_above ? dns::Status::no_data : dns::Status::no_such_name;
  }

  static void add(const Json& record, dns::Answer& answer) {
    const std::string type = record.at("type"), value = text_of(record, "value");
    if (value.empty() && !record.contains("strings")) return;
    answer.status = dns::Status::ok;
    if (type == "A" || type == "AAAA") answer.addresses.push_back(base::IpAddress::parse(value).value());
    if (type == "MX") answer.exchanges.push_back({record.at("preference"), plain_name(value)});
    if (type == "PTR") answer.names.push_back(plain_name(value));
    if (type != "TXT") return;
    answer.texts.emplace_back();
    for (const Json& part : record.at("strings")) answer.texts.back() += octets_of(part);
  }

  /// What a question gets that the name has no record for.
  static dns::Status failure(const Json& records, dns::Type type) {
    for (const Json& record : records) {
      if (record.at("type") != "*" && record.at("type") != dns::to_text(type)) continue;
      const std::string error = text_of(record, "error");
      if (record.value("timeout", false) || error == "timeout") return dns::Status::timeout;
      if (!error.empty()) return dns::Status::server_failure;
    }
    return dns::Status::no_data;
  }

  std::map<std::string, const Json*> names_;
};

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

void report_result(const Json& test, const std::string& got, bool is_right, const std::string& expected, Report& report) {
  const std::string id = test.at("id");
  const auto disputed = test.find("disputed");
  if (is_right)
    report.passed(id);
  else if (disputed != test.end() && *disputed != false)
    report.disputed(id, expected, got);
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
  report_result(test, got, is_right, expected, report);
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
  report_result(test, got, got == expected, expected, report);
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
  report_result(test, std::string(got), got == expected, std::string(expected), report);
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
    else
      report.skipped(test.at("id"), "kind not supported: no Received-SPF field is built");
  }
}

}  // namespace corpus
