// The reports/ corpus: files as reporters sent them. Each is read if it is well formed, and refused if not; what the
// standards' schemas say of it, and what its source makes of it, are compared where the manifest has that.
// Not compared: rfc7489_relaxed_valid (there is no such standard; ours goes by RFC 7489 Appendix C).

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/text.hpp"
#include "report/read_xml.hpp"
#include "report/unpack.hpp"
#include "tests/corpus/case.hpp"
#include "tests/corpus/report.hpp"

namespace corpus {
namespace {

using Json = nlohmann::json;

// --- what the source makes of it

Json ours(const report::Record& record) {
  Json reasons = Json::array(), dkim = Json::array(), spf = Json::array();
  for (const auto& one : record.policy_evaluated.reasons) reasons.push_back({{"type_", one.type}, {"comment", one.comment}});
  for (const auto& one : record.dkim)
    dkim.push_back(
        {{"domain", one.domain}, {"selector", one.selector}, {"result", one.result}, {"human_result", one.human_result}});
  for (const auto& one : record.spf)
    spf.push_back({{"domain", one.domain}, {"scope", one.scope}, {"result", one.result}, {"human_result", one.human_result}});
  const auto& evaluated = record.policy_evaluated;
  const auto& from = record.identifiers.envelope_from;
  return {{"row",
           {{"source_ip", record.source_ip},
            {"count", record.count},
            {"policy_evaluated",
             {{"disposition", evaluated.disposition}, {"dkim", evaluated.dkim}, {"spf", evaluated.spf}, {"reason", reasons}}}}},
          {"identifiers",
           {{"envelope_to", record.identifiers.envelope_to},
            {"envelope_from", from.empty() ? "" : from.front()},
            {"header_from", record.identifiers.header_from}}},
          {"auth_results", {{"dkim", dkim}, {"spf", spf}}}};
}

Json ours(const report::Aggregate& report) {
  Json records = Json::array();
  for (const report::Record& record : report.records) records.push_back(ours(record));
  const auto& metadata = report.metadata;
  const auto& policy = report.policy;
  return {{"version", report.version},
          {"report_metadata",
           {{"org_name", metadata.org_name},
            {"email", metadata.email},
            {"extra_contact_info", metadata.extra_contact_info},
            {"report_id", metadata.report_id},
            {"date_range", {{"begin", metadata.date_range.begin}, {"end", metadata.date_range.end}}},
            {"error", metadata.errors}}},
          {"policy_published",
           {{"domain", policy.domain},
            {"adkim", policy.adkim},
            {"aspf", policy.aspf},
            {"p", policy.p},
            {"sp", policy.sp},
            {"testing", policy.testing == "y"},
            {"fo", policy.fo}}},
          {"record", records}};
}

/// A single value without what differs only in spelling: "MailFrom" and "mfrom", nothing and "Unspecified" (or version
/// 0.0). The source knows RFC 9990's override types alone, and calls those of RFC 7489 "Other".
std::string plain(const Json& value) {
  static const std::map<std::string, std::string> words = {{"unspecified", ""},     {"null", ""},          {"relaxed", "r"},
                                                           {"strict", "s"},         {"mailfrom", "mfrom"}, {"0.0", ""},
                                                           {"sampledout", "other"}, {"forwarded", "other"}};
  std::string text = base::to_lower(value.is_string() ? value.get<std::string>() : value.dump());
  text.erase(std::remove(text.begin(), text.end(), '_'), text.end());
  const auto word = words.find(text);
  return word == words.end() ? text : word->second;
}

/// Where the two differ, by what ours has; empty: nowhere.
std::string difference(const Json& mine, const Json& theirs, const std::string& where = "") {
  if (!mine.is_structured())
    return plain(mine) == plain(theirs) ? "" : fmt::format("{}: {}, source {}", where, mine.dump(), theirs.dump());
  if (mine.is_array() && mine.size() != theirs.size()) return fmt::format("{}: {} of them", where, mine.size());
  for (const auto& [key, value] : mine.items()) {
    const Json& other = mine.is_array() ? theirs.at(std::stoul(key)) : theirs.at(key);
    if (std::string found = difference(value, other, where + "/" + key); !found.empty()) return found;
  }
  return {};
}

// --- what the standards say of it

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : "; ") + text;
  return out.empty() ? "valid" : out;
}

/// Empty: as the manifest has it. A document is judged by the standard of its own namespace.
std::string validity_difference(const report::Reading& reading, const Json& c) {
  const bool is_valid = reading.findings.empty(), is_new = reading.form == report::Form::rfc9990;
  if (states(c, "rfc9990_valid") && (is_valid && is_new) != flag_of(c, "rfc9990_valid"))
    return "RFC 9990: " + joined(reading.findings);
  if (states(c, "rfc7489_valid") && (is_valid && !is_new) != flag_of(c, "rfc7489_valid"))
    return "RFC 7489: " + joined(reading.findings);
  return {};
}

// --- the cases

/// The reports in a file that can be read, and why the others cannot.
struct Read {
  std::vector<report::Reading> readings;
  std::string fault;
};

Read read(const std::string& octets) {
  Read out;
  const auto documents = report::unpack(octets);
  if (!documents) return {{}, std::string(documents.error().text)};
  for (const std::string& xml : *documents) {
    auto reading = report::read_xml(xml);
    if (reading)
      out.readings.push_back(std::move(*reading));
    else
      out.fault = reading.error().text;
  }
  return out;
}

std::string judge(const Read& found, const Json& c) {
  const bool is_readable = !states(c, "well_formed") || flag_of(c, "well_formed");
  if (!is_readable) return found.readings.empty() ? "" : "read";
  if (found.readings.empty()) return "refused: " + found.fault;
  const report::Reading& first = found.readings.front();
  const std::string validity = validity_difference(first, c);
  return !validity.empty() || !states(c, "parsed") ? validity : difference(ours(first.report), c.at("parsed"));
}

Outcome run_aggregate(const std::filesystem::path& folder, const Json& c) {
  Outcome outcome;
  outcome.section = "RFC 9990 Appendix A; RFC 7489 Appendix C";
  outcome.expected = states(c, "schema_error") ? text_of(c, "schema_error") : "as the manifest has it";
  outcome.got = judge(read(read_octets(folder / text_of(c, "file"))), c);
  outcome.is_right = outcome.got.empty();
  return outcome;
}

}  // namespace

void run_report(const std::filesystem::path& file, Report& report) {
  if (file.filename() != "manifest.json") return;
  const Json data = Json::parse(read_octets(file));
  run_cases(
      list_of(data, "cases"),
      [&](const Json& c) {
        if (text_of(c, "kind") != "aggregate") return report.skipped(text_of(c, "id"), "a failure report");
        settle(c, run_aggregate(file.parent_path(), c), report);
      },
      report);
}

}  // namespace corpus
