#pragma once
// What a domain publishes for SPF, DKIM and DMARC, what is wrong with it, and what to publish. RFC 7208, 6376, 9989, 9990.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/domain.hpp"
#include "cli/findings.hpp"
#include "cli/key_findings.hpp"
#include "cli/spf_survey.hpp"
#include "dmarc/discovery.hpp"
#include "dmarc/report_destinations.hpp"
#include "dns/view.hpp"

namespace cli {

/// One of the three, or mail itself.
struct Advice {
  std::string subject;               // "SPF"
  std::vector<std::string> records;  // what there is: lines of a zone file
  std::vector<std::string> facts;    // what there is to know of it
  std::vector<Finding> findings;
};

struct MailFacts {
  dns::Status status = dns::Status::no_data;  // of the MX question
  std::vector<dns::Mx> exchanges;
  std::string alias;  // what the domain itself is an alias of
  bool has_addresses = false;

  /// No mail is taken (RFC 7505), or nobody is there to take it.
  [[nodiscard]] bool is_mailless() const;
};

/// Evaluators for a dns::Inquiry.
[[nodiscard]] std::optional<MailFacts> find_mail(dns::View& view, const base::Domain& domain);

struct DmarcFacts {
  dns::Status status = dns::Status::no_data;  // of the question at _dmarc.<domain>
  std::string alias;
  std::vector<std::string> own;  // its DMARC records as published
  dmarc::Discovery discovery;
  dmarc::ReportDestinations destinations;  // of rua
};
[[nodiscard]] std::optional<DmarcFacts> find_dmarc_facts(dns::View& view, const base::Domain& domain,
                                                         const std::shared_ptr<const dmarc::PublicSuffixList>& list);

/// Does a wildcard answer for every name below `name`? Which text it gives.
[[nodiscard]] std::optional<std::vector<std::string>> find_wildcard(dns::View& view, const std::string& name);

[[nodiscard]] Advice advise_mail(const base::Domain& domain, const MailFacts& mail, const std::vector<std::string>& wildcard);
[[nodiscard]] Advice advise_spf(const base::Domain& domain, const SpfSurvey& survey, const MailFacts& mail);
[[nodiscard]] Advice advise_dmarc(const base::Domain& domain, const DmarcFacts& facts, const MailFacts& mail);

/// A selector and what is published there; `own`: the p= of the configured key, empty if it is not one of ours.
struct SelectorFacts {
  std::string selector, own;
  KeyFindings found;
};
/// `is_guessed`: the selectors were neither given nor configured.
[[nodiscard]] Advice advise_dkim(const base::Domain& domain, const std::vector<SelectorFacts>& selectors, bool is_guessed,
                                 const MailFacts& mail, const std::vector<std::string>& wildcard);

}  // namespace cli
