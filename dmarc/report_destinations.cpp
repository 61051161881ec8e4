#include "dmarc/report_destinations.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "dmarc/discovery.hpp"
#include "dmarc/record.hpp"
#include "dmarc/report_uri.hpp"

namespace dmarc {
namespace {

ReportDestinations accept(std::vector<std::string> uris) { return {std::move(uris), {}}; }

ReportDestinations refuse(const std::string& uri, std::string reason) { return {{}, {{uri, false, std::move(reason)}}}; }

ReportDestinations postpone(const std::string& uri, std::string reason) { return {{}, {{uri, true, std::move(reason)}}}; }

/// Step 6: records that parse, v=DMARC1 first. What is no tag is ignored (RFC 9989 §4.8); a repeated tag spoils the record.
std::vector<Record> read_consents(const dns::Answer& answer) {
  std::vector<Record> consents;
  for (const std::string& text : answer.texts) {
    ParsedRecord parsed = parse_record(text);
    if (parsed.status != RecordStatus::not_dmarc && !parsed.has_repeated_tag) consents.push_back(std::move(parsed.record));
  }
  return consents;
}

/// Step 9 and what follows: the destination may name others of its own host instead. Of another host: neither gets it.
ReportDestinations override_by(const std::vector<Record>& consents, const ReportRequest& request, const std::string& uri,
                               const base::Domain& host) {
  std::vector<std::string> instead;
  for (const Record& consent : consents) {
    const auto& uris = request.kind == ReportKind::aggregate ? consent.rua : consent.ruf;
    if (std::any_of(uris.begin(), uris.end(), [&](const std::string& other) { return report_host(other) != host; }))
      return refuse(uri, fmt::format("{} redirects to another host", host.text()));
    if (instead.empty()) instead = uris;
  }
  return accept(instead.empty() ? std::vector{uri} : instead);
}

/// Steps 2 to 9.
std::optional<ReportDestinations> ask_consent(dns::View& view, const ReportRequest& request, const std::string& uri,
                                              const base::Domain& host) {
  const std::string name = fmt::format("{}._report._dmarc.{}", request.policy_domain.text(), host.text());
  if (name.size() > base::Domain::max_octets) return refuse(uri, fmt::format("no name to ask {} by: too long", host.text()));
  const dns::Answer* answer = view.ask({name, dns::Type::txt});
  if (answer == nullptr) return std::nullopt;
  if (dns::is_failure(answer->status)) return postpone(uri, fmt::format("DNS {} for {}", dns::to_text(answer->status), name));
  const std::vector<Record> consents = read_consents(*answer);
  if (consents.empty()) return refuse(uri, fmt::format("{} has not agreed: no record at {}", host.text(), name));
  return override_by(consents, request, uri, host);
}

/// `own`: the Organizational Domain of the policy; null while it is not known.
std::optional<ReportDestinations> decide(dns::View& view, const ReportRequest& request, const OrganizationalDomain* own,
                                         const std::string& uri) {
  const auto host = report_host(uri);
  if (!host) return refuse(uri, "not a mailto, http or https URI with a host name");
  if (*host == request.policy_domain) return accept({uri});
  const auto theirs = find_organizational_domain(view, *host, request.suffix_list.get());
  if (own == nullptr || !theirs) return std::nullopt;
  if (!own->domain || !theirs->domain)
    return postpone(uri, fmt::format("DNS failure: whether {} is outside is not known", host->text()));
  if (*own->domain == *theirs->domain) return accept({uri});
  return ask_consent(view, request, uri, *host);
}

void append(ReportDestinations& to, const ReportDestinations& from) {
  for (const std::string& uri : from.accepted)
    if (std::find(to.accepted.begin(), to.accepted.end(), uri) == to.accepted.end()) to.accepted.push_back(uri);
  to.refused.insert(to.refused.end(), from.refused.begin(), from.refused.end());
}

}  // namespace

std::optional<ReportDestinations> find_report_destinations(dns::View& view, const ReportRequest& request) {
  const auto own = find_organizational_domain(view, request.policy_domain, request.suffix_list.get());
  bool is_known = own.has_value();
  ReportDestinations all;
  for (std::size_t i = 0; i < request.uris.size(); ++i) {
    const std::string& uri = request.uris[i];
    const auto decided = i < max_report_destinations ? decide(view, request, own ? &*own : nullptr, uri)
                                                     : refuse(uri, "one destination too many");
    if (decided) append(all, *decided);
    is_known = is_known && decided.has_value();
  }
  return is_known ? std::optional(std::move(all)) : std::nullopt;
}

}  // namespace dmarc
