#pragma once
// Received-SPF: one SPF result as a field of its own, for filters that read it. RFC 7208 §9.1. Written only;
// nobody should believe one that came with a message.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace message {

struct ReceivedSpf {
  std::string result;                                       // pass, fail, … (RFC 7208 §2.6)
  std::string comment;                                      // without parentheses; empty: none
  std::vector<std::pair<std::string, std::string>> values;  // client-ip, envelope-from, …; the values may hold any octets
};

/// The value of the field (no name, no leading space, no final line end), folded with `fold`. A value is written bare
/// where it is a dot-atom and else as a quoted-string; controls and octets above 0x7F become '?', and what is longer
/// than 512 octets is cut. The comment is written as that of Authentication-Results.
[[nodiscard]] std::string format_received_spf(const ReceivedSpf& field, std::string_view fold = "\n\t");

}  // namespace message
