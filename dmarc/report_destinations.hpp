#pragma once
// Where reports of a policy may be sent: destinations outside the policy's Organizational Domain are asked for their
// consent. RFC 9990 §4 (aggregate reports), which RFC 9991 has for failure reports, too; RFC 7489 §7.1.
// A pure function as discover() is. To be asked again for every report; sends nothing.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/domain.hpp"
#include "dmarc/public_suffix_list.hpp"
#include "dns/view.hpp"

namespace dmarc {

enum class ReportKind { aggregate, failure };  // which of rua and ruf

struct ReportRequest {
  base::Domain policy_domain;     // where the policy record is
  std::vector<std::string> uris;  // its rua or ruf, as in Record
  ReportKind kind = ReportKind::aggregate;
  std::shared_ptr<const PublicSuffixList> suffix_list{};  // as in DiscoveryInput
};

struct RefusedDestination {
  std::string uri;
  bool is_temporary = false;  // a DNS failure: worth asking again later
  std::string reason;         // ASCII
};

struct ReportDestinations {
  std::vector<std::string> accepted;  // each once, in the order of the record; replaced where the destination says so
  std::vector<RefusedDestination> refused;
};

/// URIs of one record that are looked at; those beyond are refused.
inline constexpr std::size_t max_report_destinations = 10;

/// Accepts URIs of the schemes mailto, http and https. Nothing: questions are open.
[[nodiscard]] std::optional<ReportDestinations> find_report_destinations(dns::View& view, const ReportRequest& request);

}  // namespace dmarc
