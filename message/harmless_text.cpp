#include "message/harmless_text.hpp"

#include "base/text.hpp"
#include "message/scanner.hpp"

namespace message {
namespace {

constexpr std::string_view unsafe_replacements = "[]'/";
static_assert(unsafe_replacements.size() == unsafe_octets.size());

}  // namespace

std::string_view cut(std::string_view text, std::size_t most) {
  constexpr std::size_t most_continuations = 3;  // of a character; more of them are no UTF-8
  if (text.size() <= most) return text;
  const auto is_continuation = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80; };
  std::size_t end = most;
  while (end != 0 && most - end < most_continuations && is_continuation(text[end])) --end;
  return text.substr(0, end);
}

std::string make_harmless(std::string_view text, bool keep_utf8) {
  std::string out(text);
  keep_utf8 = keep_utf8 && base::is_utf8(text);
  for (char& c : out) {
    const std::size_t which = unsafe_octets.find(c);
    if (which != std::string_view::npos)
      c = unsafe_replacements[which];
    else if (c == '\t')
      c = ' ';
    else if (is_control(c) || (!base::is_ascii(c) && !keep_utf8))
      c = '?';
  }
  return out;
}

}  // namespace message
