// Canonicalization: whatever the chunks, the octets are those of a slow reference, written here from the text of
// RFC 6376 §3.4 and of nothing else; and body hashes are the hashes of them, l= included.
#include <algorithm>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "dkim/body_hashes.hpp"
#include "dkim/canonicalization.hpp"
#include "tests/fuzz/property.hpp"

namespace {

using dkim::Canonicalization;
using fuzz::require;

// ---- the reference ----------------------------------------------------------------------------------------------

/// Lines without their CRLF; the last has none (and is empty if the text ends in one).
std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  for (;;) {
    const std::size_t end = text.find("\r\n");
    lines.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 2);
  }
}

/// "Reduce all sequences of WSP within a line to a single SP character" (§3.4.4), and the same within a field (§3.4.2).
std::string reduce_wsp(std::string_view line) {
  std::string out;
  for (const char c : line)
    if (c != ' ' && c != '\t')
      out += c;
    else if (out.empty() || out.back() != ' ')
      out += ' ';
  return out;
}

std::string without_wsp_at_end(std::string text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.pop_back();
  return text;
}

/// §3.4.3, §3.4.4.
std::string reference_body(std::string_view body, Canonicalization c) {
  std::vector<std::string> lines = lines_of(body);
  if (c == Canonicalization::relaxed)
    for (std::string& line : lines) line = without_wsp_at_end(reduce_wsp(line));
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  if (lines.empty()) return c == Canonicalization::simple ? "\r\n" : "";
  std::string out;
  for (const std::string& line : lines) out += line + "\r\n";
  return out;
}

/// CRLF is removed where WSP follows (§3.4.2); where none does it is no fold.
std::string unfold(std::string_view raw) {
  std::string out;
  for (std::size_t i = 0; i < raw.size(); ++i)
    if (raw.substr(i, 3) == "\r\n " || raw.substr(i, 3) == "\r\n\t")
      ++i;
    else
      out += raw[i];
  return out;
}

/// §3.4.1, §3.4.2.
std::string reference_field(std::string_view raw, Canonicalization c) {
  if (c == Canonicalization::simple) return std::string(raw);
  const std::string unfolded = unfold(raw);
  const std::size_t colon = unfolded.find(':');
  std::string value = reduce_wsp(std::string_view(unfolded).substr(colon + 1));
  value = without_wsp_at_end(value.substr(value.starts_with(' ') ? 1 : 0));
  return base::to_lower(without_wsp_at_end(unfolded.substr(0, colon))) + ":" + value;
}

// ---- ours -------------------------------------------------------------------------------------------------------

/// Chunks of 1 to `longest` octets.
template <class Use>
void in_chunks(std::string_view text, std::size_t longest, std::uint64_t seed, Use use) {
  fuzz::Dice dice(seed);
  while (!text.empty()) {
    const std::size_t size = std::min(text.size(), 1 + dice.below(longest));
    // A chunk of its own, so that a sanitizer sees a look beyond it.
    use(std::string(text.substr(0, size)));
    text.remove_prefix(size);
  }
}

std::string canonical_body(std::string_view body, Canonicalization c, std::size_t longest, std::uint64_t seed) {
  std::string out;
  dkim::BodyCanonicalizer canonicalizer(c, [&](std::string_view octets) { out += octets; });
  in_chunks(body, longest, seed, [&](const std::string& chunk) { canonicalizer.update(chunk); });
  canonicalizer.finish();
  return out;
}

void check_body(std::string_view body, Canonicalization c, std::uint64_t seed) {
  const std::string expected = reference_body(body, c);
  for (const std::size_t longest : {std::size_t{1}, std::size_t{2}, std::size_t{7}, body.size() + 1})
    require(canonical_body(body, c, longest, seed) == expected, "a body in any chunks is what the RFC's text makes of it");
}

void check_hashes(std::string_view body, Canonicalization c, std::uint64_t length, std::uint64_t seed) {
  const std::string expected = reference_body(body, c);
  dkim::BodyHashes hashes;
  const auto whole = hashes.want(c);
  const auto part = hashes.want(c, length);
  const auto again = hashes.want(c);
  require(again == whole, "the same request has the same id");
  in_chunks(body, 5, seed, [&](const std::string& chunk) { hashes.update(chunk); });
  hashes.finish();
  require(hashes.digest(whole) == dkim::sha256(expected), "the body hash is that of the canonical body");
  require(hashes.digest(part) == dkim::sha256(std::string_view(expected).substr(0, length)),
          "with l= the body hash is that of its first octets");
  require(hashes.canonical_octets(part) == expected.size(), "the whole canonical body is counted");
}

/// As a milter is given fields: a name without line ends, a colon, any value.
void check_field(std::string_view name, std::string_view value, Canonicalization c) {
  message::HeaderBlock header(4 * (name.size() + value.size()) + 4);
  header.add(name, value);
  const message::Field field = header[0];
  std::string out = "before";
  dkim::append_canonical_field(out, field, c);
  require(out == "before" + reference_field(field.raw, c) + "\r\n", "a field is what the RFC's text makes of it");
  std::string last;
  dkim::append_canonical_field(last, field, c, true);
  require("before" + last + "\r\n" == out, "the last field has no final CRLF, and is the same otherwise");
}

void check(std::string_view octets) {
  fuzz::Input input(octets);
  const unsigned seed = input.octet();
  const unsigned length = input.octet();
  const std::string_view text = input.rest();
  for (const auto c : {Canonicalization::simple, Canonicalization::relaxed}) {
    check_body(text, c, seed);
    check_hashes(text, c, length, seed);
    check_field("X-Name", text, c);
    check_field(text.substr(0, text.find_first_of(":\r\n")), text.substr(std::min(text.find(':'), text.size())), c);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  if (size > 2) check(fuzz::as_text(octets, size));
  return 0;
}
