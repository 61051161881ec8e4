#pragma once
// The XML of an aggregate report to the model. RFC 9990 §3.1, Appendix A; RFC 7489 Appendix C. Hostile input.
// Takes what reporters really send: any namespace or none, any order, missing parts, upper case. What is not as the RFC has
// it is listed, so "could be read" and "is valid" are two things.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "report/aggregate.hpp"

namespace report {

/// By the namespace: urn:ietf:params:xml:ns:dmarc-2.0 is RFC 9990, any other and none RFC 7489.
enum class Form { rfc7489, rfc9990 };

[[nodiscard]] std::string_view to_text(Form form);

struct XmlLimits {
  static constexpr std::size_t max_octets = std::size_t{32} << 20U;
  static constexpr std::size_t max_markup = 2'000'000;  // of "<" and "=": what elements and attributes begin with
  static constexpr std::size_t max_depth = 16;          // elements within elements; the standard has 5
  static constexpr std::size_t max_records = 50'000;
  static constexpr std::size_t max_parts = 100;          // of one kind in a record: signatures, reasons. RFC 9990 §3.1.1.9
  static constexpr std::size_t max_text_octets = 1'024;  // of an element; what is beyond is cut
  static constexpr std::size_t max_findings = 20;
};

struct Reading {
  Aggregate report;
  Form form = Form::rfc7489;
  std::vector<std::string> findings;  // where it is not what the form's RFC says; empty: valid. May hold outside text
};

/// Text is made UTF-8, trimmed, and printable where it was none; values of the RFC's lists are made lower case.
/// Fails, with where and why, on what is no well-formed XML, no <feedback>, has a DOCTYPE (RFC 9990 has none, and only an
/// attack would) or exceeds a limit. Borrows nothing. Never throws but for memory.
[[nodiscard]] base::Result<Reading, base::ParseError> read_xml(std::string_view octets);

}  // namespace report
