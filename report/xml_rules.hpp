#pragma once
// What RFC 9990 Appendix A and RFC 7489 Appendix C allow, as one table, and where a document breaks it.

#include <string>
#include <vector>

#include "report/read_xml.hpp"

namespace pugi {
class xml_node;
}

namespace report {

/// The name without its namespace prefix. Borrows from the document.
[[nodiscard]] std::string_view local_name(const pugi::xml_node& node);

/// Each breach once, in the order of the document, at most XmlLimits::max_findings.
[[nodiscard]] std::vector<std::string> find_breaches(const pugi::xml_node& feedback, Form form);

}  // namespace report
