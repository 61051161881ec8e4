#pragma once
// What is published under one DKIM selector, tag by tag, and what a verifier makes of it. RFC 6376 §3.6, RFC 8301, RFC 8463.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/domain.hpp"
#include "cli/findings.hpp"
#include "dkim/verifier.hpp"
#include "dns/view.hpp"

namespace cli {

/// One TXT record at the selector's name.
struct KeyRecordFindings {
  struct Tag {
    std::string text, meaning;  // "t=s", "only signatures whose i= …"
  };
  std::string text;
  std::vector<Tag> tags;                // of a record that is one
  std::optional<std::size_t> fault_at;  // the octet from which on it is none
  std::string key;                      // "RSA, 2048 bits"; empty: it holds none
  std::string fault;                    // why no signature can pass by it; empty: one can
  std::vector<Finding> findings;
};

struct KeyFindings {
  std::string name;   // <selector>._domainkey.<domain>
  std::string alias;  // what the name is an alias of; empty: of nothing
  dns::Status status = dns::Status::no_data;
  std::vector<KeyRecordFindings> records;  // at most max_records
  std::vector<Finding> findings;           // of the name as a whole

  static constexpr std::size_t max_records = 8;
  [[nodiscard]] bool is_usable() const;
};

/// `domain`, `selector`: of a signature that is to be verified by the record.
[[nodiscard]] KeyRecordFindings read_key(const std::string& text, const base::Domain& domain, const std::string& name,
                                         const dkim::VerifyPolicy& policy);

/// Evaluator for a dns::Inquiry.
[[nodiscard]] std::optional<KeyFindings> find_key(dns::View& view, const base::Domain& domain, const std::string& selector,
                                                  const dkim::VerifyPolicy& policy);

/// Each line after `indent` spaces.
[[nodiscard]] std::string explain_key(const KeyFindings& found, std::size_t indent, const Paint& paint);
/// name, alias, status, usable, records[] {record, tags[] {tag, meaning}, key, fault, fault_at, findings[]}, findings[]
[[nodiscard]] nlohmann::json to_json(const KeyFindings& found);

/// What target a name is an alias of; empty: of none. Nothing: not known yet.
[[nodiscard]] std::optional<std::string> find_alias(dns::View& view, const std::string& name);

}  // namespace cli
