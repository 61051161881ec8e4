#include "spf/record.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "spf/term.hpp"

namespace spf {
namespace {

constexpr std::string_view version = "v=spf1";

std::optional<base::ParseError> add_modifier(std::string_view term, Record& record) {
  const std::size_t equals = term.find('=');
  const std::string_view name = term.substr(0, equals);
  const bool is_redirect = base::iequals(name, "redirect");
  const bool is_exp = base::iequals(name, "exp");
  const bool is_known = is_redirect || is_exp;
  const std::string_view text = term.substr(equals + 1);
  auto value = is_known ? parse_domain_spec(text) : MacroString::parse(text, MacroUse::modifier);
  if (!value) return base::ParseError{equals + 1 + value.error().offset, value.error().text};
  if (!is_known) return std::nullopt;  // unknown ones are ignored (§6)
  auto& place = is_redirect ? record.redirect : record.exp;
  if (place) return base::ParseError{0, is_redirect ? "second redirect" : "second exp"};
  place = Modifier{std::string(term), std::move(*value)};
  return std::nullopt;
}

std::optional<base::ParseError> add_term(std::string_view term, Record& record) {
  if (is_modifier(term)) return add_modifier(term, record);
  auto directive = parse_directive(term);
  if (!directive) return directive.error();
  const bool is_reached = record.directives.empty() || record.directives.back().mechanism != Mechanism::all;
  if (!is_reached) return std::nullopt;
  if (record.directives.size() == Record::max_terms) return base::ParseError{0, "more than 512 terms"};
  if (directive->domain_spec) record.macros += directive->domain_spec->macro_count();
  if (record.macros > Record::max_macros) return base::ParseError{0, "more than 256 macros"};
  record.directives.push_back(std::move(*directive));
  return std::nullopt;
}

}  // namespace

bool is_record(std::string_view text) {
  return base::istarts_with(text, version) && (text.size() == version.size() || text[version.size()] == ' ');
}

base::Result<Record, base::ParseError> parse_record(std::string_view text) {
  if (!is_record(text)) return base::parse_error(0, "not an SPF record");
  if (text.size() > Record::max_octets) return base::parse_error(Record::max_octets, "record longer than 16384 octets");
  Record record;
  std::size_t at = version.size();
  while ((at = text.find_first_not_of(' ', at)) != std::string_view::npos) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (const auto fault = add_term(text.substr(at, end - at), record))
      return base::parse_error(at + fault->offset, fault->text);
    at = end;
  }
  record.directives.shrink_to_fit();
  return record;
}

std::size_t Selection::octets() const {
  const auto octets_of = [](const MacroString& macros) {
    std::size_t total = macros.parts().capacity() * sizeof(MacroPart);
    for (const MacroPart& part : macros.parts()) total += part.text.capacity();
    return total;
  };
  std::size_t total = sizeof(Selection) + record.directives.capacity() * sizeof(Directive);
  for (const Directive& directive : record.directives)
    if (directive.domain_spec) total += octets_of(*directive.domain_spec);
  for (const auto* modifier : {&record.redirect, &record.exp})
    if (*modifier) total += octets_of((*modifier)->domain_spec);
  return total;
}

Selection select_record(const std::vector<std::string>& texts) {
  Selection selection;
  selection.count = static_cast<std::size_t>(std::count_if(texts.begin(), texts.end(), is_record));
  if (selection.count != 1) return selection;
  auto record = parse_record(*std::find_if(texts.begin(), texts.end(), is_record));
  if (record)
    selection.record = std::move(*record);
  else
    selection.fault = record.error();
  return selection;
}

}  // namespace spf
