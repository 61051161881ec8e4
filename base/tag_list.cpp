#include "base/tag_list.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace base {
namespace {

bool is_tag_name(std::string_view name) {
  return !name.empty() && is_alpha(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_alnum(c) || c == '_'; });
}

bool is_value_char(char c) { return is_visible(c) || is_fws(c) || !is_ascii(c); }

}  // namespace

Result<TagList, ParseError> TagList::parse(std::string_view text) {
  TagList list;
  std::size_t start = 0;
  while (start < text.size()) {
    const std::size_t end = std::min(text.find(';', start), text.size());
    const std::string_view spec = text.substr(start, end - start);
    if (trim(spec).empty() && end == text.size() && !list.tags_.empty()) break;  // what follows the final ';'
    const std::size_t equals = spec.find('=');
    if (equals == std::string_view::npos) return parse_error(start, "tag without '='");
    const std::string_view name = trim(spec.substr(0, equals));
    if (!is_tag_name(name)) return parse_error(start, "not a tag name");
    if (list.find(name)) return parse_error(start, "repeated tag");
    if (list.tags_.size() == max_tags) return parse_error(start, "too many tags");
    const std::string_view value = trim(spec.substr(equals + 1));
    const auto bad = std::find_if_not(value.begin(), value.end(), is_value_char);
    const auto offset = static_cast<std::size_t>(value.data() - text.data());
    if (bad != value.end())
      return parse_error(offset + static_cast<std::size_t>(bad - value.begin()), "character not allowed in a tag value");
    list.tags_.push_back(Tag{name, value, offset});
    start = end + 1;
  }
  if (list.tags_.empty()) return parse_error(0, "empty tag list");
  return list;
}

std::optional<std::string_view> TagList::find(std::string_view name) const {
  const auto tag = std::find_if(tags_.begin(), tags_.end(), [&](const Tag& t) { return t.name == name; });
  return tag == tags_.end() ? std::nullopt : std::optional(tag->value);
}

}  // namespace base
