// The From field: whoever is found to be the author is found again in other spellings of the same list, and nothing
// but a domain comes out as one. RFC 5322 §3.4, RFC 9989 §4.5.
#include <algorithm>
#include <string>

#include "base/text.hpp"
#include "message/author.hpp"
#include "tests/fuzz/property.hpp"

namespace {

using fuzz::require;
using message::Author;
using message::AuthorStatus;

constexpr std::size_t max_fault_octets = 200;

void check_domain(const base::Domain& domain) {
  const std::string& text = domain.text();
  const auto is_ours = [](char c) { return (base::is_alnum(c) && !base::is_upper(c)) || c == '-' || c == '_' || c == '.'; };
  require(!text.empty() && text.size() <= base::Domain::max_octets, "an Author Domain is as long as a name can be");
  require(std::all_of(text.begin(), text.end(), is_ours), "an Author Domain is made of letters, digits, - _ and dots");
  require(text.front() != '.' && text.back() != '.' && text.find("..") == std::string::npos,
          "an Author Domain has no empty label");
}

void check_shape(const Author& author, std::string_view value) {
  require((author.status == AuthorStatus::ok) == !author.addresses.empty(), "addresses are there when ok, and only then");
  require((author.status == AuthorStatus::ok) == author.fault.empty(), "a fault is there when not ok, and only then");
  const auto is_plain = [](char c) { return c == ' ' || base::is_visible(c); };
  require(author.fault.size() <= max_fault_octets && std::all_of(author.fault.begin(), author.fault.end(), is_plain),
          "a fault is one short line of visible text");
  require(author.addresses.size() <= Author::max_addresses && author.domains.size() <= Author::max_domains, "the limits hold");
  require(static_cast<std::size_t>(std::count(value.begin(), value.end(), '@')) >= author.addresses.size(),
          "every address has an @ of its own");
  for (const auto& domain : author.domains) check_domain(domain);
  for (const auto& address : author.addresses)
    require(std::count(author.domains.begin(), author.domains.end(), address.domain) == 1,
            "the domain of every address is listed once");
}

std::string quoted(std::string_view local_part) {
  std::string out = "\"";
  for (const char c : local_part) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string format_plainly(const Author& author) {
  std::string out;
  for (const auto& address : author.addresses) {
    if (!out.empty()) out += ", ";
    out += "=?us-ascii?q?Name?= <" + quoted(address.local_part) + "@" + address.domain.text() + ">";
  }
  return out;
}

/// CRLF as LF, the way libmilter gives folds.
std::string with_bare_folds(std::string_view value) {
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i)
    if (value.substr(i, 2) != "\r\n") out += value[i];
  return out;
}

Author author_by_field(std::string_view name, std::string_view value) {
  message::HeaderBlock header;
  header.add("To", " <other@victim.example>");
  header.add(name, value);
  return message::find_author(header);
}

void check_spellings(const Author& author, std::string_view value) {
  const auto same = [&](const Author& other) {
    return other.status == author.status && other.addresses == author.addresses && other.domains == author.domains;
  };
  if (author.status == AuthorStatus::ok) {
    require(same(message::parse_author(format_plainly(author))), "the authors, written plainly, are the same authors");
    require(same(message::parse_author(std::string(value) + " (a comment, <x@y.example>)")),
            "a comment behind the list changes no author");
    require(same(message::parse_author(" (a, b@c.example) " + std::string(value))),
            "a comment before the list changes no author");
  }
  if (value.find("\r\r") != std::string_view::npos) return;  // where a CR less would make another fold
  require(same(message::parse_author(with_bare_folds(value))), "folds by LF and by CRLF mean the same");
}

void check(std::string_view value) {
  const Author author = message::parse_author(value);
  check_shape(author, value);
  check_spellings(author, value);
  if (value.size() > message::HeaderBlock::default_max_octets / 2) return;
  const Author by_field = author_by_field("From", value);
  for (const std::string_view name : {"FROM", "from", "From ", "fRoM\t"}) {
    const Author other = author_by_field(name, value);
    require(other.status == by_field.status && other.addresses == by_field.addresses,
            "the case of the field's name and blanks behind it change no author");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  check(fuzz::as_text(octets, size));
  return 0;
}
