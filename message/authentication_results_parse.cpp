// Reading Authentication-Results: RFC 8601 §2.2, and the instance of RFC 8617 §4.1.1 before it.
#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "message/authentication_results.hpp"
#include "message/authentication_results_syntax.hpp"
#include "message/scanner.hpp"

namespace message {
namespace {

constexpr std::size_t max_results = 100;
constexpr std::size_t max_properties = 100;

class Parser {
 public:
  explicit Parser(std::string_view value) : scanner_(value, Scanner::Folds::loose) {}

  base::Result<AuthenticationResults, base::ParseError> run() {
    if (!parse_head() || !parse_results()) return tl::unexpected<base::ParseError>(*scanner_.fault());
    return std::move(found_);
  }

 private:
  bool parse_head();
  bool parse_instance(const std::string& name);
  bool parse_results();
  bool parse_no_result(bool& is_none);
  bool parse_method(MethodResult& result);
  bool parse_result(MethodResult& result);
  bool parse_specs(MethodResult& result);
  bool parse_spec(MethodResult& result);
  bool parse_property(MethodResult& result, Property property);

  bool skip() { return scanner_.skip_cfws(); }
  bool expect(char c, std::string_view otherwise) { return scanner_.take(c) ? skip() : scanner_.fail(otherwise); }
  bool read_digits(std::string& out);
  bool read_keyword(std::string& out, bool (*likes)(char));
  bool read_value(std::string& out);
  bool read_pvalue(std::string& out);
  [[nodiscard]] bool at_result_end() const { return scanner_.at_end() || scanner_.sees(';'); }

  Scanner scanner_;
  AuthenticationResults found_;
};

bool Parser::read_digits(std::string& out) {
  out = scanner_.take_while([](char c) { return base::is_digit(c); });
  return !out.empty() || scanner_.fail("not a number");
}

bool Parser::read_keyword(std::string& out, bool (*likes)(char)) {
  const std::string_view word = scanner_.take_while(likes);
  out = word;
  return (!word.empty() && base::is_alnum(word.back())) || scanner_.fail("not a keyword");
}

/// value of RFC 2045 §5.1: a token or a quoted string.
bool Parser::read_value(std::string& out) {
  if (scanner_.sees('"')) return scanner_.read_quoted_string(out);
  out = scanner_.take_while(is_token_char);
  return !out.empty() || scanner_.fail("neither a token nor a quoted string");
}

bool Parser::parse_head() {
  std::string id;
  if (!skip() || !read_value(id)) return false;
  const std::size_t id_end = scanner_.position();
  if (!skip()) return false;
  if (scanner_.sees('=') && found_.instance.empty()) return parse_instance(id);
  found_.authserv_id = std::move(id);
  if (at_result_end()) return true;
  if (scanner_.position() == id_end) return scanner_.fail("character not allowed in an authserv-id");
  return read_digits(found_.version) && skip() && (at_result_end() || scanner_.fail("text after the version"));
}

bool Parser::parse_instance(const std::string& name) {
  if (name != "i") return scanner_.fail("character not allowed in an authserv-id");
  return expect('=', "") && read_digits(found_.instance) &&
         (found_.instance.size() <= 2 || scanner_.fail("instance too large")) && skip() &&
         expect(';', "no semicolon after the instance") && parse_head();
}

bool Parser::parse_results() {
  bool is_none = false;
  while (!scanner_.at_end()) {
    if (is_none || found_.results.size() == max_results) return scanner_.fail(is_none ? "text after none" : "too many results");
    if (!expect(';', "no semicolon between results")) return false;
    MethodResult result;
    if (!parse_method(result)) return false;
    is_none = scanner_.at_end() && result.method == "none" && found_.results.empty();
    if (is_none) continue;
    if (!parse_result(result) || !parse_specs(result)) return false;
    found_.results.push_back(std::move(result));
  }
  return is_none || !found_.results.empty() || scanner_.fail("no results");
}

/// Dots in a method name are no keyword, but gateways write them ("gateway.spf").
bool Parser::parse_method(MethodResult& result) {
  if (!read_keyword(result.method, is_method_char) || !skip()) return false;
  if (!scanner_.sees('/')) return true;
  return expect('/', "") && read_digits(result.version) && skip();
}

bool Parser::parse_result(MethodResult& result) {
  if (!expect('=', "no result after the method")) return false;
  return read_keyword(result.result, is_keyword_char);
}

/// Reason and properties; each has white space or a comment before it.
bool Parser::parse_specs(MethodResult& result) {
  std::size_t end = scanner_.position();
  if (!scanner_.skip_cfws(&result.comment)) return false;
  while (!at_result_end()) {
    if (scanner_.position() == end) return scanner_.fail("character not allowed in a result");
    if (!parse_spec(result)) return false;
    end = scanner_.position();
    if (!skip()) return false;
  }
  return true;
}

bool Parser::parse_spec(MethodResult& result) {
  Property property;
  if (!read_keyword(property.ptype, is_keyword_char) || !skip()) return false;
  if (scanner_.sees('=')) {
    if (base::iequals(property.ptype, "reason") && result.reason.empty() && result.properties.empty())
      return expect('=', "") && read_value(result.reason);
    std::swap(property.ptype, property.property);
    if (!is_experimental(result.method) && !is_experimental(property.property))
      return scanner_.fail("property without a ptype");
    return parse_property(result, std::move(property));
  }
  if (!expect('.', "neither a reason nor a property") || !read_keyword(property.property, is_keyword_char)) return false;
  return skip() && parse_property(result, std::move(property));
}

bool Parser::parse_property(MethodResult& result, Property property) {
  if (result.properties.size() == max_properties) return scanner_.fail("too many properties");
  if (!expect('=', "no value after the property") || !read_pvalue(property.value)) return false;
  result.properties.push_back(std::move(property));
  return true;
}

/// Also takes unquoted what should be quoted ("header.b=a/b"), as nearly every writer of it does not.
bool Parser::read_pvalue(std::string& out) {
  const std::size_t start = scanner_.position();
  const bool quoted = scanner_.sees('"');
  if (quoted && !scanner_.read_quoted_string(out)) return false;
  if (quoted && !scanner_.sees('@')) return true;
  scanner_.take_while(is_loose_value_char);
  out = scanner_.since(start);
  return !out.empty() || scanner_.fail("no value");
}

/// The first octet that a field without (or with broken) UTF-8 may not have.
std::size_t first_non_ascii(std::string_view value) {
  return static_cast<std::size_t>(std::find_if_not(value.begin(), value.end(), [](char c) { return base::is_ascii(c); }) -
                                  value.begin());
}

}  // namespace

base::Result<AuthenticationResults, base::ParseError> parse_authentication_results(std::string_view value, bool smtputf8) {
  if (smtputf8 ? !base::is_utf8(value) : !base::is_ascii(value))
    return base::parse_error(first_non_ascii(value), smtputf8 ? "not UTF-8" : "not ASCII");
  return Parser(value).run();
}

}  // namespace message
