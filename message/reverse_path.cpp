#include "message/reverse_path.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "message/scanner.hpp"

namespace message {
namespace {

constexpr std::size_t max_octets = 1024;

bool is_local_char(char c) { return is_atext(c) || c == '.'; }

/// "<...>" or neither bracket; nothing for one without the other.
std::optional<std::string_view> without_brackets(std::string_view text) {
  const bool opens = text.starts_with('<'), closes = text.ends_with('>');
  if (opens != closes) return std::nullopt;
  return opens ? text.substr(1, text.size() - 2) : text;
}

/// Drops "@a,@b:" from the front (RFC 5321 appendix C). What only resembles a route stays, and then does not parse.
std::string_view without_route(std::string_view path) {
  if (!path.starts_with('@')) return path;
  const auto end = std::find_if_not(path.begin(), path.end(), [](char c) {
    return base::is_alnum(c) || !base::is_ascii(c) || std::string_view("-_.@,").find(c) != std::string_view::npos;
  });
  if (end == path.end() || *end != ':') return path;
  return path.substr(static_cast<std::size_t>(end - path.begin()) + 1);
}

/// The local part, dots wherever the sender put them: mail in use has "a..b" and "a.".
bool read_local_part(Scanner& scanner, std::string& out) {
  if (scanner.sees('"')) return scanner.read_quoted_string(out);
  out = scanner.take_while(is_local_char);
  return true;
}

bool is_address_literal(std::string_view text) {
  return text.size() > 2 && text.starts_with('[') && text.ends_with(']') &&
         std::all_of(text.begin() + 1, text.end() - 1,
                     [](char c) { return base::is_visible(c) && c != '[' && c != ']' && c != '\\'; });
}

/// Fills in local part and domain; false if the mailbox is not one.
bool read_mailbox(std::string_view mailbox, ReversePath& path) {
  Scanner scanner(mailbox);
  if (!read_local_part(scanner, path.local_part) || !base::is_utf8(path.local_part)) return false;
  if (scanner.at_end()) return true;  // a local user
  if (!scanner.take('@')) return false;
  const std::string_view domain = mailbox.substr(scanner.position());
  if (is_address_literal(domain)) return true;
  auto parsed = base::Domain::parse(domain);
  if (!parsed) return false;
  path.domain = std::move(*parsed);
  return true;
}

}  // namespace

ReversePath parse_reverse_path(std::string_view argument) {
  ReversePath path;
  const auto inner = without_brackets(base::trim(argument));
  const std::string_view mailbox = without_route(inner.value_or(argument));
  path.text = mailbox.substr(0, max_octets);
  if (inner && mailbox.empty() && inner->empty()) {
    path.is_null = true;
  } else if (!inner || argument.size() > max_octets || mailbox.empty() ||
             std::any_of(mailbox.begin(), mailbox.end(), is_control) || !read_mailbox(mailbox, path)) {
    path.is_unparsable = true;
    path.local_part.clear();
  }
  return path;
}

}  // namespace message
