#pragma once
// A saved message split into header block and body. RFC 5322 §2.1. For the tool, the tests and the fuzzers;
// the daemon gets its messages in pieces from the MTA.

#include <string>
#include <string_view>

#include "message/header_block.hpp"

namespace message {

struct MessageFile {
  HeaderBlock header;
  std::string body;  // CRLF line ends
};

/// Every LF without a CR before it becomes CRLF first; CRs alone stay. The header ends at the first empty
/// line, or before the first line that is neither a field nor a continuation (that line begins the body).
/// An mbox "From " line at the very top is skipped. By default the header is kept whole, so that whoever is given its
/// fields can apply a limit of its own, as to fields from an MTA.
[[nodiscard]] MessageFile parse_message_file(std::string_view octets, std::size_t max_header_octets = HeaderBlock::most_octets);

}  // namespace message
