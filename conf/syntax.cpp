#include "conf/syntax.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/domain.hpp"
#include "base/ip_address.hpp"
#include "base/text.hpp"
#include "conf/settings.hpp"

namespace conf {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t max_socket_path_octets = 107;  // sun_path less its final NUL
constexpr std::size_t max_group_octets = 32;
constexpr std::size_t max_field_name_octets = 64;
constexpr std::size_t max_authserv_id_octets = 255;
constexpr std::size_t max_reject_text_octets = 200;
constexpr std::size_t max_local_part_octets = 64;  // RFC 5321 §4.5.3.1.1
constexpr std::size_t max_macro_octets = 64;
constexpr std::size_t max_credential_octets = 255;  // NAME_MAX
constexpr std::size_t max_path_octets = 4095;       // PATH_MAX less its final NUL
constexpr std::uint64_t max_port = 65535;
constexpr std::uint64_t max_duration_number = 1'000'000'000;  // of any unit: far above every bound, far below overflow

struct DurationUnit {
  std::string_view name;
  milliseconds length;
};

constexpr std::chrono::minutes min_in_minutes{5};  // less is written as seconds: "60s", as people write limits

constexpr std::array<DurationUnit, 5> duration_units = {{
    {"d", std::chrono::hours{24}},
    {"h", std::chrono::hours{1}},
    {"m", std::chrono::minutes{1}},
    {"s", std::chrono::seconds{1}},
    {"ms", milliseconds{1}},
}};

template <class Predicate>
bool is_made_of(std::string_view text, std::size_t most, Predicate predicate) {
  return !text.empty() && text.size() <= most && std::all_of(text.begin(), text.end(), predicate);
}

bool is_port(std::string_view text) {
  std::uint64_t port = 0;
  return base::parse_number(text, max_port, port) && port != 0;
}

bool is_address(std::string_view text, bool v4) {
  const auto address = base::IpAddress::parse(text);
  return address && address->is_v4() == v4;
}

/// A name that is all digits and dots is a mistyped address, not a host.
bool is_host_name(std::string_view text) {
  const bool has_letter = std::any_of(text.begin(), text.end(), [](char c) { return base::is_alpha(c); });
  return has_letter && base::is_ascii(text) && base::Domain::parse(text).has_value();
}

bool is_inet_socket(std::string_view text, bool v4) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos || !is_port(text.substr(0, at))) return false;
  const std::string_view host = text.substr(at + 1);
  if (is_address(host, v4) || is_host_name(host)) return true;
  return !v4 && host.size() > 2 && host.front() == '[' && host.back() == ']' && is_address(host.substr(1, host.size() - 2), v4);
}

bool is_tspecial(char c) { return std::string_view("()<>@,;:\\\"/[]?=").find(c) != std::string_view::npos; }

bool is_atext(char c) { return base::is_alnum(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos; }

bool is_control(char c) { return (c >= 0 && c < ' ') || c == 0x7f; }

}  // namespace

std::string printable_words(std::string_view text, std::size_t most) {
  std::string out;
  for (const auto word : base::split(text.substr(0, most), ' ')) out += base::printable(word, most) + ' ';
  out.pop_back();
  return text.size() > most ? out + "..." : out;
}

std::string quote_toml(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out += fmt::format("\\{}", c);
    else if (is_control(c))
      out += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    else
      out += c;
  }
  return out + '"';
}

std::optional<milliseconds> read_duration(std::string_view text) {
  const auto letter = std::find_if_not(text.begin(), text.end(), [](char c) { return base::is_digit(c); });
  const auto digits = static_cast<std::size_t>(letter - text.begin());
  std::uint64_t number = 0;
  if (!base::parse_number(text.substr(0, digits), max_duration_number, number)) return std::nullopt;
  for (const auto& unit : duration_units)
    if (unit.name == text.substr(digits)) return unit.length * static_cast<std::int64_t>(number);
  return std::nullopt;
}

std::string format_duration(milliseconds duration) {
  if (duration.count() == 0) return "0s";
  const auto suits = [&](const DurationUnit& unit) {
    const bool is_clearer_in_seconds = unit.name == "m" && duration < min_in_minutes;
    return duration % unit.length == milliseconds{0} && !is_clearer_in_seconds;
  };
  const auto* unit = std::find_if(duration_units.begin(), duration_units.end(), suits);
  return fmt::format("{}{}", duration / unit->length, unit->name);
}

std::optional<std::uint32_t> read_file_mode(std::string_view text) {
  if (text.size() == 4 && text.front() == '0') text.remove_prefix(1);
  if (text.size() != 3) return std::nullopt;
  std::uint32_t mode = 0;
  for (const char c : text) {
    if (c < '0' || c > '7') return std::nullopt;
    mode = mode * 8 + static_cast<std::uint32_t>(c - '0');
  }
  return mode;
}

bool is_socket(std::string_view text) {
  if (text == passed_socket) return true;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view kind = text.substr(0, colon);
  const std::string_view rest = text.substr(colon + 1);
  if (kind == "inet" || kind == "inet6") return is_inet_socket(rest, kind == "inet");
  if (kind != "unix" && kind != "local") return false;
  return is_socket_path(rest);
}

bool is_dns_server(std::string_view text) {
  if (base::IpAddress::parse(text)) return true;
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || !is_port(text.substr(colon + 1))) return false;
  const std::string_view address = text.substr(0, colon);
  if (is_address(address, true) && address.find(':') == std::string_view::npos) return true;
  return address.size() > 2 && address.front() == '[' && address.back() == ']' &&
         is_address(address.substr(1, address.size() - 2), false);
}

bool is_account_name(std::string_view text) {
  return is_made_of(text, max_group_octets, [](char c) { return base::is_alnum(c) || c == '_' || c == '-' || c == '.'; });
}

bool is_field_name(std::string_view text) {
  return is_made_of(text, max_field_name_octets, [](char c) { return base::is_visible(c) && c != ':'; }) &&
         base::is_alpha(text.front());
}

bool is_signable_field_name(std::string_view text) {
  constexpr std::array<std::string_view, 5> changing = {"received", "return-path", "authentication-results", "dkim-signature",
                                                        "bcc"};
  const bool is_changing =
      std::any_of(changing.begin(), changing.end(), [&](std::string_view name) { return base::iequals(name, text); });
  return is_field_name(text) && text.find(';') == std::string_view::npos && !is_changing;
}

std::optional<std::string> read_authserv_id(std::string_view text) {
  if (!base::is_ascii(text)) return read_domain(text);
  if (!is_made_of(text, max_authserv_id_octets, [](char c) { return base::is_visible(c) && !is_tspecial(c); }))
    return std::nullopt;
  if (text.find_first_not_of('.') == std::string_view::npos) return std::nullopt;  // names nobody: nothing could be ours
  return std::string(text);
}

bool is_reject_text(std::string_view text) {
  if (text.size() > max_reject_text_octets) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!base::is_visible(text[i]) && text[i] != ' ') return false;
    if (text[i] != '%') continue;
    if (++i == text.size() || (text[i] != 'd' && text[i] != 'p' && text[i] != '%')) return false;
  }
  return true;
}

bool is_local_part(std::string_view text) {
  if (text.size() > max_local_part_octets) return false;
  const auto atoms = base::split(text, '.');
  return std::all_of(atoms.begin(), atoms.end(),
                     [](std::string_view a) { return is_made_of(a, max_local_part_octets, is_atext); });
}

bool is_macro_value(std::string_view text) { return is_made_of(text, max_macro_octets, base::is_visible); }

std::optional<std::string> read_domain(std::string_view text) {
  const auto domain = base::Domain::parse(text);
  return domain ? std::optional(domain->text()) : std::nullopt;
}

std::optional<std::string> read_from_pattern(std::string_view text) {
  if (text == "*") return std::string(text);
  const std::size_t at = text.rfind('@');
  if (at == 0 || (at != std::string_view::npos && at > max_local_part_octets)) return std::nullopt;
  const std::size_t start = at != std::string_view::npos ? at + 1 : text.starts_with("*.") ? 2 : 0;
  const auto domain = read_domain(text.substr(start));
  const auto is_bad = [](char c) { return c == ' ' || is_control(c); };
  if (!domain || std::any_of(text.begin(), text.end(), is_bad)) return std::nullopt;
  return std::string(text.substr(0, start)) + *domain;
}

bool is_selector(std::string_view text) {
  return base::is_ascii(text) && !text.ends_with('.') && base::Domain::parse(text).has_value();
}

bool is_path(std::string_view text) {
  return is_made_of(text, max_path_octets, [](char c) { return !is_control(c); });
}

/// A name is that of a file, so that it cannot lead out of the folder of credentials.
bool is_key_place(std::string_view text) {
  if (!text.starts_with(credential_prefix)) return is_path(text);
  const std::string_view name = text.substr(credential_prefix.size());
  const auto fits = [](char c) { return base::is_visible(c) && c != '/' && c != ':'; };
  return is_made_of(name, max_credential_octets, fits) && name != "." && name != "..";
}

bool is_socket_path(std::string_view text) {
  return text.size() > 1 && text.front() == '/' && text.back() != '/' && text.size() <= max_socket_path_octets && is_path(text);
}

bool is_local_endpoint(std::string_view text) {
  constexpr std::string_view unix_prefix = "unix:";
  if (text.starts_with(unix_prefix)) return is_socket_path(text.substr(unix_prefix.size()));
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || !is_port(text.substr(colon + 1))) return false;
  std::string_view host = text.substr(0, colon);
  const bool is_bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (is_bracketed) host = host.substr(1, host.size() - 2);
  const auto address = base::IpAddress::parse(host);
  return address && address->is_v4() != is_bracketed && address->is_loopback();
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the usual table: the one being made and the two above it (an exchange looks back two).
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before = std::exchange(above, std::exchange(row, std::vector<std::size_t>(b.size() + 1)));
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace conf
