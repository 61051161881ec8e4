#include "report/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <span>

#include "report/diagnosis.hpp"

namespace report {
namespace {

void grow(std::uint64_t& sum, std::uint64_t by) {
  sum = by > std::numeric_limits<std::uint64_t>::max() - sum ? std::numeric_limits<std::uint64_t>::max() : sum + by;
}

void grow(std::map<std::string, std::uint64_t>& counts, const std::string& word, std::uint64_t by) {
  const bool fits = counts.size() < SummaryLimits::max_words || counts.contains(word);
  grow(counts[fits ? word : "other"], by);
}

/// Stated tags only.
std::string policy_text(const PolicyPublished& policy) {
  std::string out = policy.domain + ":";
  const auto add = [&](std::string_view tag, const std::string& value) {
    if (!value.empty()) out += fmt::format(" {}={}", tag, value);
  };
  add("p", policy.p);
  add("sp", policy.sp);
  add("np", policy.np);
  add("adkim", policy.adkim);
  add("aspf", policy.aspf);
  add("t", policy.testing);
  add("pct", policy.pct);
  return out;
}

void add_reasons(Source& source, std::vector<Reason> reasons) {
  for (Reason& reason : reasons) {
    const auto same = [&](const Reason& known) { return known.what == reason.what && known.is_failure == reason.is_failure; };
    auto known = std::find_if(source.reasons.begin(), source.reasons.end(), same);
    if (known == source.reasons.end() && source.reasons.size() >= SummaryLimits::max_reasons) {
      reason.what = "other reasons, too many to list";
      reason.advice = "look at the reports one by one";
      known = std::find_if(source.reasons.begin(), source.reasons.end(), same);
    }
    if (known == source.reasons.end())
      source.reasons.push_back(std::move(reason));
    else
      grow(known->messages, reason.messages);
  }
}

void count(Source& source, const Record& record) {
  const bool dkim = record.policy_evaluated.dkim == "pass", spf = record.policy_evaluated.spf == "pass";
  grow(source.messages, record.count);
  if (dkim) grow(source.dkim, record.count);
  if (spf) grow(source.spf, record.count);
  if (dkim && spf) grow(source.both, record.count);
  if (!dkim && !spf) grow(source.neither, record.count);
  const std::string& disposition = record.policy_evaluated.disposition;
  grow(source.dispositions, disposition.empty() ? "not stated" : disposition, record.count);
  for (const PolicyOverrideReason& reason : record.policy_evaluated.reasons)
    if (!reason.type.empty()) grow(source.overrides, reason.type, record.count);
}

Source source_of(const Record& record, const PolicyPublished& policy) {
  Source out;
  const std::string other = find_other_organization(record, policy);
  out.domain = record.identifiers.header_from;
  if (!other.empty()) {
    out.kind = SourceKind::other_organization;
    out.name = other;
  } else if (is_own(record, policy)) {
    out.kind = SourceKind::own;
    out.name = record.identifiers.header_from;
  } else {
    out.name = network_of(record.source_ip);
  }
  return out;
}

/// By messages, the most first; what has as many keeps its order.
template <class T>
void sort_by_messages(std::vector<T>& all) {
  std::stable_sort(all.begin(), all.end(), [](const T& a, const T& b) { return a.messages > b.messages; });
}

}  // namespace

std::string network_of(const std::string& source_ip) {
  const auto address = base::IpAddress::parse(source_ip);
  if (!address) return "(no address)";
  const unsigned prefix = address->is_v4() ? SummaryLimits::v4_prefix : SummaryLimits::v6_prefix;
  std::vector<std::uint8_t> octets(address->octets().begin(), address->octets().end());
  std::fill(octets.begin() + prefix / 8, octets.end(), std::uint8_t{0});
  const auto first = address->is_v4() ? base::IpAddress::v4(std::span<const std::uint8_t, 4>(octets.data(), 4))
                                      : base::IpAddress::v6(std::span<const std::uint8_t, 16>(octets.data(), 16));
  return base::IpNetwork{first, prefix}.text();
}

void Tally::add(const Aggregate& report) {
  if (is_known(report.metadata)) {
    ++sum_.duplicates;
    return;
  }
  const DateRange& range = report.metadata.date_range;
  sum_.begin = sum_.reports == 0 ? range.begin : std::min(sum_.begin, range.begin);
  sum_.end = sum_.reports == 0 ? range.end : std::max(sum_.end, range.end);
  ++sum_.reports;
  if (sum_.policies.size() < SummaryLimits::max_reporters) sum_.policies.insert(policy_text(report.policy));
  std::uint64_t messages = 0;
  for (const Record& record : report.records) {
    grow(messages, record.count);
    add_record(record, report.policy);
  }
  grow(sum_.messages, messages);
  add_reporter(report, messages);
}

/// RFC 9990 §3.1.1.2: a Report-ID is the reporter's own; without one nothing can be said.
bool Tally::is_known(const ReportMetadata& metadata) {
  if (metadata.report_id.empty()) return false;
  const std::string key = metadata.org_name + '\n' + metadata.email + '\n' + metadata.report_id;
  return !seen_.insert(key).second;
}

void Tally::add_reporter(const Aggregate& report, std::uint64_t messages) {
  const ReportMetadata& metadata = report.metadata;
  const std::string key = metadata.org_name + '\n' + metadata.email;
  if (reporters_.size() >= SummaryLimits::max_reporters && !reporters_.contains(key)) return;
  Reporter& reporter = reporters_[key];
  reporter.org_name = metadata.org_name;
  reporter.email = metadata.email;
  ++reporter.reports;
  grow(reporter.messages, messages);
}

void Tally::add_record(const Record& record, const PolicyPublished& policy) {
  Source source = source_of(record, policy);
  const std::string key = source.name + '\n' + source.domain;
  const bool failed = record.policy_evaluated.dkim != "pass" && record.policy_evaluated.spf != "pass";
  if (failed) grow(sum_.failed, record.count);
  if (sources_.size() >= SummaryLimits::max_sources && !sources_.contains(key)) return grow(sum_.unlisted, record.count);
  Source& kept = sources_.try_emplace(key, std::move(source)).first->second;
  if (kept.networks.size() < SummaryLimits::max_networks) kept.networks.insert(network_of(record.source_ip));
  count(kept, record);
  add_reasons(kept, find_reasons(record, policy));
}

Summary Tally::take() {
  for (auto& [key, source] : sources_) {
    sort_by_messages(source.reasons);
    std::stable_partition(source.reasons.begin(), source.reasons.end(), [](const Reason& one) { return one.is_failure; });
    sum_.sources.push_back(std::move(source));
  }
  for (auto& [key, reporter] : reporters_) sum_.reporters.push_back(std::move(reporter));
  sort_by_messages(sum_.sources);
  sort_by_messages(sum_.reporters);
  return std::move(sum_);
}

}  // namespace report
