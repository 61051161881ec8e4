#pragma once
// A mail domain in the one form the whole program compares: ASCII, lower case, A-labels, no final dot.
// RFC 5321 §2.3.5, RFC 5890 (A-labels), RFC 8616 §2. Labels may hold underscores and hyphens anywhere,
// because names in use do. Not for names that SPF macros make (dns::Question takes any octets).

#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace base {

class Domain {
 public:
  static constexpr std::size_t max_octets = 253;       // without the final dot (RFC 1035 §2.3.4)
  static constexpr std::size_t max_label_octets = 63;  // RFC 1035 §2.3.4

  /// Reads letters, digits, hyphens, underscores and dots, or UTF-8 U-labels (made A-labels by UTS #46,
  /// non-transitional, so U+3002 and its like are dots). One final dot is dropped. Single labels are fine.
  [[nodiscard]] static Result<Domain, ParseError> parse(std::string_view text);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::size_t label_count() const;
  /// One label less; nothing above a single label.
  [[nodiscard]] std::optional<Domain> parent() const;
  /// The last `labels` labels, at least one; the whole name if it has no more.
  [[nodiscard]] Domain last_labels(std::size_t labels) const;
  [[nodiscard]] bool is_below(const Domain& ancestor) const;
  [[nodiscard]] bool is_or_is_below(const Domain& ancestor) const { return *this == ancestor || is_below(ancestor); }

  friend bool operator==(const Domain&, const Domain&) = default;
  friend std::strong_ordering operator<=>(const Domain& a, const Domain& b) { return a.text_.compare(b.text_) <=> 0; }

 private:
  explicit Domain(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// U-labels to A-labels by UTS #46; `text` is UTF-8. In idna.cpp, the one file that knows libidn2.
[[nodiscard]] Result<std::string, ParseError> to_a_labels(std::string_view text);

}  // namespace base

template <>
struct std::hash<base::Domain> {
  std::size_t operator()(const base::Domain& domain) const noexcept { return std::hash<std::string>{}(domain.text()); }
};
