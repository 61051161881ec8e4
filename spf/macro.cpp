#include "spf/macro.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"

namespace spf {
namespace {

constexpr std::string_view delimiter_characters = ".-+,/_=";  // RFC 7208 §7.1
constexpr unsigned keep_at_most = 9999;                       // more parts than any value has

struct Reader {
  std::string_view text;
  MacroUse use;
  std::size_t at = 0;

  [[nodiscard]] bool is_done() const { return at == text.size(); }
  [[nodiscard]] char peek() const { return is_done() ? '\0' : text[at]; }
};

bool is_literal(char c, MacroUse use) {
  if (c == ' ') return use == MacroUse::explanation;
  return base::is_visible(c) && c != '%';
}

bool is_letter(char c, MacroUse use) {
  constexpr std::string_view anywhere = "slodiphv", only_in_text = "crt";
  if (c == '\0') return false;
  return anywhere.find(c) != std::string_view::npos ||
         (use != MacroUse::domain_spec && only_in_text.find(c) != std::string_view::npos);
}

/// DIGITs; nothing when they say 0, which is not allowed (§7.1).
std::optional<unsigned> read_keep(Reader& reader) {
  if (!base::is_digit(reader.peek())) return 0U;
  unsigned keep = 0;
  for (; base::is_digit(reader.peek()); ++reader.at)
    keep = std::min(keep_at_most, keep * 10 + static_cast<unsigned>(reader.peek() - '0'));
  if (keep == 0) return std::nullopt;
  return keep;
}

/// After "%{".
base::Result<MacroPart, base::ParseError> read_macro(Reader& reader) {
  MacroPart part;
  part.letter = base::to_lower(reader.peek());
  if (!is_letter(part.letter, reader.use)) return base::parse_error(reader.at, "unknown macro letter");
  part.is_url_escaped = base::is_upper(reader.peek());
  ++reader.at;
  const auto keep = read_keep(reader);
  if (!keep) return base::parse_error(reader.at, "macro keeps no parts");
  part.keep = *keep;
  if (base::to_lower(reader.peek()) == 'r') {
    part.is_reversed = true;
    ++reader.at;
  }
  const std::size_t end = std::min(reader.text.find_first_not_of(delimiter_characters, reader.at), reader.text.size());
  part.text = end == reader.at ? "." : reader.text.substr(reader.at, end - reader.at);
  reader.at = end;
  if (reader.peek() != '}') return base::parse_error(reader.at, "macro without closing brace");
  ++reader.at;
  return part;
}

std::optional<std::string_view> literal_of(char after_percent) {
  switch (after_percent) {
    case '%':
      return "%";
    case '_':
      return " ";
    case '-':
      return "%20";
    default:
      return std::nullopt;
  }
}

void append_literal(std::vector<MacroPart>& parts, std::string_view text) {
  if (parts.empty() || parts.back().letter != '\0') parts.emplace_back();
  parts.back().text += text;
}

/// One "%…".
std::optional<base::ParseError> read_expand(Reader& reader, std::vector<MacroPart>& parts) {
  ++reader.at;
  if (const auto literal = literal_of(reader.peek())) {
    ++reader.at;
    append_literal(parts, *literal);
    return std::nullopt;
  }
  if (reader.peek() != '{') return base::ParseError{reader.at, "percent sign that starts no macro"};
  ++reader.at;
  auto part = read_macro(reader);
  if (!part) return part.error();
  parts.push_back(std::move(*part));
  return std::nullopt;
}

/// toplabel of §7.1: letters, digits and inner hyphens, and not digits alone.
bool is_top_label(std::string_view label) {
  if (label.empty() || label.front() == '-' || label.back() == '-') return false;
  const auto is_ldh = [](char c) { return base::is_alnum(c) || c == '-'; };
  return std::all_of(label.begin(), label.end(), is_ldh) && !std::all_of(label.begin(), label.end(), base::is_digit);
}

/// domain-end of §7.1: the string ends in a macro, or in a dot and a top label that follow the last one. The
/// grammar would also let %%, %_ or %- stand at the end, but no name ends so, and §4.8 leaves it to us what
/// becomes of a domain-spec that is no name.
bool is_domain_end(std::string_view text, const MacroString& macros) {
  if (macros.parts().back().letter != '\0') return true;
  if (text.ends_with('.')) text.remove_suffix(1);
  const std::size_t dot = text.rfind('.');
  return dot != std::string_view::npos && is_top_label(text.substr(dot + 1));
}

}  // namespace

base::Result<MacroString, base::ParseError> MacroString::parse(std::string_view text, MacroUse use) {
  MacroString out;
  Reader reader{text, use};
  std::size_t macros = 0;
  while (!reader.is_done()) {
    if (reader.peek() == '%') {
      if (++macros > max_macros) return base::parse_error(reader.at, "too many macros in one term");
      if (const auto fault = read_expand(reader, out.parts_)) return tl::unexpected<base::ParseError>(*fault);
      continue;
    }
    if (!is_literal(reader.peek(), use)) return base::parse_error(reader.at, "character not allowed in a term");
    append_literal(out.parts_, text.substr(reader.at++, 1));
  }
  return out;
}

base::Result<MacroString, base::ParseError> parse_domain_spec(std::string_view text) {
  if (text.empty()) return base::parse_error(0, "domain missing");
  auto macros = MacroString::parse(text, MacroUse::domain_spec);
  if (macros && !is_domain_end(text, *macros)) return base::parse_error(text.size(), "domain without a top label");
  return macros;
}

std::size_t MacroString::macro_count() const {
  return static_cast<std::size_t>(
      std::count_if(parts_.begin(), parts_.end(), [](const MacroPart& part) { return part.letter != '\0'; }));
}

bool MacroString::uses(char letter) const {
  return std::any_of(parts_.begin(), parts_.end(), [letter](const MacroPart& part) { return part.letter == letter; });
}

}  // namespace spf
