#pragma once
// Tag lists: the `name=value; name=value` text of DKIM signatures, key records and DMARC records.
// RFC 6376 §3.2 (syntax), RFC 9989 §4.7 (DMARC uses the same). Gives names and values, not meaning.

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace base {

struct Tag {
  std::string_view name;   // as written; names are case-sensitive
  std::string_view value;  // white space at both ends removed; folds inside are kept
  std::size_t offset = 0;  // of the value in the text, for error messages
};

class TagList {
 public:
  static constexpr std::size_t max_tags = 64;

  /// Borrows from text. Fails on a tag without `=`, a name that is not ALPHA *(ALPHA / DIGIT / "_"), a value
  /// with a control character (octets above 0x7F are taken unseen, RFC 8616 §3), a repeated name, an empty list, or more
  /// than max_tags. A final `;` is allowed, an empty tag elsewhere is not.
  [[nodiscard]] static Result<TagList, ParseError> parse(std::string_view text);

  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  [[nodiscard]] const std::vector<Tag>& tags() const { return tags_; }

 private:
  std::vector<Tag> tags_;
};

}  // namespace base
