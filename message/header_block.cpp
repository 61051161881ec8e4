#include "message/header_block.hpp"

#include <algorithm>
#include <limits>

#include "base/text.hpp"
#include "message/line_ends.hpp"

namespace message {
namespace {

// Each field costs its line end, too, so that a flood of empty lines is bounded like any other.
constexpr std::size_t line_end_octets = 2;

}  // namespace

bool Field::is(std::string_view field_name) const { return base::iequals(name, field_name); }

HeaderBlock::HeaderBlock(std::size_t max_octets) : max_octets_(std::min(max_octets, most_octets)) {}

bool HeaderBlock::add(std::string_view name, std::string_view value) { return store(name, ":", without_line_end(value)); }

bool HeaderBlock::add_line(std::string_view line) {
  line = without_line_end(line);
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return store(line, {}, {});
  return store(line.substr(0, colon), ":", line.substr(colon + 1));
}

bool HeaderBlock::store(std::string_view name, std::string_view colon, std::string_view value) {
  const std::size_t used = text_.size() + line_end_octets * entries_.size();
  const std::size_t more =
      name.size() + count_bare_lf(name) + colon.size() + value.size() + count_bare_lf(value) + line_end_octets;
  if (truncated_ || more > max_octets_ - used) {
    truncated_ = true;
    return false;
  }
  Entry entry;
  const std::size_t begin = text_.size();
  append_with_crlf(text_, name);
  std::size_t name_end = text_.size();
  while (name_end > begin && base::is_wsp(text_[name_end - 1])) --name_end;
  entry.name_size = static_cast<std::uint32_t>(name_end - begin);
  text_ += colon;
  entry.value_begin = static_cast<std::uint32_t>(text_.size());
  append_with_crlf(text_, value);
  entry.end = static_cast<std::uint32_t>(text_.size());
  entries_.push_back(entry);
  return true;
}

Field HeaderBlock::operator[](std::size_t index) const {
  const Entry& entry = entries_[index];
  const std::size_t begin = index == 0 ? 0 : entries_[index - 1].end;
  const std::string_view text = text_;
  return Field{text.substr(begin, entry.end - begin), text.substr(begin, entry.name_size),
               text.substr(entry.value_begin, entry.end - entry.value_begin)};
}

std::vector<std::size_t> HeaderBlock::find_all(std::string_view name) const {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < size(); ++i)
    if ((*this)[i].is(name)) found.push_back(i);
  return found;
}

std::size_t HeaderBlock::count(std::string_view name) const { return find_all(name).size(); }

}  // namespace message
