// Header fields and saved messages: no octet is lost, made up or moved, and the limit is kept to the octet.
// RFC 5322 §2.1, §2.2.
#include <algorithm>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "message/header_block.hpp"
#include "message/line_ends.hpp"
#include "message/message_file.hpp"
#include "tests/fuzz/property.hpp"

namespace {

using fuzz::require;
using message::HeaderBlock;

std::string with_crlf(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) out += '\r';
    out += text[i];
  }
  return out;
}

/// What stands between fields of an input: an octet that no header has.
constexpr char between_fields = '\0';

/// What a HeaderBlock must be, kept as whole lines.
struct Model {
  std::size_t max_octets;
  std::size_t octets = 0;
  bool is_full = false;
  std::vector<std::string> lines{};

  bool add(std::string line) {
    if (is_full || octets + line.size() + 2 > max_octets) is_full = true;
    if (is_full) return false;
    octets += line.size() + 2;
    lines.push_back(std::move(line));
    return true;
  }
};

void compare(const HeaderBlock& block, const Model& model) {
  require(block.size() == model.lines.size() && block.is_truncated() == model.is_full, "the limit is kept to the octet");
  std::size_t named_from = 0;
  for (std::size_t i = 0; i < block.size(); ++i) {
    const message::Field field = block[i];
    require(field.raw == model.lines[i], "a field is the octets it was given, with CRLF at folds");
    require(field.raw.starts_with(field.name) && field.raw.ends_with(field.value), "name and value are parts of the field");
    require(!base::is_wsp(field.name.empty() ? 'x' : field.name.back()), "a name has no blanks behind it");
    const std::string_view between =
        field.raw.substr(field.name.size(), field.raw.size() - field.name.size() - field.value.size());
    require(base::trim(between) == ":" || base::trim(between).empty(), "between name and value is nothing but the colon");
    if (base::to_lower(field.name) == "from") ++named_from;
  }
  require(block.count("FROM") == named_from && block.find_all("from").size() == named_from,
          "a field is found by its name in any case");
}

/// A line end at the end of a value is the field's, not the value's.
std::string_view without_last_line_end(std::string_view text) {
  if (text.ends_with("\r\n")) return text.substr(0, text.size() - 2);
  return text.ends_with('\n') ? text.substr(0, text.size() - 1) : text;
}

void check_fields(fuzz::Input input, std::size_t limit) {
  HeaderBlock block(limit);
  Model model{limit};
  while (!input.is_empty()) {
    const std::string_view line = input.until(between_fields);
    const std::size_t colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
    const bool fits = model.add(with_crlf(name) + ":" + with_crlf(without_last_line_end(value)));
    require(block.add(name, value) == fits, "a field is taken if it fits, and after one that did not, none is");
  }
  compare(block, model);
}

std::string join(const message::MessageFile& file) {
  std::string out;
  for (std::size_t i = 0; i < file.header.size(); ++i) out += std::string(file.header[i].raw) + "\r\n";
  return out;
}

/// The message put together again is the message, but for the mbox line, an absent empty line, and a last line end.
void check_file(std::string_view octets) {
  const message::MessageFile file = message::parse_message_file(octets, octets.size() * 2 + 4);
  require(!file.header.is_truncated(), "a message fits into its own size");
  const std::string header = join(file);
  std::string all = with_crlf(octets);
  if (all.starts_with("From ") && (file.header.size() == 0 || !all.starts_with(file.header[0].raw)))
    all.erase(0, std::min(all.find('\n'), all.size() - 1) + 1);
  const bool is_whole =
      all == header + file.body || all == header + "\r\n" + file.body || (file.body.empty() && all + "\r\n" == header);
  require(is_whole, "header and body together are the message");
  require(message::count_bare_lf(file.body) == 0, "a body has no LF without a CR");
}

void check(std::string_view octets) {
  fuzz::Input input(octets);
  const std::size_t limit = input.octet() * (input.flag() ? 1U : 64U);
  check_file(input.rest());
  check_fields(input, limit);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  check(fuzz::as_text(octets, size));
  return 0;
}
