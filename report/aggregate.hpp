#pragma once
// A DMARC aggregate report: what one reporter saw of one policy domain's mail in one period.
// RFC 9990 §3.1; RFC 7489 §7.2 and Appendix C. One model for both: what only one of them has is empty in the other.
// Plain data in the RFC's words, lower case; it is what is said, not that it is true or makes sense.
// Neither XML nor a mail: read_xml.hpp and unpack.hpp.

#include <cstdint>
#include <string>
#include <vector>

namespace report {

struct DateRange {
  std::int64_t begin = 0, end = 0;  // seconds since 1970, UTC; both included

  friend bool operator==(const DateRange&, const DateRange&) = default;
};

struct ReportMetadata {
  std::string org_name, email, extra_contact_info, report_id;
  DateRange date_range;
  std::vector<std::string> errors;  // RFC 9990 has one at most
  std::string generator;            // RFC 9990 only

  friend bool operator==(const ReportMetadata&, const ReportMetadata&) = default;
};

/// Empty: not stated.
struct PolicyPublished {
  std::string domain;            // where the record was found
  std::string p, sp, np;         // none, quarantine, reject
  std::string adkim, aspf;       // r, s
  std::string fo;                // as published
  std::string testing;           // y, n: t= of the record; RFC 9990 only
  std::string discovery_method;  // psl, treewalk; RFC 9990 only
  std::string pct;               // a number; RFC 7489 only

  friend bool operator==(const PolicyPublished&, const PolicyPublished&) = default;
};

/// Why the disposition is not what the policy asks for.
struct PolicyOverrideReason {
  /// local_policy, mailing_list, other, trusted_forwarder; policy_test_mode (RFC 9990); forwarded, sampled_out (RFC 7489)
  std::string type;
  std::string comment;

  friend bool operator==(const PolicyOverrideReason&, const PolicyOverrideReason&) = default;
};

/// The DMARC-aligned results, and what was done.
struct PolicyEvaluated {
  std::string disposition;  // none, quarantine, reject; pass (RFC 9990)
  std::string dkim, spf;    // pass, fail
  std::vector<PolicyOverrideReason> reasons;

  friend bool operator==(const PolicyEvaluated&, const PolicyEvaluated&) = default;
};

struct Identifiers {
  std::string header_from;
  std::vector<std::string> envelope_from;  // of the RFC one at most; reporters send several. An empty one: the null sender
  std::string envelope_to;

  friend bool operator==(const Identifiers&, const Identifiers&) = default;
};

/// One signature.
struct DkimAuthResult {
  std::string domain, selector;
  std::string result;  // none, pass, fail, policy, neutral, temperror, permerror
  std::string human_result;

  friend bool operator==(const DkimAuthResult&, const DkimAuthResult&) = default;
};

struct SpfAuthResult {
  std::string domain;
  std::string scope;   // mfrom; helo (RFC 7489)
  std::string result;  // none, pass, fail, softfail, policy, neutral, temperror, permerror
  std::string human_result;

  friend bool operator==(const SpfAuthResult&, const SpfAuthResult&) = default;
};

/// Messages that are alike in all of this.
struct Record {
  std::string source_ip;
  std::uint64_t count = 0;
  PolicyEvaluated policy_evaluated;
  Identifiers identifiers;
  std::vector<DkimAuthResult> dkim;
  std::vector<SpfAuthResult> spf;  // RFC 9990: one at most

  friend bool operator==(const Record&, const Record&) = default;
};

struct Aggregate {
  std::string version;  // "1.0"
  ReportMetadata metadata;
  PolicyPublished policy;
  std::vector<Record> records;

  friend bool operator==(const Aggregate&, const Aggregate&) = default;
};

}  // namespace report
