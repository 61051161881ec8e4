// Aggregate reports, packed or not: whatever comes in, what is read keeps within the limits, is text, and adds up.
// RFC 9990 §3.1; the input is a file as `signet report read` takes it.
#include <algorithm>
#include <string>

#include "base/text.hpp"
#include "report/read_xml.hpp"
#include "report/summary.hpp"
#include "report/unpack.hpp"
#include "tests/fuzz/property.hpp"

namespace {

using fuzz::require;
using report::Aggregate;
using report::Reading;
using report::XmlLimits;

void check_text(const std::string& text) {
  require(text.size() <= XmlLimits::max_text_octets + 3 && base::is_utf8(text), "text is bounded, and UTF-8");
}

void check_record(const report::Record& record) {
  check_text(record.source_ip);
  check_text(record.identifiers.header_from);
  require(record.dkim.size() <= XmlLimits::max_parts && record.spf.size() <= XmlLimits::max_parts &&
              record.policy_evaluated.reasons.size() <= XmlLimits::max_parts &&
              record.identifiers.envelope_from.size() <= XmlLimits::max_parts,
          "the parts of a record are bounded");
  for (const auto& dkim : record.dkim) check_text(dkim.human_result);
  for (const auto& reason : record.policy_evaluated.reasons) check_text(reason.comment);
}

void check_sum(const Aggregate& report) {
  report::Tally tally;
  tally.add(report);
  const report::Summary summary = tally.take();
  std::uint64_t messages = summary.unlisted;
  for (const report::Source& source : summary.sources) {
    messages += source.messages;
    require(source.both <= source.dkim && source.both <= source.spf, "who passes by both passes by each");
    require(source.neither <= source.messages && source.dkim <= source.messages && source.spf <= source.messages,
            "no more messages pass or fail than there are");
  }
  const auto is_small = [](const report::Record& one) { return one.count <= 1'000'000'000; };
  if (std::all_of(report.records.begin(), report.records.end(), is_small))
    require(messages == summary.messages, "the sources' messages are all messages");
}

void check(std::string_view octets) {
  const auto documents = report::unpack(octets);
  if (!documents) return require(!documents.error().text.empty(), "what is refused is refused for a reason");
  require(!documents->empty(), "what is unpacked holds something");
  for (const std::string& xml : *documents) {
    const auto reading = report::read_xml(xml);
    if (!reading) continue;
    require(reading->findings.size() <= XmlLimits::max_findings, "findings are bounded");
    require(reading->report.records.size() <= XmlLimits::max_records, "records are bounded");
    for (const report::Record& record : reading->report.records) check_record(record);
    check_sum(reading->report);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  check(fuzz::as_text(octets, size));
  return 0;
}
