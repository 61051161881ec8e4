#include "cli/signature_text.hpp"

#include <iterator>
#include <vector>

#include "base/base64.hpp"
#include "base/tag_list.hpp"
#include "cli/terminal_text.hpp"

namespace cli {
namespace {

using nlohmann::json;
using Out = std::back_insert_iterator<std::string>;

constexpr std::size_t max_tag_octets = 400;  // of one tag that is shown; h= is the longest of interest

/// Every octet visible, and told apart from all others.
std::string escape(std::string_view octets) {
  std::string out;
  for (const char c : octets) {
    if (c == '\r')
      out += "\\r";
    else if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else if (c == '\\')
      out += "\\\\";
    else
      out += base::is_visible(c) || c == ' ' ? std::string(1, c) : fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
  return out;
}

/// At most one octet in a line is LF, its last.
std::vector<std::string_view> lines_of(std::string_view octets) {
  std::vector<std::string_view> lines;
  while (!octets.empty()) {
    const std::size_t end = octets.find('\n');
    const std::size_t size = end == std::string_view::npos ? octets.size() : end + 1;
    lines.push_back(octets.substr(0, size));
    octets.remove_prefix(size);
  }
  return lines;
}

/// Without white space in it: a folded value on one line, cut.
std::string value_of(const base::Tag& tag) {
  std::string value;
  for (const char c : tag.value)
    if (!base::is_fws(c)) value += c;
  if (value.size() > max_tag_octets) value = value.substr(0, max_tag_octets) + "...";
  return readable(value);
}

std::string explain_body_hash(const dkim::Evidence& evidence) {
  const std::string found = base::encode_base64(evidence.found_body_hash);
  const std::string expected = base::encode_base64(evidence.body_hash);
  if (found == expected) return fmt::format("body hash: {}, as bh= says", found);
  return fmt::format("body hash: {}, but bh= says {}: the body was changed after it was signed", found, expected);
}

/// What is known of the header hash follows from the result: it is looked at last (RFC 6376 §6.1.3).
std::string explain_header_hash(const dkim::Outcome& outcome) {
  const std::size_t octets = outcome.evidence->header_octets.size();
  const char* said = outcome.result == dkim::Result::pass ? "b= is the key's signature of it"
                     : outcome.reason == "signature did not verify"
                         ? "b= is not the key's signature of it: a signed field was changed, or the key is another"
                         : "not compared, for what was said above decides";
  return fmt::format("header hash: of {} octets, {}", octets, said);
}

}  // namespace

std::string explain_evidence(const dkim::Outcome& outcome, bool shows_canonical, std::size_t indent) {
  const dkim::Evidence& evidence = *outcome.evidence;
  const std::string margin(indent, ' ');
  std::string out;
  const auto add = [&](const std::string& text) { fmt::format_to(Out(out), "{}{}\n", margin, text); };
  if (const auto tags = base::TagList::parse(evidence.field))
    for (const base::Tag& tag : tags->tags()) add(fmt::format("{}={}", tag.name, value_of(tag)));
  if (evidence.header_octets.empty()) return out;
  add(fmt::format("key: {}, {}", readable(evidence.key_name),
                  evidence.key_status == dns::Status::ok ? "found" : dns::to_text(evidence.key_status)));
  add(explain_body_hash(evidence));
  add(explain_header_hash(outcome));
  if (shows_canonical)
    for (const std::string_view line : lines_of(evidence.header_octets)) add("| " + escape(line));
  return out;
}

json describe_evidence(const dkim::Evidence& evidence, bool shows_canonical) {
  json out = {{"tags", json::object()},
              {"key_name", readable(evidence.key_name)},
              {"key_status", dns::to_text(evidence.key_status)},
              {"body_hash", base::encode_base64(evidence.body_hash)},
              {"found_body_hash", base::encode_base64(evidence.found_body_hash)}};
  if (const auto tags = base::TagList::parse(evidence.field))
    for (const base::Tag& tag : tags->tags()) out["tags"][std::string(tag.name)] = value_of(tag);
  if (shows_canonical) out["header_octets"] = escape(evidence.header_octets);
  return out;
}

}  // namespace cli
