#include "message/received_spf.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "message/folded_lines.hpp"
#include "message/harmless_text.hpp"
#include "message/scanner.hpp"

namespace message {
namespace {

constexpr std::size_t first_column = std::string_view("Received-SPF: ").size();
constexpr std::size_t max_value_octets = 512;

/// RFC 5322 §3.2.3.
bool is_dot_atom(std::string_view text) {
  const auto atoms = base::split(text, '.');
  return std::all_of(atoms.begin(), atoms.end(), [](std::string_view atom) {
    return !atom.empty() && std::all_of(atom.begin(), atom.end(), [](char c) { return is_atext(c) && base::is_ascii(c); });
  });
}

/// dot-atom / quoted-string (RFC 7208 §9.1).
std::string make_value(std::string_view value) {
  value = value.substr(0, max_value_octets);
  if (is_dot_atom(value)) return std::string(value);
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    out += is_control(c) || !base::is_ascii(c) ? '?' : c;
  }
  return out + '"';
}

}  // namespace

std::string format_received_spf(const ReceivedSpf& field, std::string_view fold) {
  FoldedLines lines(fold, first_column);
  lines.append(field.result);
  lines.comment(make_harmless(field.comment.substr(0, max_value_octets), false));
  for (std::size_t i = 0; i < field.values.size(); ++i) {
    const auto& [key, value] = field.values[i];
    lines.word(key + '=' + make_value(value) + (i + 1 == field.values.size() ? "" : ";"));
  }
  return lines.take();
}

}  // namespace message
