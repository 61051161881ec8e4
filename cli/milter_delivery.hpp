#pragma once
// The message that would be delivered: what was sent to the filter with the changes it asked for, as Postfix
// makes them. Postfix counts its own Received field, which the filter never saw, when it inserts; there is no
// such field here, so index 0 and 1 stand above and below the topmost field of the file.

#include <string>
#include <string_view>
#include <vector>

#include "cli/milter_outcome.hpp"
#include "message/message_file.hpp"

namespace cli {

struct MilterEnvelope {
  std::string sender;                   // without angle brackets; empty: the null reverse-path
  std::vector<std::string> recipients;  // the same
};

struct Delivery {
  MilterEnvelope envelope;
  std::string message;  // CRLF line ends
};

/// leading_space: values carry their own space after the colon (negotiated); else one is put there.
/// Insert at or beyond the end, and change of a field that is not there, append; delete of one does nothing.
[[nodiscard]] Delivery apply_changes(const MilterEnvelope& envelope, const message::MessageFile& message,
                                     const std::vector<MilterChange>& changes, bool leading_space);

/// "<a@b>" and "a@b" are the same address.
[[nodiscard]] std::string without_angle_brackets(std::string_view address);

/// Every CRLF becomes LF: how an MTA hands folds to a filter.
[[nodiscard]] std::string with_lf(std::string_view text);

}  // namespace cli
