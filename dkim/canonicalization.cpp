#include "dkim/canonicalization.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/text.hpp"

namespace dkim {
namespace {

constexpr std::string_view crlf = "\r\n";
constexpr std::size_t line_ends_at_once = 64;
constexpr std::size_t gather_octets = 4096;
constexpr std::size_t max_gathered_run = 512;  // a longer run goes to the sink as it is

constexpr auto make_line_ends() {
  std::array<char, 2 * line_ends_at_once> text{};
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = crlf[i % 2];
  return text;
}
constexpr auto line_ends = make_line_ends();

/// Sixteen octets at a time, in a vector register where the machine has them; a comparison gives 0xff where it holds.
using Octets16 [[gnu::vector_size(16)]] = unsigned char;

Octets16 load16(const char* from) {
  Octets16 octets;
  std::memcpy(&octets, from, sizeof octets);
  return octets;
}

/// Where relaxed canonicalization changes an octet that `next` follows: a tab, or a space that does not stand
/// alone or may end a line.
template <class Octet>
auto is_change(Octet octet, Octet next) {
  return (octet == '\t') | ((octet == ' ') & ((next == ' ') | (next == '\t') | (next == '\r')));
}

/// How many of the sixteen octets at `at` come before the first that is changed; looks at the octet behind them, too.
std::size_t unchanged_of16(const char* at) {
  const auto changes = is_change(load16(at), load16(at + 1));
  std::uint64_t halves[2];
  std::memcpy(halves, &changes, sizeof halves);
  if ((halves[0] | halves[1]) == 0) return sizeof changes;  // by far most often
  const auto unchanged_of8 = [](std::uint64_t half) {
    const int zeros = std::endian::native == std::endian::little ? std::countr_zero(half) : std::countl_zero(half);
    return static_cast<std::size_t>(zeros) / 8;
  };
  return halves[0] != 0 ? unchanged_of8(halves[0]) : 8 + unchanged_of8(halves[1]);
}

/// The first octet from `from` on where a run of WSP begins that may not stay as it is; else the size.
std::size_t find_change(std::string_view text, std::size_t from) {
  constexpr std::size_t width = sizeof(Octets16);
  std::size_t i = from;
  for (; i + width < text.size(); i += width)
    if (const std::size_t unchanged = unchanged_of16(text.data() + i); unchanged != width) return i + unchanged;
  for (; i + 1 < text.size(); ++i)
    if (is_change(text[i], text[i + 1])) return i;
  return i < text.size() && !base::is_wsp(text[i]) ? text.size() : i;
}

/// RFC 6376 §3.4.2: unfolds, makes each run of WSP one space, drops WSP at both ends.
void append_relaxed_value(std::string& out, std::string_view value) {
  bool is_space_due = false;
  bool is_start = true;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    const bool is_fold = c == '\r' && i + 2 < value.size() && value[i + 1] == '\n' && base::is_wsp(value[i + 2]);
    if (is_fold) ++i;
    if (is_fold || base::is_wsp(c)) {
      is_space_due = true;
      continue;
    }
    if (is_space_due && !is_start) out += ' ';
    is_space_due = is_start = false;
    out += c;
  }
}

}  // namespace

std::string_view to_text(Canonicalization c) { return c == Canonicalization::simple ? "simple" : "relaxed"; }

void append_canonical_field(std::string& out, const message::Field& field, Canonicalization c, bool last) {
  if (c == Canonicalization::simple) {
    out += field.raw;
  } else {
    for (const char octet : field.name) out += base::to_lower(octet);
    out += ':';
    append_relaxed_value(out, field.value);
  }
  if (!last) out += crlf;
}

BodyCanonicalizer::BodyCanonicalizer(Canonicalization c, Sink sink) : canonicalization_(c), sink_(std::move(sink)) {}

void BodyCanonicalizer::update(std::string_view chunk) {
  if (canonicalization_ == Canonicalization::simple)
    pass(chunk);
  else if (!chunk.empty())
    reduce_white_space(chunk);
  flush();
}

void BodyCanonicalizer::finish() {
  if (cr_after_wsp_) pass(" \r");  // a CR alone is no line end
  if (cr_pending_) emit_content("\r");
  if (has_content_ || canonicalization_ == Canonicalization::simple) emit(crlf);
  flush();
}

/// RFC 6376 §3.4.4 (a): what is left goes on to pass() in runs as long as the input allows.
void BodyCanonicalizer::reduce_white_space(std::string_view chunk) {
  if (cr_after_wsp_) resolve_cr_after_wsp(chunk.front());
  std::size_t run = 0;  // what of the chunk has not been passed on begins here
  std::size_t at = 0;
  while (at < chunk.size()) {
    if (wsp_pending_ && !end_wsp_run(chunk, at, run)) return;
    at = find_change(chunk, at);
    pass(chunk.substr(run, at - run));
    if (at == chunk.size()) return;
    wsp_pending_ = true;
    ++at;
  }
}

void BodyCanonicalizer::resolve_cr_after_wsp(char next) {
  cr_after_wsp_ = wsp_pending_ = false;
  pass(next == '\n' ? "\r" : " \r");
}

/// Some WSP stands before chunk[at]. Decides what becomes of it: then `at` is behind it and what is to be passed
/// on begins at `run`. False: the chunk does not tell.
bool BodyCanonicalizer::end_wsp_run(std::string_view chunk, std::size_t& at, std::size_t& run) {
  while (at < chunk.size() && base::is_wsp(chunk[at])) ++at;
  if (at == chunk.size()) return false;
  cr_after_wsp_ = chunk[at] == '\r' && at + 1 == chunk.size();
  if (cr_after_wsp_) return false;
  wsp_pending_ = false;
  run = at;
  if (chunk.substr(at, 2) == crlf) return true;
  if (at != 0 && chunk[at - 1] == ' ')
    --run;  // that space is the one to keep
  else
    pass(" ");
  return true;
}

/// RFC 6376 §3.4.3: everything but the line ends at the end of the body, and one CRLF for those.
void BodyCanonicalizer::pass(std::string_view run) {
  if (run.empty()) return;
  if (cr_pending_) {
    cr_pending_ = false;
    if (run.front() == '\n') {
      ++line_ends_pending_;
      run.remove_prefix(1);
    } else {
      emit_content("\r");
    }
  }
  std::size_t end = run.size();
  if (end != 0 && run[end - 1] == '\r') {
    cr_pending_ = true;
    --end;
  }
  std::uint64_t trailing = 0;
  for (; run.substr(0, end).ends_with(crlf); end -= crlf.size()) ++trailing;
  if (end != 0) emit_content(run.substr(0, end));
  line_ends_pending_ += trailing;
}

void BodyCanonicalizer::emit_content(std::string_view content) {
  while (line_ends_pending_ != 0) {
    const std::uint64_t count = std::min<std::uint64_t>(line_ends_pending_, line_ends_at_once);
    emit({line_ends.data(), static_cast<std::size_t>(2 * count)});
    line_ends_pending_ -= count;
  }
  has_content_ = true;
  emit(content);
}

void BodyCanonicalizer::emit(std::string_view octets) {
  if (octets.size() > max_gathered_run || gathered_.size() + octets.size() > gather_octets) flush();
  if (octets.size() > max_gathered_run) return sink_(octets);
  if (gathered_.capacity() < gather_octets) gathered_.reserve(gather_octets);
  gathered_ += octets;
}

void BodyCanonicalizer::flush() {
  if (!gathered_.empty()) sink_(gathered_);
  gathered_.clear();
}

}  // namespace dkim
