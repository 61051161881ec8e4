// SPF macros: expansion is what a slow reading of RFC 7208 §7.3 gives, a name is never too long, and text without
// macros stands for itself.
#include <algorithm>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "spf/macro.hpp"
#include "tests/fuzz/property.hpp"

namespace {

using fuzz::require;
using spf::MacroString;
using spf::MacroUse;

struct Values {
  explicit Values(fuzz::Input& choices) {
    input.client = base::IpAddress::parse(choices.flag() ? "2001:db8::cb01" : "192.0.2.3").value();
    input.local_part = choices.until('@');
    input.sender_domain = "email.example.com";
    input.domain = "example.com";
    input.helo = choices.line();
    input.receiver = "mx.receiver.example";
    input.now = 1790000000;
  }

  [[nodiscard]] spf::MacroValues view() const { return {input, input.domain, "mx.example.org"}; }

  spf::Input input;
};

// ---- §7.3, slowly -----------------------------------------------------------------------------------------------

std::string value_of(char letter, const Values& values) {
  const spf::Input& in = values.input;
  const std::string local_part = in.local_part.empty() ? "postmaster" : in.local_part;
  const bool is_v4 = in.client.is_v4();
  switch (letter) {
    case 's':
      return local_part + "@" + in.sender_domain;
    case 'l':
      return local_part;
    case 'o':
      return in.sender_domain;
    case 'd':
      return in.domain;
    case 'i':
      return is_v4 ? "192.0.2.3" : "2.0.0.1.0.d.b.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.c.b.0.1";
    case 'p':
      return "mx.example.org";
    case 'v':
      return is_v4 ? "in-addr" : "ip6";
    case 'h':
      return in.helo;
    case 'c':
      return is_v4 ? "192.0.2.3" : "2001:db8::cb01";
    case 'r':
      return in.receiver;
    default:
      return "1790000000";
  }
}

std::string escape(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (base::is_alnum(c) || std::string_view("-._~").find(c) != std::string_view::npos)
      out += c;
    else
      out.append({'%', digits[octet / 16U], digits[octet % 16U]});
  }
  return out;
}

/// The inside of "%{…}": a letter, digits, perhaps r, delimiters.
std::string expand_macro(std::string_view macro, const Values& values) {
  const char letter = macro.front();
  macro.remove_prefix(1);
  std::size_t keep = 0;
  for (; !macro.empty() && base::is_digit(macro.front()); macro.remove_prefix(1))
    keep = std::min<std::size_t>(keep * 10 + static_cast<std::size_t>(macro.front() - '0'), 100000);
  const bool is_reversed = !macro.empty() && base::to_lower(macro.front()) == 'r';
  if (is_reversed) macro.remove_prefix(1);
  const std::string_view delimiters = macro.empty() ? "." : macro;
  std::vector<std::string> parts(1);
  for (const char c : value_of(base::to_lower(letter), values))
    if (delimiters.find(c) != std::string_view::npos)
      parts.emplace_back();
    else
      parts.back() += c;
  if (is_reversed) std::reverse(parts.begin(), parts.end());
  while (keep != 0 && parts.size() > keep) parts.erase(parts.begin());
  std::string out;
  for (const std::string& part : parts) out += (&part == &parts.front() ? "" : ".") + part;
  return base::is_upper(letter) ? escape(out) : out;
}

std::string expand(std::string_view text, const Values& values) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const char next = text[++i];
    if (next == '{') {
      const std::size_t end = text.find('}', i);
      out += expand_macro(text.substr(i + 1, end - i - 1), values);
      i = end;
    } else {
      out += next == '%' ? "%" : next == '_' ? " " : "%20";
    }
  }
  return out;
}

/// "If this name exceeds 253 characters, the left side is truncated", whole labels at a time.
std::string as_name(std::string name) {
  if (name.ends_with('.')) name.pop_back();
  while (name.size() > 253) name.erase(0, name.find('.') == std::string::npos ? name.size() : name.find('.') + 1);
  return name;
}

// ---- ours -------------------------------------------------------------------------------------------------------

void check_expansion(const MacroString& macros, std::string_view text, const Values& values) {
  const std::string expected = expand(text, values);
  require(spf::expand_text(macros, values.view(), expected.size()) == expected, "a text is what RFC 7208 §7.3 says");
  require(spf::expand_text(macros, values.view(), 40) == expected.substr(0, 40), "a text is cut where it was said");
  require(spf::expand_name(macros, values.view()) == as_name(expected), "a name is what RFC 7208 §7.3 says, bounded");
}

void check_use(std::string_view text, MacroUse use, const Values& values) {
  const auto macros = MacroString::parse(text, use);
  if (!macros) {
    require(macros.error().offset <= text.size() && !macros.error().text.empty(), "an error points into the text");
    return;
  }
  require(use == MacroUse::explanation || text.find(' ') == std::string_view::npos, "only explanations have spaces");
  require(use != MacroUse::domain_spec || !(macros->uses('c') || macros->uses('r') || macros->uses('t')),
          "c, r and t are for explanations");
  require(macros->parts().size() <= 2 * MacroString::max_macros + 1, "the number of macros is bounded");
  check_expansion(*macros, text, values);
}

void check_literal(std::string_view text, const Values& values) {
  std::string escaped;
  std::string meant;
  for (const char c : text) {
    if (!base::is_visible(c) && c != ' ') continue;
    meant += c;
    escaped += c == ' ' ? "%_" : c == '%' ? "%%" : std::string(1, c);
  }
  const auto macros = MacroString::parse(escaped, MacroUse::modifier);
  if (!macros) return require(std::count(escaped.begin(), escaped.end(), '%') > 64, "a text without macros is no error");
  require(!macros->has_macros() && spf::expand_text(*macros, values.view(), meant.size()) == meant,
          "a text without macros stands for itself");
}

/// A flag, the local part up to "@", the HELO name, and in the next line the macro string.
void check(std::string_view octets) {
  fuzz::Input input(octets);
  const Values values(input);
  const std::string_view text = input.rest();
  if (base::is_ascii(values.input.helo))
    for (const auto use : {MacroUse::domain_spec, MacroUse::modifier, MacroUse::explanation}) check_use(text, use, values);
  if (const auto spec = spf::parse_domain_spec(text))
    require(MacroString::parse(text, MacroUse::domain_spec).has_value(), "a domain-spec is a macro string");
  check_literal(text, values);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  check(fuzz::as_text(octets, size));
  return 0;
}
