#pragma once
// What one name's _dmarc name holds. RFC 9989 §4.10 steps 1 and 2; RFC 7489 §6.6.3 steps 1 and 2.

#include <memory>

#include "base/domain.hpp"
#include "dmarc/record.hpp"
#include "dns/view.hpp"

namespace dmarc {

/// The one DMARC record at a name; null where there is none or several.
using FoundRecord = std::shared_ptr<const ParsedRecord>;

struct Step {
  base::Domain name;
  bool is_start = false;
  bool is_answered = false;  // the rest means something only then
  dns::Status status = dns::Status::no_data;
  FoundRecord record{};
  bool has_several = false;  // more than one record that starts with v=DMARC1

  [[nodiscard]] bool is_failed() const { return dns::is_failure(status); }
  /// The record says psd=y or psd=n: a tree walk ends here.
  [[nodiscard]] bool is_end() const { return record && record->record.psd != PublicSuffix::undefined; }
};

/// Asks; a record is parsed once, with the answer that brought it.
[[nodiscard]] Step look(dns::View& view, const base::Domain& name, Standard standard = Standard::rfc9989);

}  // namespace dmarc
