#include "conf/guard.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "base/text.hpp"
#include "conf/load.hpp"

namespace conf {
namespace {

/// Line and column, counted in characters as the library does.
Position position_at(std::string_view text, std::size_t offset, const std::string& file) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t newline = before.rfind('\n');
  const std::string_view line = newline == std::string_view::npos ? before : before.substr(newline + 1);
  const auto is_lead = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; };
  return {file, static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n') + 1),
          static_cast<std::uint32_t>(std::count_if(line.begin(), line.end(), is_lead) + 1)};
}

/// The first octet that does not belong to a well-formed sequence; text.size(): none.
std::size_t find_bad_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t size = 1;
    while (size <= 4 && !base::is_utf8(text.substr(at, size))) ++size;
    if (size > 4) return at;
    at += size;
  }
  return at;
}

/// Walks over the text as a TOML reader would, seeing only what nests. Where it and a reader would disagree,
/// the reader has met an error before.
class NestingCheck {
 public:
  NestingCheck(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  void run() {
    while (at_ < text_.size()) step();
  }

 private:
  void step() {
    const char c = text_[at_];
    if (c == '#') return skip_comment();
    if (c == '"' || c == '\'') return skip_string(c);
    if (c == '[' || c == '{') open();
    if ((c == ']' || c == '}') && depth_ > 0) --depth_;
    if (c == '.')
      count_dot();
    else if (std::string_view("[]{},=\n").find(c) != std::string_view::npos)
      dots_ = 0;
    ++at_;
  }

  void open() {
    if (++depth_ > max_nesting) refuse(fmt::format("found values nested deeper than {}, expected fewer brackets", max_nesting));
  }

  void count_dot() {
    if (++dots_ >= max_key_parts)
      refuse(fmt::format("found a key of more than {} parts, expected at most two, as in dns.timeout", max_key_parts));
  }

  void skip_comment() { at_ = std::min(text_.find('\n', at_), text_.size()); }

  void skip_string(char quote) {
    const std::string three(3, quote);
    const bool is_long = text_.substr(at_).starts_with(three);
    at_ += is_long ? 3U : 1U;
    while (at_ < text_.size()) {
      if (is_long ? text_.substr(at_).starts_with(three) : text_[at_] == quote || text_[at_] == '\n') break;
      at_ += quote == '"' && text_[at_] == '\\' ? 2U : 1U;
    }
    at_ = std::min(at_ + (is_long ? 3U : 1U), text_.size());
    // Up to two more quotes at the end of a long string are part of it.
    for (int extra = 0; is_long && extra < 2 && at_ < text_.size() && text_[at_] == quote; ++extra) ++at_;
  }

  [[noreturn]] void refuse(const std::string& what) const { throw Error(position_at(text_, at_, file_), what); }

  std::string_view text_;
  const std::string& file_;
  std::size_t at_ = 0, depth_ = 0, dots_ = 0;
};

}  // namespace

void guard(std::string_view text, const std::string& file) {
  if (text.size() > max_file_octets)
    throw Error({file, 0, 0}, fmt::format("found more than {} octets, expected a smaller file", max_file_octets));
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos)
    throw Error(position_at(text, nul, file), "found a NUL octet, expected text");
  if (const std::size_t bad = find_bad_utf8(text); bad != text.size())
    throw Error(position_at(text, bad, file),
                fmt::format("found the octet \\x{:02x}, expected UTF-8", static_cast<unsigned char>(text[bad])));
  NestingCheck(text, file).run();
}

}  // namespace conf
