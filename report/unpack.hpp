#pragma once
// The XML of aggregate reports out of what they come in: plain, gzip, zip, or a whole mail with one of these attached
// (RFC 9990 §3.5). What it is shows in the octets; names and media types, which reporters get wrong, are not asked.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "report/read_xml.hpp"

namespace report {

struct UnpackLimits {
  static constexpr std::size_t max_octets = XmlLimits::max_octets;  // of the input, and of all that is in it together
  static constexpr std::size_t max_depth = 3;                       // of packings in each other: zip in a mail is 2
};

/// Each document that may be a report, at least one; not parsed. Fails where there is none, naming what was wrong with the
/// first candidate, and beyond a limit (those of gzip.hpp, zip.hpp and mime.hpp as well). Borrows nothing.
[[nodiscard]] base::Result<std::vector<std::string>, base::ParseError> unpack(std::string_view octets);

}  // namespace report
