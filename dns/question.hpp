#pragma once
// What can be asked of the DNS: a name and a record type. RFC 1035 §3.2, RFC 3596.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace dns {

enum class Type : std::uint16_t { a = 1, ns = 2, cname = 5, ptr = 12, mx = 15, txt = 16, aaaa = 28 };

[[nodiscard]] std::string_view to_text(Type type);  // "A", "TXT", …

struct Question {
  std::string name;  // labels of any octets joined by '.', ASCII letters lower case, no final dot
  Type type = Type::a;

  friend auto operator<=>(const Question&, const Question&) = default;
};

/// A question in that form; `name` may be in any case and end in a dot.
[[nodiscard]] Question ask_for(std::string_view name, Type type);

/// 1 to 253 octets, no empty label, no label over 63 octets. Other names are never sent.
[[nodiscard]] bool is_sendable_name(std::string_view name);

}  // namespace dns

template <>
struct std::hash<dns::Question> {
  std::size_t operator()(const dns::Question& q) const noexcept {
    return std::hash<std::string>{}(q.name) * 31 + static_cast<std::size_t>(q.type);
  }
};
