#include "base/domain.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace base {
namespace {

// Longest UTF-8 spelling worth converting: every octet of the name as a four-octet character.
constexpr std::size_t max_unicode_octets = 4 * Domain::max_octets;

bool is_label_char(char c) { return is_alnum(c) || c == '-' || c == '_'; }

/// Checks the shape of an all-ASCII name without its final dot.
std::optional<ParseError> find_fault(std::string_view text) {
  if (text.empty()) return ParseError{0, "empty domain"};
  if (text.size() > Domain::max_octets) return ParseError{Domain::max_octets, "domain longer than 253 octets"};
  std::size_t label_start = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] != '.') {
      if (!is_label_char(text[i])) return ParseError{i, "character not allowed in a domain"};
      continue;
    }
    if (i == label_start) return ParseError{i, "empty label"};
    if (i - label_start > Domain::max_label_octets) return ParseError{label_start, "label longer than 63 octets"};
    label_start = i + 1;
  }
  return std::nullopt;
}

}  // namespace

Result<Domain, ParseError> Domain::parse(std::string_view text) {
  std::string ascii;
  if (is_ascii(text)) {
    ascii = to_lower(text);
  } else {
    if (text.size() > max_unicode_octets) return parse_error(max_unicode_octets, "domain too long");
    auto converted = to_a_labels(text);
    if (!converted) return tl::unexpected<ParseError>(converted.error());
    ascii = to_lower(*converted);
  }
  if (!ascii.empty() && ascii.back() == '.') ascii.pop_back();
  if (const auto fault = find_fault(ascii)) return parse_error(is_ascii(text) ? fault->offset : 0, fault->text);
  return Domain(std::move(ascii));
}

std::size_t Domain::label_count() const { return static_cast<std::size_t>(std::count(text_.begin(), text_.end(), '.')) + 1; }

std::optional<Domain> Domain::parent() const {
  const std::size_t dot = text_.find('.');
  if (dot == std::string::npos) return std::nullopt;
  return Domain(text_.substr(dot + 1));
}

Domain Domain::last_labels(std::size_t labels) const {
  std::size_t start = text_.size();
  for (std::size_t i = 0; i < std::max<std::size_t>(labels, 1) && start != 0; ++i) {
    const std::size_t dot = start < 2 ? std::string::npos : text_.rfind('.', start - 2);
    start = dot == std::string::npos ? 0 : dot + 1;
  }
  return Domain(text_.substr(start));
}

bool Domain::is_below(const Domain& ancestor) const {
  return text_.size() > ancestor.text_.size() + 1 && text_.ends_with(ancestor.text_) &&
         text_[text_.size() - ancestor.text_.size() - 1] == '.';
}

}  // namespace base
