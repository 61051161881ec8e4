// DMARC records: what is read is written down as a record that reads the same, foreign tags change nothing, and only
// what begins with the version is one. RFC 9989 §4.7, §4.8.
#include <algorithm>
#include <string>

#include "base/text.hpp"
#include "dmarc/record.hpp"
#include "dmarc/report_uri.hpp"
#include "tests/fuzz/property.hpp"

namespace {

using dmarc::ParsedRecord;
using dmarc::RecordStatus;
using fuzz::require;

void check_shape(const ParsedRecord& parsed, std::string_view txt) {
  const dmarc::Record& record = parsed.record;
  const bool is_plain =
      std::all_of(parsed.fault.begin(), parsed.fault.end(), [](char c) { return c == ' ' || base::is_visible(c); });
  require(is_plain && parsed.fault.size() <= 400, "a fault is one line of visible text");
  if (parsed.status == RecordStatus::not_dmarc) {
    require(record == dmarc::Record{}, "what is no record says nothing");
    return;
  }
  require(base::istarts_with(txt, "v") && txt.find("DMARC1") < txt.find(';'), "a record begins with its version");
  require(txt.size() <= dmarc::max_record_octets, "a record beyond the limit is none");
  require((parsed.status == RecordStatus::ok) == !record.is_policy_faulty, "a record is usable as written if its policy is");
  require(record.p || record.is_policy_faulty, "without p the policy is faulty");
  require((parsed.status == RecordStatus::p_none) == (record.is_policy_faulty && !record.rua.empty()),
          "a faulty policy with somewhere to report to is p=none");
  require(!record.ruf.empty() || record.fo == "0", "fo is ignored without ruf");
}

void check_uris(const std::vector<std::string>& uris, std::string_view txt) {
  for (const std::string& uri : uris) {
    require(txt.find(uri) != std::string_view::npos, "a URI is a part of the record");
    require(std::all_of(uri.begin(), uri.end(), base::is_visible) && uri.find_first_of(",;!") == std::string::npos,
            "a URI has no blank and nothing that ends it");
    require(dmarc::read_report_uri(uri) == uri, "a URI that was read is read whole again");
  }
}

void check_again(const ParsedRecord& parsed, std::string_view txt) {
  if (parsed.status == RecordStatus::not_dmarc) return;
  const std::string text = dmarc::format_record(parsed.record);
  require(text.size() <= txt.size() + 64, "a record is not longer in its own words");
  if (text.size() > dmarc::max_record_octets) return;
  const ParsedRecord again = dmarc::parse_record(text);
  require(again.record == parsed.record && again.status == parsed.status, "a record written down reads the same");
}

void check_additions(const ParsedRecord& parsed, std::string_view txt) {
  if (parsed.status == RecordStatus::not_dmarc || txt.size() + 32 > dmarc::max_record_octets) return;
  if (base::to_lower(txt).find("x_fuzz") != std::string::npos) return;
  const ParsedRecord more = dmarc::parse_record(std::string(txt) + "; x_fuzz=1; ;");
  require(more.record == parsed.record && more.status == parsed.status, "a tag that nobody knows changes nothing");
  if (parsed.status == RecordStatus::unusable) return;
  const ParsedRecord twice = dmarc::parse_record(std::string(txt) + "; x_fuzz=1; X_Fuzz=2");
  require(twice.status == RecordStatus::unusable, "a repeated tag makes a record unusable");
}

void check(std::string_view txt) {
  const ParsedRecord parsed = dmarc::parse_record(txt);
  require(parsed == dmarc::parse_record(std::string(txt)), "the same text gives the same record");
  check_shape(parsed, txt);
  check_uris(parsed.record.rua, txt);
  check_uris(parsed.record.ruf, txt);
  check_again(parsed, txt);
  check_additions(parsed, txt);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  check(fuzz::as_text(octets, size));
  return 0;
}
