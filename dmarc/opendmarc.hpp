#pragma once
// libopendmarc behind its wall (docs/adr). It is given a record that we rendered and, for each mechanism,
// "passed for the From domain itself" or "not passed"; it keeps the policy context and says which policy is
// to be enforced. It never resolves, never reads a suffix list, never sees outside text.

#include <optional>

#include "base/domain.hpp"
#include "base/log.hpp"
#include "dmarc/record.hpp"

namespace dmarc {

struct OpendmarcQuestion {
  base::Domain author;
  base::Domain organizational_domain;
  bool is_inherited = false;     // the record is not the Author Domain's own: sp (or np, rendered as sp) applies
  Policy policy = Policy::none;  // the one of p, sp, np that applies, before t=
  bool spf_aligned_pass = false;
  bool dkim_aligned_pass = false;
};

enum class OpendmarcAnswer { pass, none, quarantine, reject };

/// Nothing: the library failed (no memory, or it refused what we gave it). Any thread.
[[nodiscard]] std::optional<OpendmarcAnswer> ask_opendmarc(const OpendmarcQuestion& question);

/// Our own decision table, which stands: an aligned pass is a pass, else the policy is enforced. RFC 9989 §5.3.
[[nodiscard]] OpendmarcAnswer our_answer(const OpendmarcQuestion& question);

/// Tells `log`, at warning, where theirs is not ours.
void report_disagreement(const OpendmarcQuestion& question, std::optional<OpendmarcAnswer> theirs, base::Log& log);

}  // namespace dmarc
