#include "report/read_xml.hpp"

#include <algorithm>
#include <charconv>
#include <pugixml.hpp>

#include "base/text.hpp"
#include "message/harmless_text.hpp"
#include "report/xml_rules.hpp"

namespace report {
namespace {

using base::parse_error;
using pugi::xml_node;

constexpr std::string_view rfc9990_namespace = "urn:ietf:params:xml:ns:dmarc-2.0";
constexpr unsigned parse_flags = pugi::parse_default | pugi::parse_doctype | pugi::parse_embed_pcdata;

// --- text

xml_node child(const xml_node& parent, std::string_view name) {
  for (const xml_node& node : parent.children())
    if (local_name(node) == name) return node;
  return {};
}

std::string text_of(const xml_node& node) {
  const std::string_view text = message::cut(base::trim(node.child_value()), XmlLimits::max_text_octets);
  return base::is_utf8(text) ? std::string(text) : base::printable(text, XmlLimits::max_text_octets);
}

std::string text(const xml_node& parent, std::string_view name) { return text_of(child(parent, name)); }
/// One of a list of the RFC.
std::string word(const xml_node& parent, std::string_view name) { return base::to_lower(text(parent, name)); }

/// 0 where there is no number: the finding says so.
template <class Number>
Number number(const xml_node& parent, std::string_view name) {
  const std::string digits = text(parent, name);
  Number value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc() ? value : Number{0};
}

template <class Visit>
void each(const xml_node& parent, std::string_view name, std::size_t most, const Visit& visit) {
  for (const xml_node& node : parent.children()) {
    if (local_name(node) != name) continue;
    if (most-- == 0) return;
    visit(node);
  }
}

// --- the parts

ReportMetadata read_metadata(const xml_node& node) {
  ReportMetadata out;
  out.org_name = text(node, "org_name");
  out.email = text(node, "email");
  out.extra_contact_info = text(node, "extra_contact_info");
  out.report_id = text(node, "report_id");
  const xml_node range = child(node, "date_range");
  out.date_range = {number<std::int64_t>(range, "begin"), number<std::int64_t>(range, "end")};
  each(node, "error", XmlLimits::max_parts, [&](const xml_node& error) { out.errors.push_back(text_of(error)); });
  out.generator = text(node, "generator");
  return out;
}

PolicyPublished read_policy(const xml_node& node) {
  PolicyPublished out;
  out.domain = word(node, "domain");
  out.p = word(node, "p");
  out.sp = word(node, "sp");
  out.np = word(node, "np");
  out.adkim = word(node, "adkim");
  out.aspf = word(node, "aspf");
  out.fo = text(node, "fo");
  out.testing = word(node, "testing");
  out.discovery_method = word(node, "discovery_method");
  out.pct = text(node, "pct");
  return out;
}

PolicyEvaluated read_evaluated(const xml_node& node) {
  PolicyEvaluated out{word(node, "disposition"), word(node, "dkim"), word(node, "spf"), {}};
  each(node, "reason", XmlLimits::max_parts, [&](const xml_node& reason) {
    out.reasons.push_back({word(reason, "type"), text(reason, "comment")});
  });
  return out;
}

Identifiers read_identifiers(const xml_node& node) {
  Identifiers out;
  out.header_from = word(node, "header_from");
  out.envelope_to = word(node, "envelope_to");
  each(node, "envelope_from", XmlLimits::max_parts,
       [&](const xml_node& from) { out.envelope_from.push_back(base::to_lower(text_of(from))); });
  return out;
}

/// Early drafts, and reporters to this day, say "hardfail".
std::string result_of(const xml_node& node) {
  std::string result = word(node, "result");
  return result == "hardfail" ? "fail" : result;
}

Record read_record(const xml_node& node) {
  Record out;
  const xml_node row = child(node, "row");
  // Drafts before RFC 7489 said "identities".
  const xml_node named = child(node, "identifiers"), identifiers = named ? named : child(node, "identities");
  const xml_node results = child(node, "auth_results");
  out.source_ip = text(row, "source_ip");
  out.count = number<std::uint64_t>(row, "count");
  out.policy_evaluated = read_evaluated(child(row, "policy_evaluated"));
  out.identifiers = read_identifiers(identifiers);
  each(results, "dkim", XmlLimits::max_parts, [&](const xml_node& dkim) {
    out.dkim.push_back({word(dkim, "domain"), text(dkim, "selector"), result_of(dkim), text(dkim, "human_result")});
  });
  each(results, "spf", XmlLimits::max_parts, [&](const xml_node& spf) {
    out.spf.push_back({word(spf, "domain"), word(spf, "scope"), result_of(spf), text(spf, "human_result")});
  });
  return out;
}

// --- the whole

/// Of the root: that of its own prefix.
Form form_of(const xml_node& feedback) {
  const std::string_view name = feedback.name();
  const std::size_t colon = name.find(':');
  const std::string attribute = colon == std::string_view::npos ? "xmlns" : "xmlns:" + std::string(name.substr(0, colon));
  return base::trim(feedback.attribute(attribute.c_str()).value()) == rfc9990_namespace ? Form::rfc9990 : Form::rfc7489;
}

struct Shape final : pugi::xml_tree_walker {
  bool for_each(xml_node& node) override {
    records += local_name(node) == "record" ? 1U : 0U;
    return static_cast<std::size_t>(depth()) < XmlLimits::max_depth && records <= XmlLimits::max_records;
  }
  std::size_t records = 0;
};

/// What the tree may cost is known before there is one.
base::Result<void, base::ParseError> check_size(std::string_view octets) {
  if (octets.size() > XmlLimits::max_octets) return parse_error(XmlLimits::max_octets, "more XML than is read");
  const auto is_markup = [](char c) { return c == '<' || c == '='; };
  if (std::count_if(octets.begin(), octets.end(), is_markup) > static_cast<std::ptrdiff_t>(XmlLimits::max_markup))
    return parse_error(0, "too many elements and attributes");
  return {};
}

base::Result<xml_node, base::ParseError> find_feedback(pugi::xml_document& document) {
  for (const xml_node& node : document.children())
    if (node.type() == pugi::node_doctype) return parse_error(0, "a DOCTYPE, which no report has");
  const xml_node root = document.document_element();
  if (local_name(root) != "feedback") return parse_error(0, "XML, but no <feedback>");
  Shape shape;
  if (document.traverse(shape)) return root;
  return parse_error(0, shape.records > XmlLimits::max_records ? "too many records" : "elements too deep in each other");
}

}  // namespace

std::string_view to_text(Form form) { return form == Form::rfc9990 ? "RFC 9990" : "RFC 7489"; }

base::Result<Reading, base::ParseError> read_xml(std::string_view octets) {
  if (const auto fits = check_size(octets); !fits) return tl::unexpected(fits.error());
  pugi::xml_document document;
  const pugi::xml_parse_result parsed = document.load_buffer(octets.data(), octets.size(), parse_flags);
  if (!parsed) return parse_error(static_cast<std::size_t>(std::max<std::ptrdiff_t>(parsed.offset, 0)), "no well-formed XML");
  const auto root = find_feedback(document);
  if (!root) return tl::unexpected(root.error());
  Reading out;
  out.form = form_of(*root);
  out.report.version = text(*root, "version");
  out.report.metadata = read_metadata(child(*root, "report_metadata"));
  out.report.policy = read_policy(child(*root, "policy_published"));
  each(*root, "record", XmlLimits::max_records,
       [&](const xml_node& record) { out.report.records.push_back(read_record(record)); });
  out.findings = find_breaches(*root, out.form);
  return out;
}

}  // namespace report
