#pragma once
// A domain's whole SPF tree, looked through once for its owner: not what one client needs, but every include and redirect, and
// all terms that cause lookups. RFC 7208 §4.6.4, §10.1. What macros make depends on the message: counted, not followed.

#include <optional>
#include <string>
#include <vector>

#include "base/domain.hpp"
#include "dns/view.hpp"
#include "spf/record.hpp"

namespace cli {

struct SpfSurvey {
  static constexpr std::size_t max_records = 40;  // looked at; a tree within the limits has 11
  static constexpr std::size_t max_remarks = 40;  // of each kind that are kept

  dns::Status status = dns::Status::no_data;  // of the domain's own TXT question
  std::vector<std::string> own;               // its SPF records as published; one is as it should be
  std::optional<spf::Result> all;             // what its `all` says
  bool has_redirect = false;
  std::vector<std::string> includes;      // "include:x (3 lookups)", those of its own record
  unsigned terms = 0;                     // of the whole tree, that cause lookups
  std::vector<std::string> void_lookups;  // "a:gone.example in the record of x: no such name"
  std::vector<std::string> faults;        // "include:x in the record of y: no SPF record"
  std::vector<std::string> pointers;      // domains whose record has ptr
  bool is_cut = false;                    // there is more than max_records
};

/// Evaluator for a dns::Inquiry.
[[nodiscard]] std::optional<SpfSurvey> survey_spf(dns::View& view, const base::Domain& domain);

}  // namespace cli
