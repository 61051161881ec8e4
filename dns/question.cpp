#include "dns/question.hpp"

#include "base/text.hpp"

namespace dns {

std::string_view to_text(Type type) {
  switch (type) {
    case Type::a:
      return "A";
    case Type::ns:
      return "NS";
    case Type::cname:
      return "CNAME";
    case Type::ptr:
      return "PTR";
    case Type::mx:
      return "MX";
    case Type::txt:
      return "TXT";
    case Type::aaaa:
      return "AAAA";
  }
  return "?";
}

Question ask_for(std::string_view name, Type type) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return {base::to_lower(name), type};
}

bool is_sendable_name(std::string_view name) {
  constexpr std::size_t max_name = 253, max_label = 63;  // RFC 1035 §2.3.4, without the final dot
  if (name.empty() || name.size() > max_name) return false;
  for (const std::string_view label : base::split(name, '.'))
    if (label.empty() || label.size() > max_label) return false;
  return true;
}

}  // namespace dns
