#include "message/message_file.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "message/line_ends.hpp"

namespace message {
namespace {

/// The first line of text with its line end; the rest if there is none.
std::string_view first_line(std::string_view text) {
  const std::size_t end = text.find('\n');
  return end == std::string_view::npos ? text : text.substr(0, end + 1);
}

/// ftext before a colon, blanks allowed between the two (RFC 5322 §3.6.8, §4.5.8).
bool starts_field(std::string_view line) {
  const auto name_end = std::find_if_not(line.begin(), line.end(), [](char c) { return base::is_visible(c) && c != ':'; });
  const auto colon = std::find_if_not(name_end, line.end(), [](char c) { return base::is_wsp(c); });
  return name_end != line.begin() && colon != line.end() && *colon == ':';
}

/// The field at the start of text: its first line and the continuations that follow.
std::string_view first_field(std::string_view text) {
  std::size_t size = first_line(text).size();
  while (size < text.size() && base::is_wsp(text[size])) size += first_line(text.substr(size)).size();
  return text.substr(0, size);
}

}  // namespace

MessageFile parse_message_file(std::string_view octets, std::size_t max_header_octets) {
  MessageFile file{HeaderBlock(max_header_octets), {}};
  if (octets.starts_with("From ") && !starts_field(first_line(octets))) octets.remove_prefix(first_line(octets).size());
  while (!octets.empty()) {
    const std::string_view line = first_line(octets);
    if (without_line_end(line).empty()) {
      octets.remove_prefix(line.size());
      break;
    }
    if (!starts_field(line)) break;
    const std::string_view field = first_field(octets);
    file.header.add_line(field);  // one too many shows in is_truncated()
    octets.remove_prefix(field.size());
  }
  append_with_crlf(file.body, octets);
  return file;
}

}  // namespace message
