// Writing Authentication-Results. Every octet that came from outside passes through one of the three functions
// that make a value, a comment or a quoted string of it.
#include "message/authentication_results.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/domain.hpp"
#include "base/text.hpp"
#include "message/authentication_results_syntax.hpp"
#include "message/folded_lines.hpp"
#include "message/harmless_text.hpp"
#include "message/scanner.hpp"

namespace message {
namespace {

constexpr std::size_t first_column = std::string_view("Authentication-Results: ").size();

bool is_keyword(std::string_view text, bool (*likes)(char)) {
  return !text.empty() && std::all_of(text.begin(), text.end(), likes) && base::is_alnum(text.back());
}

bool is_token(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char); }

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return base::is_digit(c); });
}

bool is_allowed_text(std::string_view text, const FormatOptions& options) {
  return base::is_ascii(text) || (options.smtputf8 && base::is_utf8(text));
}

/// domain-name of RFC 6376 §3.5: at least two labels, letters and digits at their ends.
bool is_domain_name(std::string_view text) {
  const auto labels = base::split(text, '.');
  return labels.size() > 1 && std::all_of(labels.begin(), labels.end(), [](std::string_view label) {
           const auto likes = [](char c) { return is_keyword_char(c) || !base::is_ascii(c); };
           return !label.empty() && std::all_of(label.begin(), label.end(), likes) && label.front() != '-' &&
                  label.back() != '-';
         });
}

/// Dot-string, or a Quoted-string that has nothing to escape (RFC 5321 §4.1.2).
bool is_plain_local_part(std::string_view text) {
  if (text.size() >= 2 && text.starts_with('"') && text.ends_with('"'))
    return text.substr(1, text.size() - 2).find_first_of(unsafe_octets) == std::string_view::npos;
  const auto atoms = base::split(text, '.');
  return std::all_of(atoms.begin(), atoms.end(),
                     [](std::string_view atom) { return !atom.empty() && std::all_of(atom.begin(), atom.end(), is_atext); });
}

/// [ [ local-part ] "@" ] domain-name, which needs no quotes.
bool is_mailbox(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) return is_domain_name(text);
  return is_domain_name(text.substr(at + 1)) && (at == 0 || is_plain_local_part(text.substr(0, at)));
}

/// A pvalue. None if it cannot be written so that careless readers, too, find its end: no escapes, then.
std::optional<std::string> make_value(std::string_view value, const FormatOptions& options) {
  if (value.size() > options.max_value_octets || !is_allowed_text(value, options)) return std::nullopt;
  if (std::any_of(value.begin(), value.end(), is_control)) return std::nullopt;
  if (is_token(value) || is_mailbox(value)) return std::string(value);
  if (value.find_first_of(unsafe_octets) != std::string_view::npos) return std::nullopt;
  return '"' + std::string(value) + '"';
}

/// A value that must not be lost: the authserv-id and reasons.
std::string make_text(std::string_view text, const FormatOptions& options) {
  const std::string harmless = make_harmless(text, options.smtputf8);
  return is_token(harmless) ? harmless : '"' + harmless + '"';
}

void write_property(const Property& property, const std::string& method, FoldedLines& lines, const FormatOptions& options) {
  const bool bare = property.ptype.empty() && (is_experimental(method) || is_experimental(property.property));
  if (!is_keyword(property.property, is_keyword_char) || !(bare || is_keyword(property.ptype, is_keyword_char))) return;
  const auto value = make_value(property.value, options);
  if (!value) return;
  lines.word((bare ? "" : property.ptype + '.') + property.property + '=' + *value);
}

void write_result(const MethodResult& result, FoldedLines& lines, const FormatOptions& options) {
  lines.append(result.method);
  if (is_number(result.version)) lines.append('/' + result.version);
  lines.append('=' + result.result);
  lines.comment(make_harmless(cut(result.comment, options.max_value_octets), options.smtputf8));
  if (!result.reason.empty()) lines.word("reason=" + make_text(cut(result.reason, options.max_value_octets), options));
  for (const Property& property : result.properties) write_property(property, result.method, lines, options);
}

/// A U-label authserv-id is an A-label one where UTF-8 is not allowed.
std::string make_authserv_id(const std::string& id, const FormatOptions& options) {
  if (is_allowed_text(id, options)) return make_text(id, options);
  const auto domain = base::Domain::parse(id);
  return make_text(domain ? domain->text() : id, options);
}

}  // namespace

std::string format_authentication_results(const AuthenticationResults& results, const FormatOptions& options) {
  FoldedLines lines(options.fold, first_column);
  if (is_number(results.instance) && results.instance.size() <= 2) lines.append("i=" + results.instance + "; ");
  lines.append(make_authserv_id(results.authserv_id, options));
  if (is_number(results.version)) lines.word(results.version);
  bool has_result = false;
  for (const MethodResult& result : results.results) {
    if (!is_keyword(result.method, is_method_char) || !is_keyword(result.result, is_keyword_char)) continue;
    lines.append(";");
    lines.fold();
    write_result(result, lines, options);
    has_result = true;
  }
  if (!has_result) lines.append("; none");
  return lines.take();
}

}  // namespace message
