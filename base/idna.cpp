// The one file that knows libidn2.
#include <idn2.h>
#include <algorithm>
#include <array>
#include <memory>

#include "base/domain.hpp"
#include "base/text.hpp"

namespace base {
namespace {

/// Sharp s (both cases), final sigma and the two joiners: where transitional processing gives another name.
bool has_deviation(std::string_view text) {
  constexpr std::array<std::string_view, 5> deviations = {"\xC3\x9F", "\xE1\xBA\x9E", "\xCF\x82", "\xE2\x80\x8C",
                                                          "\xE2\x80\x8D"};
  return std::any_of(deviations.begin(), deviations.end(), [&](auto c) { return text.find(c) != std::string_view::npos; });
}

int convert(const std::string& text, int processing, std::string& out) {
  char* output = nullptr;
  const int status = idn2_to_ascii_8z(text.c_str(), &output, processing | IDN2_NFC_INPUT);
  const std::unique_ptr<char, void (*)(void*)> owner(output, &idn2_free);
  if (status == IDN2_OK) out = owner.get();
  return status;
}

}  // namespace

Result<std::string, ParseError> to_a_labels(std::string_view text) {
  if (!is_utf8(text) || text.find('\0') != std::string_view::npos) return parse_error(0, "domain is not UTF-8");
  std::string out;
  int status = convert(std::string(text), IDN2_NONTRANSITIONAL, out);
  // UTS #46 allows symbols, which are in use, but libidn2 then applies IDNA 2008, which does not. Only its
  // transitional processing goes without that; the two differ in the deviation characters alone.
  if (status == IDN2_DISALLOWED && !has_deviation(text)) status = convert(std::string(text), IDN2_TRANSITIONAL, out);
  if (status != IDN2_OK) return parse_error(0, "not an internationalized domain name");
  return out;
}

}  // namespace base
