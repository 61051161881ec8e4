// The one file that knows libidn2.
#include <idn2.h>
#include <memory>

#include "base/domain.hpp"
#include "base/text.hpp"

namespace base {

Result<std::string, ParseError> to_a_labels(std::string_view text) {
  if (!is_utf8(text) || text.find('\0') != std::string_view::npos) return parse_error(0, "domain is not UTF-8");
  char* output = nullptr;
  const int status = idn2_to_ascii_8z(std::string(text).c_str(), &output, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
  const std::unique_ptr<char, void (*)(void*)> owner(output, &idn2_free);
  if (status != IDN2_OK) return parse_error(0, "not an internationalized domain name");
  return std::string(owner.get());
}

}  // namespace base
