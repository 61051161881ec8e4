// Tag lists: what is given out is where it says it is, and a list put together again is the same list. RFC 6376 §3.2.
#include <algorithm>
#include <string>

#include "base/tag_list.hpp"
#include "base/text.hpp"
#include "tests/fuzz/property.hpp"

namespace {

using base::Tag;
using base::TagList;
using fuzz::require;

void check_tag(const Tag& tag, std::string_view text) {
  require(text.substr(tag.offset, tag.value.size()) == tag.value, "a value is the text at its offset");
  require(tag.value.data() >= text.data() && tag.value.data() + tag.value.size() <= text.data() + text.size(),
          "a value lies within the text");
  require(base::trim(tag.value) == tag.value, "a value has no blanks at its ends");
  require(tag.value.find(';') == std::string_view::npos, "a value ends at the semicolon");
  require(!tag.name.empty() && base::is_alpha(tag.name.front()), "a name begins with a letter");
}

bool same(const TagList& a, const TagList& b) {
  return std::equal(a.tags().begin(), a.tags().end(), b.tags().begin(), b.tags().end(),
                    [](const Tag& x, const Tag& y) { return x.name == y.name && x.value == y.value; });
}

void check_again(const TagList& list, std::string_view end, std::string_view blank) {
  std::string text;
  for (const Tag& tag : list.tags()) {
    if (!text.empty()) text += ';';
    text.append(blank).append(tag.name).append(blank).append("=").append(blank).append(tag.value).append(blank);
  }
  text += end;
  const auto again = TagList::parse(text);
  require(again && same(list, *again), "a list put together again is the same list");
}

void check(std::string_view text) {
  const auto list = TagList::parse(text);
  if (!list) {
    require(list.error().offset <= text.size() && !list.error().text.empty(), "an error points into the text");
    return;
  }
  require(!list->tags().empty() && list->tags().size() <= TagList::max_tags, "a list has 1 to max_tags tags");
  require(static_cast<std::size_t>(std::count(text.begin(), text.end(), ';')) + 1 >= list->tags().size(),
          "there are no more tags than parts");
  for (const Tag& tag : list->tags()) {
    check_tag(tag, text);
    require(list->find(tag.name) == tag.value, "a tag is found by its name: no name is there twice");
  }
  check_again(*list, "", "");
  check_again(*list, ";", " ");
  check_again(*list, " ; \t", "\r\n\t");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  check(fuzz::as_text(octets, size));
  return 0;
}
