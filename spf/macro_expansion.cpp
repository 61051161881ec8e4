#include <fmt/format.h>
#include <algorithm>

#include "base/domain.hpp"
#include "base/text.hpp"
#include "spf/macro.hpp"

namespace spf {
namespace {

/// %{i}: an IPv4 address as usual, an IPv6 address as 32 nibbles with dots (RFC 7208 §7.3).
std::string dotted_address(const base::IpAddress& address) {
  if (address.is_v4()) return address.text();
  std::string out;
  for (const std::uint8_t octet : address.octets()) out += fmt::format("{:x}.{:x}.", octet >> 4U, octet & 0xfU);
  out.pop_back();
  return out;
}

/// Names reach macros as A-labels (RFC 8616 §4); what is no domain (a HELO) stays as it is.
std::string as_a_labels(const std::string& name) {
  if (base::is_ascii(name)) return name;
  const auto domain = base::Domain::parse(name);
  return domain ? domain->text() : name;
}

std::string local_part(const Input& input) { return input.local_part.empty() ? "postmaster" : input.local_part; }

/// The values of §7.2.
std::string value_of(char letter, const MacroValues& values) {
  const Input& input = values.input;
  switch (letter) {
    case 's':
      return local_part(input) + "@" + as_a_labels(input.sender_domain);
    case 'l':
      return local_part(input);
    case 'o':
      return as_a_labels(input.sender_domain);
    case 'd':
      return std::string(values.domain);
    case 'i':
      return dotted_address(input.client);
    case 'p':
      return std::string(values.validated_name);
    case 'v':
      return input.client.is_v4() ? "in-addr" : "ip6";
    case 'h':
      return as_a_labels(input.helo);
    case 'c':
      return input.client.text();
    case 'r':
      return input.receiver.empty() ? "unknown" : input.receiver;
    case 't':
      return std::to_string(input.now);
    default:
      return {};  // no other letter is parsed
  }
}

std::vector<std::string_view> split_at_any(std::string_view text, std::string_view delimiters) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find_first_of(delimiters);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// Split, reverse, keep the right-hand parts, join with dots: in that order (§7.3).
std::string transform(const std::string& value, const MacroPart& part) {
  auto pieces = split_at_any(value, part.text);
  if (part.is_reversed) std::reverse(pieces.begin(), pieces.end());
  const std::size_t first = part.keep == 0 || part.keep > pieces.size() ? 0 : pieces.size() - part.keep;
  std::string out(pieces[first]);
  for (std::size_t i = first + 1; i < pieces.size(); ++i) out.append(1, '.').append(pieces[i]);
  return out;
}

/// All but the unreserved characters of RFC 3986 §2.3 as %XX.
std::string url_escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_unreserved = base::is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
    if (is_unreserved)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string expand_part(const MacroPart& part, const MacroValues& values) {
  if (part.letter == '\0') return part.text;
  const std::string text = transform(value_of(part.letter, values), part);
  return part.is_url_escaped ? url_escape(text) : text;
}

/// The end of the expansion, made from the right until it is longer than a name can be.
std::string expand_tail(const MacroString& macros, const MacroValues& values) {
  constexpr std::size_t enough = base::Domain::max_octets + 2;  // a final dot, and one octet to see it is too long
  const auto& parts = macros.parts();
  std::vector<std::string> pieces;
  std::size_t octets = 0;
  for (auto part = parts.rbegin(); part != parts.rend() && octets < enough; ++part) {
    pieces.push_back(expand_part(*part, values));
    octets += pieces.back().size();
  }
  std::string out;
  for (auto piece = pieces.rbegin(); piece != pieces.rend(); ++piece) out += *piece;
  return out;
}

}  // namespace

std::string expand_name(const MacroString& macros, const MacroValues& values) {
  std::string name = expand_tail(macros, values);
  if (name.ends_with('.')) name.pop_back();
  if (name.size() <= base::Domain::max_octets) return name;
  // The first label may start right after a dot that is just beyond the limit.
  const std::size_t dot = name.find('.', name.size() - base::Domain::max_octets - 1);
  return dot == std::string::npos ? std::string() : name.substr(dot + 1);
}

std::string expand_text(const MacroString& macros, const MacroValues& values, std::size_t most) {
  std::string out;
  for (const MacroPart& part : macros.parts()) {
    if (out.size() >= most) break;
    out += expand_part(part, values);
  }
  if (out.size() > most) out.resize(most);
  return out;
}

}  // namespace spf
