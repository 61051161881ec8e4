#pragma once
// What messages came to, counted since the start: a few additions for each, whatever the mail holds. The labels are words
// of ours and names of the configuration, never anything of a message. milter/exposition.hpp makes text of it.

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "auth/options.hpp"
#include "auth/report.hpp"
#include "base/duration_histogram.hpp"
#include "base/time.hpp"

namespace milter {

/// The reason tokens of a disposition, as the log has them; the last stands for any other.
inline constexpr std::array<std::string_view, 24> counted_reasons = {
    "dmarc-pass",           "dmarc-none",      "dmarc-policy-none", "dmarc-quarantine",
    "dmarc-reject",         "dmarc-temperror", "dmarc-permerror",   "from-exempt",
    "from-missing",         "from-no-address", "from-too-many",     "from-unparsable",
    "from-several-fields",  "spf-fail",        "spf-softfail",      "spf-permerror",
    "forged-results-flood", "internal-error",  "local-submission",  "authenticated",
    "sign-daemon",          "relay",           "sign-network",      "other"};

/// One row of counters for each value of an enum that begins at 0.
template <std::size_t values>
using Counts = std::array<std::atomic<std::uint64_t>, values>;

class Metrics {
 public:
  /// Series of signatures; those beyond are counted as of the domain "other", with the selector "other".
  static constexpr std::size_t max_signers = 10'000;
  static constexpr std::size_t actions = 5, spf_results = 7, dkim_results = 7, dmarc_results = 5;
  using Signers = std::map<std::pair<std::string, std::string>, std::uint64_t>;  // by domain and selector

  explicit Metrics(base::UnixTime start) : start_(start), last_reload_(start) {}
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // Any thread.
  /// `options`: those the message was handled under.
  void count(const auth::Report& report, const auth::Options& options) noexcept;
  void count_session() noexcept { sessions_.fetch_add(1, std::memory_order_relaxed); }
  void count_reload(bool is_ok, base::UnixTime now) noexcept;

  struct Counted {
    std::array<Counts<counted_reasons.size()>, actions> messages{};
    Counts<spf_results> spf_mail_from{}, spf_helo{};
    Counts<dkim_results> dkim{};
    Counts<dmarc_results> dmarc{};
    base::DurationHistogram total, waited;
  };
  [[nodiscard]] const Counted& counted() const { return counted_; }
  [[nodiscard]] Signers signers() const;
  [[nodiscard]] std::uint64_t sessions() const { return sessions_; }
  [[nodiscard]] std::uint64_t reloads(bool is_ok) const { return is_ok ? reloads_ok_ : reloads_failed_; }
  [[nodiscard]] bool is_last_reload_ok() const { return is_last_reload_ok_; }
  /// When what is in force was read.
  [[nodiscard]] base::UnixTime last_reload() const { return last_reload_; }
  [[nodiscard]] base::UnixTime start() const { return start_; }

 private:
  void count_judgement(const auth::Report& report) noexcept;
  void count_signature(const auth::Signature& signature, const auth::SigningTable& table);

  Counted counted_;
  mutable std::mutex mutex_;
  Signers signers_;  // under mutex_
  std::atomic<std::uint64_t> sessions_{0}, reloads_ok_{0}, reloads_failed_{0};
  std::atomic<bool> is_last_reload_ok_{true};
  const base::UnixTime start_;
  std::atomic<base::UnixTime> last_reload_;
};

}  // namespace milter
