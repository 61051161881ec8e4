#pragma once
// Why messages of one record did not pass by DKIM or by SPF, and what whoever owns the domain can do. Pure.
// Alignment is the reporter's word (policy_evaluated); which domains belong together is judged by the published policy's
// domain, since a report names no Organizational Domain. RFC 9989 §4.4, RFC 9990 §3.1.1.10.

#include <string>
#include <vector>

#include "report/aggregate.hpp"
#include "report/summary.hpp"

namespace report {

/// Whether `domain` is the policy's, below it or above it, so that it can be aligned.
[[nodiscard]] bool is_related(const std::string& domain, const std::string& policy_domain);

/// The first domain of another organization that authenticated itself; empty: none.
[[nodiscard]] std::string find_other_organization(const Record& record, const PolicyPublished& policy);

/// Whether a domain of the policy's own authenticated itself.
[[nodiscard]] bool is_own(const Record& record, const PolicyPublished& policy);

/// One reason for each mechanism that gave no aligned pass; messages is the record's count.
[[nodiscard]] std::vector<Reason> find_reasons(const Record& record, const PolicyPublished& policy);

}  // namespace report
