#include "dmarc/report_uri.hpp"

#include <algorithm>

#include "base/domain.hpp"
#include "base/text.hpp"

namespace dmarc {
namespace {

constexpr std::string_view unreserved_marks = "-._~";
constexpr std::string_view sub_delims = "$&'()*+;=";  // without '!' and ',', which must be encoded (RFC 9989 §4.8)

bool is_hex(char c) { return base::is_digit(c) || (base::to_lower(c) >= 'a' && base::to_lower(c) <= 'f'); }

/// Only unreserved characters, the given others, and complete percent-encodings (RFC 3986 §2).
bool is_uri_text(std::string_view text, std::string_view delims) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (base::is_alnum(c) || unreserved_marks.find(c) != std::string_view::npos || delims.find(c) != std::string_view::npos)
      continue;
    if (c != '%' || text.size() - i < 3 || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
    i += 2;
  }
  return true;
}

bool is_scheme(std::string_view text) {
  return !text.empty() && base::is_alpha(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return base::is_alnum(c) || c == '+' || c == '-' || c == '.'; });
}

/// RFC 6068 §2: local-part@domain, of which '/' and its like are only allowed encoded; then, perhaps, header fields.
bool is_mailbox(std::string_view text) {
  const std::string_view address = text.substr(0, text.find('?'));
  const std::size_t at = address.find('@');
  if (at == 0 || at == std::string_view::npos || !is_uri_text(address.substr(0, at), sub_delims)) return false;
  const std::string_view domain = address.substr(at + 1);
  return base::is_ascii(domain) && base::Domain::parse(domain).has_value() && is_uri_text(text, ":/?;@$&'()*+=");
}

bool is_hierarchy(std::string_view text) {
  if (text.empty() || !is_uri_text(text, "$&'()*+;=:/?#[]@")) return false;
  if (!text.starts_with("//")) return true;
  const std::string_view authority = text.substr(2, text.find_first_of("/?#", 2) - 2);
  return !authority.empty();
}

/// 1*DIGIT [ "k" / "m" / "g" / "t" ]
bool is_report_size(std::string_view text) {
  if (!text.empty() && std::string_view("kmgt").find(base::to_lower(text.back())) != std::string_view::npos)
    text.remove_suffix(1);
  return !text.empty() && std::all_of(text.begin(), text.end(), base::is_digit);
}

}  // namespace

std::optional<std::string_view> read_report_uri(std::string_view text) {
  if (const std::size_t mark = text.find('!'); mark != std::string_view::npos) {
    if (!is_report_size(text.substr(mark + 1))) return std::nullopt;
    text = text.substr(0, mark);
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || !is_scheme(text.substr(0, colon))) return std::nullopt;
  const std::string_view rest = text.substr(colon + 1);
  const bool is_valid = base::iequals(text.substr(0, colon), "mailto") ? is_mailbox(rest) : is_hierarchy(rest);
  return is_valid ? std::optional(text) : std::nullopt;
}

}  // namespace dmarc
