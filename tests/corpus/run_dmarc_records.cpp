#include <fmt/format.h>
#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "dmarc/record.hpp"
#include "dmarc/report_uri.hpp"
#include "tests/corpus/dmarc_cases.hpp"

namespace corpus {
namespace {

using nlohmann::json;

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

/// The tags that are gone with RFC 9989.
json old_tags_of(const dmarc::Record& record) { return {{"pct", record.pct}, {"ri", record.ri}, {"rf", record.rf}}; }

json without_sizes(const json& uris) {
  json out = json::array();
  for (const auto& uri : uris) out.push_back(uri.at(0));
  return out;
}

/// fo without ruf says nothing.
std::string tag_differences(const json& expected, const json& got) {
  std::string text;
  for (const auto& [name, value] : expected.items()) {
    if (name == "fo" && !expected.contains("ruf")) continue;
    const json wanted = value.is_array() ? without_sizes(value) : value;
    if (!got.contains(name) || got.at(name) != wanted)
      text += fmt::format(" {}={}", name, got.contains(name) ? got.at(name).dump() : "nothing");
  }
  return text;
}

// ---- tag-values.json

/// Of the URIs with valid syntax the source calls valid those of schemes reports have ever been sent by.
bool is_report_uri(const std::string& value) {
  const auto uri = dmarc::read_report_uri(value);
  return uri &&
         (base::istarts_with(*uri, "mailto:") || base::istarts_with(*uri, "http:") || base::istarts_with(*uri, "https:"));
}

bool are_report_uris(const std::string& list) {
  const auto uris = base::split(list, ',');
  return std::all_of(uris.begin(), uris.end(),
                     [](std::string_view uri) { return is_report_uri(std::string(base::trim(uri))); });
}

bool is_valid_value(const std::string& tag, const std::string& value) {
  if (tag == "v") return dmarc::parse_record("v=" + value + "; p=none").status != dmarc::RecordStatus::not_dmarc;
  if (tag == "rua" || tag == "ruf") return are_report_uris(value);
  if (tag == "rua-size") return is_report_uri("mailto:a@example.org!" + value);
  static const std::set<std::string> gone = {"pct", "ri", "rf"};
  const auto standard = gone.contains(tag) ? dmarc::Standard::rfc7489 : dmarc::Standard::rfc9989;
  const std::string rest = tag == "p" ? "" : "; p=none";
  const std::string record = fmt::format("v=DMARC1{}; ruf=mailto:a@example.org; {}={}", rest, tag, value);
  return dmarc::parse_record(record, standard).fault.empty();
}

}  // namespace

void run_dmarc_record(const json& test, Report& report) {
  const json& expected = test.at("expected");
  const auto parsed = dmarc::parse_record(test.at("record").get<std::string>());
  std::string got(status_name(parsed.status));
  const std::string status = expected.at("status");
  const json accept = test.value("accept", json::array());
  if (got != status && std::find(accept.begin(), accept.end(), got) != accept.end()) return report.passed(test.at("id"));
  if (got == status && expected.contains("tags")) {
    json tags = tags_of(parsed);
    tags.update(old_tags_of(dmarc::parse_record(test.at("record").get<std::string>(), dmarc::Standard::rfc7489).record));
    got += tag_differences(expected.at("tags"), tags);
  }
  const auto again = dmarc::parse_record(dmarc::format_record(parsed.record));
  if (parsed.status != dmarc::RecordStatus::not_dmarc && again.record != parsed.record) got += ", not the same when formatted";
  Judge{test, report, "RFC 9989 §4.8"}.settle(status, got);
}

void run_dmarc_tag_value(const json& test, Report& report) {
  const bool is_valid = is_valid_value(test.at("tag"), test.at("value"));
  Judge{test, report, "RFC 9989 §4.8"}.settle(test.at("valid").get<bool>() ? "valid" : "invalid",
                                              is_valid ? "valid" : "invalid");
}

}  // namespace corpus
