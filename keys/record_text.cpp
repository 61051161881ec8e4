#include "keys/record_text.hpp"

#include <fmt/format.h>

#include "dkim/rotation.hpp"

namespace keys {

std::string record_name(const base::Domain& domain, std::string_view selector) {
  return fmt::format("{}._domainkey.{}", selector, domain.text());
}

std::string record_value(const dkim::PublicKey& key) {
  return fmt::format("v=DKIM1; k={}; p={}", dkim::to_text(key.type()), key.record_value());
}

std::string zone_line(const base::Domain& domain, std::string_view selector, const dkim::PublicKey& key) {
  constexpr std::size_t most_octets = 255;  // of one character-string
  const std::string value = record_value(key);
  std::string strings;
  for (std::size_t i = 0; i < value.size(); i += most_octets) strings += fmt::format(" \"{}\"", value.substr(i, most_octets));
  return fmt::format("{}. IN TXT (\n {} )", record_name(domain, selector), strings);
}

}  // namespace keys
