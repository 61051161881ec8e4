#include "message/address_list.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "message/scanner.hpp"

namespace message {
namespace {

using base::Domain;

/// What stands before "<", ":" or "@": a display name, a group name or a local part, not yet known which.
struct Words {
  std::string text;            // words and dots with quotes and CFWS removed: the local part, if it is one
  std::size_t count = 0;       // of words
  bool is_local_part = false;  // word *("." word), so far
  bool after_dot = false;
};

/// RFC 2047 §5: an encoded word is never part of an address; a reader that decodes it first sees another one.
bool has_encoded_word(std::string_view text) {
  const std::size_t start = text.find("=?");
  return start != std::string_view::npos && text.find("?=", start + 2) != std::string_view::npos;
}

/// A full stop or what UTS #46 makes one (U+3002, U+FF0E, U+FF61).
bool has_dot(std::string_view text) {
  constexpr std::array<std::string_view, 4> dots = {".", "\xE3\x80\x82", "\xEF\xBC\x8E", "\xEF\xBD\xA1"};
  return std::any_of(dots.begin(), dots.end(), [&](auto dot) { return text.find(dot) != std::string_view::npos; });
}

/// No label begins or ends with a hyphen (RFC 5321 §4.1.2), and nothing follows the last one. Domain is wider,
/// for names that are only looked up.
bool is_mail_name(std::string_view ascii) {
  for (const std::string_view label : base::split(ascii, '.'))
    if (label.empty() || label.front() == '-' || label.back() == '-') return false;
  return true;
}

std::optional<Domain> make_domain(std::string_view text) {
  if (text.size() > 4 * Domain::max_octets) return std::nullopt;
  std::string ascii(text);
  if (!base::is_ascii(text)) {
    auto converted = base::to_a_labels(text);
    if (!converted) return std::nullopt;
    ascii = std::move(*converted);
  }
  auto domain = Domain::parse(ascii);
  if (!domain || !is_mail_name(ascii)) return std::nullopt;
  return std::move(*domain);
}

class Parser {
 public:
  explicit Parser(std::string_view value) : scanner_(value) {}

  base::Result<std::vector<Address>, base::ParseError> run() {
    if (!parse_list()) return tl::unexpected<base::ParseError>(*scanner_.fault());
    return std::move(addresses_);
  }

 private:
  bool parse_list();
  bool parse_element();
  bool open_group(const Words& name);
  bool close_group();
  bool read_words(Words& words);
  bool read_word(Words& words);
  bool read_bracketed(Words& words);
  bool parse_addr_spec_or_name(Words& words, bool& done);
  bool parse_angle_addr();
  bool skip_route();
  bool read_domain(std::string& text);
  bool add(const Words& local_part, const std::string& domain, std::size_t domain_position);

  [[nodiscard]] bool at_delimiter() const { return scanner_.at_end() || scanner_.sees(',') || scanner_.sees(';'); }
  [[nodiscard]] bool is_full() const { return addresses_.size() > Author::max_addresses; }

  Scanner scanner_;
  std::vector<Address> addresses_;
  bool in_group_ = false;
};

/// Elements, empty ones too (obs-addr-list), between commas. A group opens and closes as the list goes on.
bool Parser::parse_list() {
  bool wants_comma = false;
  for (;;) {
    if (!scanner_.skip_cfws()) return false;
    if (scanner_.at_end()) return !in_group_ || scanner_.fail("group not closed");
    if (scanner_.take(',')) {
      wants_comma = false;
    } else if (scanner_.sees(';')) {
      if (!close_group()) return false;
      wants_comma = true;
    } else if (wants_comma) {
      return scanner_.fail("no comma between addresses");
    } else {
      const bool was_in_group = in_group_;
      if (!parse_element()) return false;
      if (is_full()) return true;
      wants_comma = in_group_ == was_in_group;  // none after the colon that opens a group
    }
  }
}

bool Parser::open_group(const Words& name) {
  if (in_group_) return scanner_.fail("group inside a group");
  if (name.count == 0) return scanner_.fail("group without a name");
  scanner_.take(':');
  in_group_ = true;
  return true;
}

bool Parser::close_group() {
  if (!in_group_) return scanner_.fail("semicolon outside a group");
  scanner_.take(';');
  in_group_ = false;
  return true;
}

/// A mailbox, or the name of a group up to its colon.
bool Parser::parse_element() {
  Words words;
  if (!read_words(words)) return false;
  bool has_at = false;
  while (scanner_.sees('@')) {
    has_at = true;
    bool done = false;
    if (!parse_addr_spec_or_name(words, done)) return false;
    if (done) return true;
  }
  if (scanner_.sees('<')) return parse_angle_addr();
  if (scanner_.sees(':') && !has_at) return open_group(words);
  return scanner_.fail(at_delimiter() ? "no address" : "character not allowed here");
}

/// At "@". The domain of an address if a delimiter follows, else part of a display name; that is fine while
/// nobody can find a domain of two labels in it.
bool Parser::parse_addr_spec_or_name(Words& words, bool& done) {
  const std::size_t position = scanner_.position();
  scanner_.take('@');
  std::string domain;
  if (!read_domain(domain)) return false;
  done = at_delimiter();
  if (done) return add(words, domain, position);
  if (has_dot(domain)) return scanner_.fail("address in a display name");
  words.is_local_part = false;
  return read_words(words);
}

bool Parser::read_words(Words& words) {
  for (;;) {
    if (!scanner_.skip_cfws()) return false;
    const char c = scanner_.peek();
    if (scanner_.at_end() || std::string_view("<>:;@,").find(c) != std::string_view::npos) return true;
    if (scanner_.take('.')) {
      words.is_local_part = words.is_local_part && !words.after_dot;
      words.after_dot = true;
      words.text += '.';
    } else if (!(c == '[' ? read_bracketed(words) : read_word(words))) {
      return false;
    }
  }
}

bool Parser::read_word(Words& words) {
  words.is_local_part = words.count == 0 ? !words.after_dot : words.is_local_part && words.after_dot;
  words.after_dot = false;
  ++words.count;
  if (scanner_.sees('"')) return scanner_.read_quoted_string(words.text);
  const std::string_view atom = scanner_.take_while(is_atext);
  words.text += atom;
  return !atom.empty() || scanner_.fail("character not allowed here");
}

/// "[JIRA] " and the like. Only plain text inside: a reader that takes it for a domain literal must see the same end.
bool Parser::read_bracketed(Words& words) {
  scanner_.take('[');
  scanner_.take_while([](char c) { return is_atext(c) || base::is_wsp(c) || c == '.'; });
  ++words.count;
  words.is_local_part = false;
  return scanner_.take(']') || scanner_.fail("character not allowed in brackets");
}

bool Parser::parse_angle_addr() {
  scanner_.take('<');
  if (!scanner_.skip_cfws()) return false;
  if (scanner_.sees('@') && !skip_route()) return false;
  Words local_part;
  if (!read_words(local_part)) return false;
  const std::size_t position = scanner_.position();
  std::string domain;
  if (!scanner_.take('@')) return scanner_.fail("no @ in an address");
  if (!read_domain(domain)) return false;
  if (!scanner_.take('>')) return scanner_.fail("angle bracket not closed");
  if (!scanner_.skip_cfws()) return false;
  if (!at_delimiter()) return scanner_.fail("text after an address");
  return add(local_part, domain, position);
}

/// obs-route (RFC 5322 §4.4): "@a,@b:" before the address; empty elements are part of it.
bool Parser::skip_route() {
  while (!scanner_.take(':')) {
    if (!scanner_.skip_cfws()) return false;
    if (scanner_.take(',')) continue;
    std::string domain;
    if (!scanner_.take('@')) return scanner_.fail("not a source route");
    if (!read_domain(domain)) return false;
    if (!make_domain(domain)) return scanner_.fail("not a domain in a source route");
    if (!scanner_.sees(',') && !scanner_.sees(':')) return scanner_.fail("not a source route");
  }
  return true;
}

/// After "@": atoms and dots with CFWS between (obs-domain), and the CFWS behind. May be empty.
bool Parser::read_domain(std::string& text) {
  bool after_dot = true;
  for (;;) {
    if (!scanner_.skip_cfws()) return false;
    if (scanner_.sees('[')) return scanner_.fail("address literal");
    if (scanner_.sees('.')) {
      if (after_dot) return scanner_.fail("empty label");
      scanner_.take('.');
      text += '.';
      after_dot = true;
      continue;
    }
    const std::string_view atom = after_dot ? scanner_.take_while(is_atext) : std::string_view{};
    if (atom.empty()) return !text.ends_with('.') || scanner_.fail("empty label");
    text += atom;
    after_dot = false;
  }
}

bool Parser::add(const Words& local_part, const std::string& domain, std::size_t domain_position) {
  if (!local_part.is_local_part || local_part.after_dot) return scanner_.fail("not a local part");
  if (!base::is_utf8(local_part.text)) return scanner_.fail("local part is not UTF-8");
  if (has_encoded_word(local_part.text)) return scanner_.fail("encoded word in an address");
  auto name = make_domain(domain);
  if (!name) return scanner_.fail_at(domain_position, "not a domain");
  addresses_.push_back(Address{local_part.text, std::move(*name)});
  return true;
}

}  // namespace

base::Result<std::vector<Address>, base::ParseError> parse_address_list(std::string_view value) { return Parser(value).run(); }

}  // namespace message
