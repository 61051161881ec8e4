#include "milter/metrics.hpp"

#include <algorithm>
#include <exception>
#include <iterator>

namespace milter {
namespace {

constexpr std::string_view other = "other", internal_error = "internal-error";

std::size_t index_of_reason(std::string_view reason) {
  const auto last = std::prev(counted_reasons.end());
  return static_cast<std::size_t>(std::find(counted_reasons.begin(), last, reason) - counted_reasons.begin());
}

template <class Row, class Value>
void add_one(Row& row, Value value) {
  row[static_cast<std::size_t>(value)].fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

void Metrics::count(const auth::Report& report, const auth::Options& options) noexcept {
  add_one(counted_.messages[static_cast<std::size_t>(report.disposition.action)], index_of_reason(report.disposition.reason));
  counted_.total.add(report.total);
  counted_.waited.add(report.waited_on_dns);
  if (report.role.role == auth::Role::judge && report.disposition.reason != internal_error) count_judgement(report);
  try {
    for (const auto& signature : report.signatures) count_signature(signature, options.signing_table);
  } catch (const std::exception&) {  // no memory for a new series: the message is not to suffer for it
  }
}

void Metrics::count_judgement(const auth::Report& report) noexcept {
  add_one(counted_.spf_mail_from, report.spf_mail_from.verdict.result);
  add_one(counted_.spf_helo, report.spf_helo.verdict.result);
  for (const auto& outcome : report.dkim) add_one(counted_.dkim, outcome.result);
  if (report.dkim.empty()) add_one(counted_.dkim, dkim::Result::none);
  if (report.dmarc) add_one(counted_.dmarc, report.dmarc->result);
}

/// A rule for "*" signs for whatever domain the author writes, and that one is not to be a label.
void Metrics::count_signature(const auth::Signature& signature, const auth::SigningTable& table) {
  std::pair<std::string, std::string> name(table.is_named(signature.domain) ? signature.domain : other, signature.selector);
  const std::lock_guard lock(mutex_);
  const auto known = signers_.find(name);
  if (known == signers_.end() && signers_.size() >= max_signers) name.first = name.second = other;
  ++(known == signers_.end() ? signers_[std::move(name)] : known->second);
}

void Metrics::count_reload(bool is_ok, base::UnixTime now) noexcept {
  ++(is_ok ? reloads_ok_ : reloads_failed_);
  is_last_reload_ok_ = is_ok;
  if (is_ok) last_reload_ = now;
}

Metrics::Signers Metrics::signers() const {
  const std::lock_guard lock(mutex_);
  return signers_;
}

}  // namespace milter
