#pragma once
// Many aggregate reports summed up for a person: who sends in the name of a domain, what of it fails DMARC, and why.
// Pure. The reports' words are taken as they are; a source has the name of the organization whose domain authenticated
// itself there, and what authenticated nothing is known by its network.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/ip_address.hpp"
#include "report/aggregate.hpp"

namespace report {

struct SummaryLimits {
  static constexpr std::size_t max_sources = 20'000;  // the messages of more are counted in Summary::unlisted
  static constexpr std::size_t max_reasons = 20;      // of one source; more have one together
  static constexpr std::size_t max_networks = 1'000;  // of one source; more are not named
  static constexpr std::size_t max_words = 16;        // kinds of dispositions and overrides; more are "other"
  static constexpr std::size_t max_reporters = 10'000;
  static constexpr unsigned v4_prefix = 24, v6_prefix = 64;  // what counts as one network
};

/// Something that happened to some messages of a source. Text may hold what the report says.
struct Reason {
  std::uint64_t messages = 0;
  bool is_failure = false;  // DMARC failed; else the other mechanism passed
  std::string what;         // "SPF passed for bounce.example.net, which is not aligned with example.org"
  std::string advice;       // what to do about it

  friend bool operator==(const Reason&, const Reason&) = default;
};

enum class SourceKind { own, other_organization, unknown };  // only the domain itself, another, or nobody authenticated

/// Counts are messages.
struct Source {
  SourceKind kind = SourceKind::unknown;
  std::string name;    // a domain; a network where the kind is unknown
  std::string domain;  // of header_from
  std::set<std::string> networks;
  std::uint64_t messages = 0;
  std::uint64_t dkim = 0, spf = 0;                      // aligned passes
  std::uint64_t both = 0, neither = 0;                  // neither: DMARC failed
  std::map<std::string, std::uint64_t> dispositions{};  // "reject" -> 4
  std::map<std::string, std::uint64_t> overrides{};     // "mailing_list" -> 2
  std::vector<Reason> reasons{};                        // failures first, then by messages
};

struct Reporter {
  std::string org_name, email;
  std::uint64_t reports = 0, messages = 0;
};

struct Summary {
  std::uint64_t reports = 0, duplicates = 0;  // duplicates: the same reporter and Report-ID again, not counted
  std::int64_t begin = 0, end = 0;            // seconds since 1970; of all reports
  std::vector<Reporter> reporters;            // by messages
  std::set<std::string> policies;             // "example.org: p=reject sp=none"
  std::uint64_t messages = 0, failed = 0;
  std::uint64_t unlisted = 0;
  std::vector<Source> sources;  // by messages
};

/// Numbers that together exceed what 64 bits hold stay at the largest.
class Tally {
 public:
  void add(const Aggregate& report);
  [[nodiscard]] Summary take();

 private:
  bool is_known(const ReportMetadata& metadata);
  void add_reporter(const Aggregate& report, std::uint64_t messages);
  void add_record(const Record& record, const PolicyPublished& policy);

  Summary sum_;
  std::set<std::string> seen_;
  std::map<std::string, Reporter> reporters_;
  std::map<std::string, Source> sources_;
};

/// The network a source address counts to; nothing if it is none.
[[nodiscard]] std::string network_of(const std::string& source_ip);

}  // namespace report
