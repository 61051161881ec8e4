#include "spf/term.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace spf {
namespace {

using Fault = std::optional<base::ParseError>;

struct MechanismName {
  std::string_view name;
  Mechanism mechanism;
};

constexpr std::array<MechanismName, 8> mechanism_names = {{{"all", Mechanism::all},
                                                           {"include", Mechanism::include},
                                                           {"a", Mechanism::a},
                                                           {"mx", Mechanism::mx},
                                                           {"ptr", Mechanism::ptr},
                                                           {"ip4", Mechanism::ip4},
                                                           {"ip6", Mechanism::ip6},
                                                           {"exists", Mechanism::exists}}};

std::optional<Result> qualifier_of(char c) {
  switch (c) {
    case '+':
      return Result::pass;
    case '-':
      return Result::fail;
    case '~':
      return Result::softfail;
    case '?':
      return Result::neutral;
    default:
      return std::nullopt;
  }
}

/// "0", or digits that do not begin with 0, up to `most` (RFC 7208 §5.6).
bool parse_prefix(std::string_view digits, unsigned most, unsigned& out) {
  std::uint64_t value = 0;
  if (digits.size() > 1 && digits.front() == '0') return false;
  if (!base::parse_number(digits, most, value)) return false;
  out = static_cast<unsigned>(value);
  return true;
}

/// Takes "/digits" off the end of text; nothing when it does not end so.
std::optional<std::string_view> take_prefix(std::string_view& text) {
  const std::size_t slash = text.rfind('/');
  if (slash == std::string_view::npos || slash + 1 == text.size()) return std::nullopt;
  const std::string_view digits = text.substr(slash + 1);
  if (!std::all_of(digits.begin(), digits.end(), base::is_digit)) return std::nullopt;
  text = text.substr(0, slash);
  return digits;
}

/// dual-cidr-length of §5.3, taken off the end: "/24", "//64" or "/24//64". A slash may also be part of a
/// domain-spec, so what does not look like one is left in place.
Fault take_dual_prefix(std::string_view& text, Directive& directive) {
  std::string_view rest = text;
  auto digits = take_prefix(rest);
  if (digits && rest.ends_with('/')) {
    if (!parse_prefix(*digits, 128, directive.ip6_prefix)) return base::ParseError{rest.size(), "bad IPv6 prefix length"};
    text = rest = rest.substr(0, rest.size() - 1);
    digits = take_prefix(rest);
  }
  if (!digits) return std::nullopt;
  if (!parse_prefix(*digits, 32, directive.ip4_prefix)) return base::ParseError{rest.size(), "bad IPv4 prefix length"};
  text = rest;
  return std::nullopt;
}

/// [":" domain-spec]
Fault read_domain(std::string_view argument, bool is_required, Directive& directive) {
  if (argument.empty()) return is_required ? Fault(base::ParseError{0, "domain missing"}) : std::nullopt;
  if (argument.front() != ':') return base::ParseError{0, "unexpected character after a mechanism"};
  auto spec = parse_domain_spec(argument.substr(1));
  if (!spec) return base::ParseError{spec.error().offset + 1, spec.error().text};
  directive.domain_spec = std::move(*spec);
  return std::nullopt;
}

/// A network of IPv4-mapped addresses holds no client, who would be an IPv4 client (§5), unless it is so
/// short that it also covers others.
std::optional<base::IpNetwork> mapped_network(unsigned prefix) {
  constexpr unsigned mapped_prefix = 96;
  if (prefix >= mapped_prefix) return std::nullopt;
  // ::ffff:0:0 with the last bit of the prefix changed, which is a host bit here: not a mapped address.
  constexpr std::array<std::uint8_t, 16> beside = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe};
  return base::IpNetwork{base::IpAddress::v6(beside), prefix};
}

/// ":" address ["/" prefix]
Fault read_network(std::string_view argument, bool is_ip6, Directive& directive) {
  if (!argument.starts_with(':')) return base::ParseError{0, "address missing"};
  std::string_view text = argument.substr(1);
  const unsigned most = is_ip6 ? 128 : 32;
  unsigned prefix = most;
  if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
    if (!parse_prefix(text.substr(slash + 1), most, prefix)) return base::ParseError{slash + 2, "bad prefix length"};
    text = text.substr(0, slash);
  }
  const auto address = base::IpAddress::parse(text);
  const bool has_colon = text.find(':') != std::string_view::npos;
  if (!address || has_colon != is_ip6) return base::ParseError{1, is_ip6 ? "bad IPv6 address" : "bad IPv4 address"};
  if (is_ip6 && address->is_v4())
    directive.network = mapped_network(prefix);
  else
    directive.network = base::IpNetwork{*address, prefix};
  return std::nullopt;
}

/// What follows the mechanism's name.
Fault read_argument(std::string_view argument, Directive& directive) {
  switch (directive.mechanism) {
    case Mechanism::all:
      return argument.empty() ? std::nullopt : Fault(base::ParseError{0, "all takes no argument"});
    case Mechanism::include:
    case Mechanism::exists:
      return read_domain(argument, true, directive);
    case Mechanism::ptr:
      return read_domain(argument, false, directive);
    case Mechanism::a:
    case Mechanism::mx:
      if (auto fault = take_dual_prefix(argument, directive)) return fault;
      return read_domain(argument, false, directive);
    case Mechanism::ip4:
    case Mechanism::ip6:
      return read_network(argument, directive.mechanism == Mechanism::ip6, directive);
  }
  return std::nullopt;
}

}  // namespace

bool is_modifier(std::string_view term) {
  constexpr std::string_view inner = "-_.";
  if (term.empty() || !base::is_alpha(term.front())) return false;
  const auto end = std::find_if_not(term.begin(), term.end(),
                                    [&](char c) { return base::is_alnum(c) || inner.find(c) != std::string_view::npos; });
  return end != term.end() && *end == '=';
}

base::Result<Directive, base::ParseError> parse_directive(std::string_view term) {
  Directive directive;
  directive.text = term;
  std::string_view rest = term;
  if (const auto qualifier = qualifier_of(rest.empty() ? '\0' : rest.front())) {
    directive.qualifier = *qualifier;
    rest.remove_prefix(1);
  }
  const std::string_view name = rest.substr(0, rest.find_first_of(":/"));
  const auto* found = std::find_if(mechanism_names.begin(), mechanism_names.end(),
                                   [name](const MechanismName& known) { return base::iequals(known.name, name); });
  const std::size_t name_at = term.size() - rest.size();
  if (found == mechanism_names.end()) return base::parse_error(name_at, "unknown mechanism");
  directive.mechanism = found->mechanism;
  rest.remove_prefix(name.size());
  if (const auto fault = read_argument(rest, directive))
    return base::parse_error(term.size() - rest.size() + fault->offset, fault->text);
  return directive;
}

}  // namespace spf
