#include "base/base64.hpp"

#include <array>

#include "base/text.hpp"

namespace base {
namespace {

constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::int8_t not_a_digit = -1;

constexpr std::array<std::int8_t, 256> make_values() {
  std::array<std::int8_t, 256> values{};
  for (auto& value : values) value = not_a_digit;
  for (std::size_t i = 0; i < digits.size(); ++i) values[static_cast<unsigned char>(digits[i])] = static_cast<std::int8_t>(i);
  return values;
}
constexpr auto values = make_values();

}  // namespace

Result<std::vector<std::uint8_t>, ParseError> decode_base64(std::string_view text) {
  std::vector<std::uint8_t> out;
  out.reserve(text.size() / 4 * 3 + 3);
  std::uint32_t group = 0;
  std::size_t count = 0, padding = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_fws(text[i])) continue;
    if (text[i] == '=') {
      if (++padding > 2 || count % 4 < 2) return parse_error(i, "misplaced base64 padding");
      continue;
    }
    const std::int8_t value = values[static_cast<unsigned char>(text[i])];
    if (value == not_a_digit || padding != 0) return parse_error(i, "not a base64 digit");
    group = (group << 6U) | static_cast<std::uint32_t>(value);
    ++count;
    // Each digit after the first of a group of four completes one octet.
    if (count % 4 != 1) out.push_back(static_cast<std::uint8_t>(group >> (6 - 2 * ((count - 1) % 4))));
  }
  if (count % 4 == 1) return parse_error(text.size(), "base64 ends in the middle of an octet");
  if (padding != 0 && (count + padding) % 4 != 0) return parse_error(text.size(), "wrong base64 padding");
  return out;
}

std::string encode_base64(std::span<const std::uint8_t> octets) {
  std::string out;
  out.reserve((octets.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < octets.size(); i += 3) {
    const std::size_t left = std::min<std::size_t>(3, octets.size() - i);
    std::uint32_t group = static_cast<std::uint32_t>(octets[i]) << 16U;
    if (left > 1) group |= static_cast<std::uint32_t>(octets[i + 1]) << 8U;
    if (left > 2) group |= octets[i + 2];
    for (std::size_t digit = 0; digit < 4; ++digit) out += digit <= left ? digits[(group >> (18 - 6 * digit)) & 0x3fU] : '=';
  }
  return out;
}

}  // namespace base
