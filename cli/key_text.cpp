// KeyFindings for a person and for machines.

#include <iterator>

#include "cli/key_findings.hpp"

namespace cli {
namespace {

using nlohmann::json;
using Out = std::back_insert_iterator<std::string>;

void explain_record(std::string& out, const KeyRecordFindings& record, std::size_t indent, const Paint& paint) {
  const std::string margin(indent, ' ');
  fmt::format_to(Out(out), "{}{}\n", margin, readable(record.text));
  if (record.fault_at) fmt::format_to(Out(out), "{}{}^\n", margin, space_before(record.text, *record.fault_at));
  for (const auto& [text, meaning] : record.tags)
    fmt::format_to(Out(out), "{}  {}: {}\n", margin, readable(text.size() > 24 ? text.substr(0, 20) + "..." : text),
                   readable(meaning));
  if (!record.key.empty()) fmt::format_to(Out(out), "{}  key: {}\n", margin, record.key);
  out += explain_findings(record.findings, indent + 2, paint);
}

std::string explain_use(const KeyFindings& found) {
  if (dns::is_failure(found.status)) return "a signature with this selector is temperror: its key cannot be had";
  if (found.records.empty()) return "a signature with this selector is permerror: no key";
  if (found.is_usable()) return "a signature with this selector is verified by this key";
  return fmt::format("a signature with this selector is permerror: {}", found.records.front().fault);
}

json describe(const KeyRecordFindings& record) {
  json out = {{"record", readable(record.text)},
              {"tags", json::array()},
              {"key", record.key.empty() ? json(nullptr) : json(record.key)},
              {"fault", record.fault.empty() ? json(nullptr) : json(record.fault)},
              {"fault_at", record.fault_at ? json(*record.fault_at) : json(nullptr)},
              {"findings", describe_findings(record.findings)}};
  for (const auto& tag : record.tags) out["tags"].push_back({{"tag", readable(tag.text)}, {"meaning", tag.meaning}});
  return out;
}

}  // namespace

std::string explain_key(const KeyFindings& found, std::size_t indent, const Paint& paint) {
  const std::string margin(indent, ' ');
  std::string out = margin + paint(bold, readable(found.name));
  if (!found.alias.empty()) fmt::format_to(Out(out), ", an alias of {}", readable(found.alias));
  if (found.status != dns::Status::ok) fmt::format_to(Out(out), ": {}", dns::to_text(found.status));
  out += '\n';
  for (const KeyRecordFindings& record : found.records) explain_record(out, record, indent + 2, paint);
  out += explain_findings(found.findings, indent + 2, paint);
  fmt::format_to(Out(out), "{}  {}\n", margin, explain_use(found));
  return out;
}

json to_json(const KeyFindings& found) {
  json out = {{"name", readable(found.name)},
              {"alias", found.alias.empty() ? json(nullptr) : json(readable(found.alias))},
              {"status", dns::to_text(found.status)},
              {"usable", found.is_usable()},
              {"records", json::array()},
              {"findings", describe_findings(found.findings)}};
  for (const KeyRecordFindings& record : found.records) out["records"].push_back(describe(record));
  return out;
}

}  // namespace cli
