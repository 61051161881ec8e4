#include "dns/zone_file.hpp"

#include <fmt/format.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <vector>

#include "base/text.hpp"

namespace dns {
namespace {

constexpr std::size_t max_string = 255;        // RFC 1035 §3.3
constexpr std::size_t max_data = 65535;        // of one record
constexpr std::uint64_t max_ttl = 0x7fffffff;  // RFC 2181 §8
constexpr std::uint64_t max_preference = 65535;
constexpr std::chrono::seconds default_ttl{300};
constexpr std::size_t soa_fields = 7;

constexpr std::array types = {Type::a, Type::aaaa, Type::mx, Type::txt, Type::cname, Type::ptr, Type::ns};

std::optional<Type> find_type(std::string_view text) {
  for (const Type type : types)
    if (base::iequals(text, to_text(type))) return type;
  return std::nullopt;
}

struct Token {
  std::string_view raw;  // escapes still in it, quotes off
  bool is_quoted = false;
  std::size_t line = 1, column = 1;
};

/// One line, or several joined by parentheses.
struct Entry {
  bool has_owner = false;  // does not start with white space
  std::vector<Token> tokens;
  Token end;  // where it ends, for what is missing
};

/// Cuts the text into entries of tokens. The first error ends it.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  /// Nothing at the end of the text, or at an error.
  [[nodiscard]] std::optional<Entry> next();
  [[nodiscard]] const std::optional<ZoneError>& error() const { return error_; }

 private:
  [[nodiscard]] bool is_at_end() const { return at_ == text_.size(); }
  [[nodiscard]] Token here() const { return {{}, false, line_, at_ - line_start_ + 1}; }
  void fail(const Token& where, std::string_view text) { error_ = ZoneError{where.line, where.column, text}; }
  void skip_octet();
  void skip_comment();
  void end_line();
  void read_quoted(Entry& entry);
  void read_plain(Entry& entry);
  void read_parenthesis();

  std::string_view text_;
  std::size_t at_ = 0, line_ = 1, line_start_ = 0;
  bool is_inside_parentheses_ = false;
  std::optional<ZoneError> error_;
};

std::optional<Entry> Lexer::next() {
  Entry entry;
  entry.has_owner = !is_at_end() && !base::is_fws(text_[at_]);
  while (!is_at_end() && !error_) {
    const char c = text_[at_];
    if (c == '\n') {
      entry.end = here();
      end_line();
      if (!is_inside_parentheses_) return entry;
    } else if (base::is_fws(c)) {
      ++at_;
    } else if (c == ';') {
      skip_comment();
    } else if (c == '(' || c == ')') {
      read_parenthesis();
    } else if (c == '"') {
      read_quoted(entry);
    } else {
      read_plain(entry);
    }
  }
  entry.end = here();
  if (!error_ && is_inside_parentheses_) fail(entry.end, "a parenthesis is not closed");
  if (error_ || entry.tokens.empty()) return std::nullopt;
  return entry;
}

/// One octet, with the one that it escapes; that is not a line's end.
void Lexer::skip_octet() {
  const bool escapes = text_[at_] == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] != '\n';
  at_ += escapes ? 2U : 1U;
}

void Lexer::skip_comment() {
  while (!is_at_end() && text_[at_] != '\n') ++at_;
}

void Lexer::end_line() {
  ++at_;
  ++line_;
  line_start_ = at_;
}

void Lexer::read_parenthesis() {
  const bool opens = text_[at_] == '(';
  if (opens == is_inside_parentheses_) return fail(here(), opens ? "a parenthesis inside another" : "a parenthesis too many");
  is_inside_parentheses_ = opens;
  ++at_;
}

void Lexer::read_quoted(Entry& entry) {
  Token token = here();
  token.is_quoted = true;
  const std::size_t start = ++at_;
  while (!is_at_end() && text_[at_] != '"' && text_[at_] != '\n') skip_octet();
  if (is_at_end() || text_[at_] == '\n') return fail(token, "a string is not closed on its line");
  token.raw = text_.substr(start, at_++ - start);
  entry.tokens.push_back(token);
}

void Lexer::read_plain(Entry& entry) {
  constexpr std::string_view ends = " \t\r\n;()\"";
  Token token = here();
  const std::size_t start = at_;
  while (!is_at_end() && ends.find(text_[at_]) == std::string_view::npos) skip_octet();
  token.raw = text_.substr(start, at_ - start);
  entry.tokens.push_back(token);
}

/// Takes the first octet off raw, escaped or not; `was_escaped` tells which. Nothing: a wrong escape.
std::optional<char> take_octet(std::string_view& raw, bool& was_escaped) {
  was_escaped = raw.front() == '\\';
  raw.remove_prefix(was_escaped ? 1 : 0);
  if (raw.empty()) return std::nullopt;
  const char first = raw.front();
  if (!was_escaped || !base::is_digit(first)) {
    raw.remove_prefix(1);
    return first;
  }
  std::uint64_t octet = 0;
  if (raw.size() < 3 || !base::parse_number(raw.substr(0, 3), 255, octet)) return std::nullopt;
  raw.remove_prefix(3);
  return static_cast<char>(octet);
}

std::optional<std::string> unescape(std::string_view raw) {
  std::string text;
  while (!raw.empty()) {
    bool was_escaped = false;
    const auto octet = take_octet(raw, was_escaped);
    if (!octet) return std::nullopt;
    text += *octet;
  }
  return text;
}

/// A name in dns::Question spelling, the root empty. Nothing: not a name, or one that cannot be spelled.
std::optional<std::string> read_name(const Token& token, const std::string& origin) {
  if (token.is_quoted || token.raw.empty()) return std::nullopt;
  if (token.raw == "@") return origin;
  if (token.raw == ".") return std::string();
  std::string name;
  bool was_escaped = false;
  for (std::string_view raw = token.raw; !raw.empty();) {
    const auto octet = take_octet(raw, was_escaped);
    if (!octet || (was_escaped && *octet == '.')) return std::nullopt;
    name += base::to_lower(*octet);
  }
  if (!was_escaped && name.ends_with('.'))
    name.pop_back();
  else if (!origin.empty())
    name += "." + origin;
  if (!is_sendable_name(name)) return std::nullopt;
  return name;
}

/// Makes a zone of the entries. What returns bool returns false after fail().
class Parser {
 public:
  explicit Parser(std::string_view text) : lexer_(text) {}
  [[nodiscard]] base::Result<Zone, ZoneError> parse();

 private:
  using Tokens = std::vector<Token>;

  [[nodiscard]] bool read(const Entry& entry);
  [[nodiscard]] bool read_origin(const Tokens& tokens);
  [[nodiscard]] bool read_default_ttl(const Tokens& tokens);
  [[nodiscard]] bool read_failure(const Tokens& tokens);
  [[nodiscard]] bool read_record(const Entry& entry);
  void skip_ttl_and_class(const Entry& entry, std::size_t& at, std::chrono::seconds& ttl);
  [[nodiscard]] bool read_data(Type type, const Entry& entry, std::size_t at, Answer& record);
  [[nodiscard]] bool read_texts(const Entry& entry, std::size_t at, Answer& record);
  [[nodiscard]] bool read_one(Type type, const Token& token, Answer& record);
  [[nodiscard]] bool fail(const Token& where, std::string_view text) {
    error_ = ZoneError{where.line, where.column, text};
    return false;
  }

  Lexer lexer_;
  Zone zone_;
  ZoneError error_;
  std::string origin_;
  std::optional<std::string> owner_;
  std::optional<std::chrono::seconds> default_ttl_, last_ttl_;
};

base::Result<Zone, ZoneError> Parser::parse() {
  while (const auto entry = lexer_.next())
    if (!entry->tokens.empty() && !read(*entry)) return tl::unexpected<ZoneError>(error_);
  if (lexer_.error()) return tl::unexpected<ZoneError>(*lexer_.error());
  return std::move(zone_);
}

bool Parser::read(const Entry& entry) {
  const Token& first = entry.tokens.front();
  if (!entry.has_owner || first.is_quoted || !first.raw.starts_with('$')) return read_record(entry);
  if (base::iequals(first.raw, "$ORIGIN")) return read_origin(entry.tokens);
  if (base::iequals(first.raw, "$TTL")) return read_default_ttl(entry.tokens);
  if (base::iequals(first.raw, "$FAIL")) return read_failure(entry.tokens);
  return fail(first, "not $ORIGIN, $TTL or $FAIL");
}

bool Parser::read_origin(const Tokens& tokens) {
  const auto name = tokens.size() == 2 ? read_name(tokens[1], origin_) : std::nullopt;
  if (!name) return fail(tokens.back(), "$ORIGIN takes one name");
  origin_ = *name;
  return true;
}

bool Parser::read_default_ttl(const Tokens& tokens) {
  std::uint64_t ttl = 0;
  if (tokens.size() != 2 || !base::parse_number(tokens[1].raw, max_ttl, ttl))
    return fail(tokens.back(), "$TTL takes a number of seconds");
  default_ttl_ = std::chrono::seconds{ttl};
  return true;
}

bool Parser::read_failure(const Tokens& tokens) {
  if (tokens.size() != 4) return fail(tokens.back(), "$FAIL takes a name, a type, and timeout or servfail");
  const auto name = read_name(tokens[1], origin_);
  const auto type = find_type(tokens[2].raw);
  const bool is_timeout = base::iequals(tokens[3].raw, "timeout");
  if (!name) return fail(tokens[1], "not a name");
  if (!type && !base::iequals(tokens[2].raw, "ANY")) return fail(tokens[2], "not a known type, nor ANY");
  if (!is_timeout && !base::iequals(tokens[3].raw, "servfail")) return fail(tokens[3], "neither timeout nor servfail");
  const Status status = is_timeout ? Status::timeout : Status::server_failure;
  if (type)
    zone_.fail(Question{*name, *type}, status);
  else
    zone_.fail_rest(*name, status);
  return true;
}

bool Parser::read_record(const Entry& entry) {
  std::size_t at = 0;
  if (entry.has_owner) owner_ = read_name(entry.tokens[at++], origin_);
  if (!owner_) return fail(entry.tokens.front(), entry.has_owner ? "not a name" : "no name before this to continue with");
  std::chrono::seconds ttl = default_ttl_.value_or(last_ttl_.value_or(default_ttl));
  skip_ttl_and_class(entry, at, ttl);
  if (at == entry.tokens.size()) return fail(entry.end, "a record type is missing");
  const Token& type_token = entry.tokens[at++];
  if (base::iequals(type_token.raw, "SOA")) {
    zone_.add_name(*owner_);
    return entry.tokens.size() - at == soa_fields || fail(type_token, "SOA takes seven fields");
  }
  const auto type = find_type(type_token.raw);
  if (!type || type_token.is_quoted) return fail(type_token, "not a known record type");
  Answer record;
  record.ttl = ttl;
  if (!read_data(*type, entry, at, record)) return false;
  return zone_.add({*owner_, *type}, record) ||
         fail(type_token, "a CNAME beside other records, or more than 256 records of one type");
}

/// RFC 1035 §5.1: each at most once, in either order.
void Parser::skip_ttl_and_class(const Entry& entry, std::size_t& at, std::chrono::seconds& ttl) {
  bool has_ttl = false, has_class = false;
  for (; at < entry.tokens.size(); ++at) {
    const Token& token = entry.tokens[at];
    std::uint64_t seconds = 0;
    if (!has_ttl && base::parse_number(token.raw, max_ttl, seconds)) {
      has_ttl = true;
      last_ttl_ = ttl = std::chrono::seconds{seconds};
    } else if (!has_class && base::iequals(token.raw, "IN")) {
      has_class = true;
    } else {
      return;
    }
  }
}

bool Parser::read_data(Type type, const Entry& entry, std::size_t at, Answer& record) {
  const std::size_t count = entry.tokens.size() - at;
  if (count == 0) return fail(entry.end, "record data is missing");
  if (type == Type::txt) return read_texts(entry, at, record);
  const std::size_t wanted = type == Type::mx ? 2 : 1;
  if (count < wanted) return fail(entry.end, "record data is missing");
  if (count > wanted) return fail(entry.tokens[at + wanted], "more data than the record type takes");
  std::uint64_t preference = 0;
  if (type == Type::mx && !base::parse_number(entry.tokens[at].raw, max_preference, preference))
    return fail(entry.tokens[at], "not a preference");
  if (!read_one(type, entry.tokens.back(), record)) return false;
  if (type == Type::mx) record.exchanges.front().preference = static_cast<std::uint16_t>(preference);
  return true;
}

bool Parser::read_texts(const Entry& entry, std::size_t at, Answer& record) {
  std::string joined;
  for (; at < entry.tokens.size(); ++at) {
    const auto string = unescape(entry.tokens[at].raw);
    if (!string) return fail(entry.tokens[at], "a wrong escape");
    if (string->size() > max_string) return fail(entry.tokens[at], "a string longer than 255 octets");
    joined += *string;
    if (joined.size() > max_data) return fail(entry.tokens[at], "record data longer than 65535 octets");
  }
  record.texts.push_back(std::move(joined));
  return true;
}

/// The one address or name that is, or ends, the data.
bool Parser::read_one(Type type, const Token& token, Answer& record) {
  if (type == Type::a || type == Type::aaaa) {
    const auto address = base::IpAddress::parse(token.raw);
    const bool is_v4_text = token.raw.find(':') == std::string_view::npos;  // ::ffff:192.0.2.1 becomes IPv4
    if (!address || is_v4_text != (type == Type::a)) return fail(token, "not an address of the type");
    record.addresses.push_back(*address);
    return true;
  }
  auto name = read_name(token, origin_);
  if (!name || (name->empty() && type != Type::mx)) return fail(token, "not a name");
  if (type == Type::mx)
    record.exchanges.push_back({0, std::move(*name)});
  else
    record.names.push_back(std::move(*name));
  return true;
}

}  // namespace

base::Result<Zone, ZoneError> parse_zone(std::string_view text) {
  if (text.size() > max_zone_octets) return tl::unexpected<ZoneError>(ZoneError{1, 1, "a zone larger than 16 MiB"});
  return Parser(text).parse();
}

Zone load_zone(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::array<char, 65536> buffer;
  std::string text;
  while (text.size() <= max_zone_octets && (file.read(buffer.data(), buffer.size()) || file.gcount() > 0))
    text.append(buffer.data(), static_cast<std::size_t>(file.gcount()));
  if (!file.is_open() || file.bad())
    throw std::runtime_error(
        fmt::format("{}: found a zone file that cannot be read ({}), expected a readable one", path, std::strerror(errno)));
  auto zone = parse_zone(text);
  if (!zone)
    throw std::runtime_error(fmt::format("{}:{}:{}: {}", path, zone.error().line, zone.error().column, zone.error().text));
  return std::move(*zone);
}

}  // namespace dns
