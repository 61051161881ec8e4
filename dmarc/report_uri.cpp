#include "dmarc/report_uri.hpp"

#include <algorithm>

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

/// RFC 3986 §3.2: "//" [ userinfo "@" ] host [ ":" port ] before the path.
std::string_view host_in(std::string_view hierarchy) {
  if (!hierarchy.starts_with("//")) return {};
  std::string_view authority = hierarchy.substr(2, hierarchy.find_first_of("/?#", 2) - 2);
  authority.remove_prefix(authority.rfind('@') + 1);  // npos + 1: none
  return authority.substr(0, authority.find(':'));
}

/// RFC 6068 §2: what is behind the "@", before any header fields.
std::string_view domain_in(std::string_view mailbox) {
  const std::string_view address = mailbox.substr(0, mailbox.find('?'));
  return address.substr(address.rfind('@') + 1);
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

std::optional<base::Domain> report_host(std::string_view uri) {
  const std::string_view scheme = uri.substr(0, uri.find(':'));
  const std::string_view rest = uri.substr(std::min(uri.size(), scheme.size() + 1));
  std::string_view host;
  if (base::iequals(scheme, "mailto")) host = domain_in(rest);
  if (base::iequals(scheme, "http") || base::iequals(scheme, "https")) host = host_in(rest);
  const auto domain = base::Domain::parse(host);
  return domain ? std::optional(*domain) : std::nullopt;
}

}  // namespace dmarc
