// Authentication-Results: whatever values come from outside, what we write is read as the results it was made of, none
// added, and has no line end but its folds; and what others wrote is read the same once we wrote it. RFC 8601 §2.2, §5.
#include <algorithm>
#include <string>
#include <vector>

#include "base/domain.hpp"
#include "base/text.hpp"
#include "message/authentication_results.hpp"
#include "tests/fuzz/property.hpp"

namespace {

using fuzz::require;
using message::AuthenticationResults;
using message::FormatOptions;
using message::MethodResult;
using message::Property;

constexpr char between_results = '\x1e';  // ASCII's own separators of records and units
constexpr char between_values = '\x1f';

std::string text_of(fuzz::Input& input) { return std::string(input.until(between_values)); }

MethodResult read_result(fuzz::Input input) {
  MethodResult result;
  result.method = text_of(input);
  result.version = text_of(input);
  result.result = text_of(input);
  result.comment = text_of(input);
  result.reason = text_of(input);
  while (!input.is_empty()) {
    Property property;
    property.ptype = text_of(input);
    property.property = text_of(input);
    property.value = text_of(input);
    result.properties.push_back(std::move(property));
  }
  return result;
}

AuthenticationResults read_results(fuzz::Input input) {
  AuthenticationResults results;
  results.authserv_id = input.until(between_results);
  results.version = input.until(between_results);
  while (!input.is_empty()) results.results.push_back(read_result(fuzz::Input(input.until(between_results))));
  return results;
}

// ---- what is written --------------------------------------------------------------------------------------------

/// Without the folds that the writer was told to use: no line end is left.
void check_octets(std::string written, const FormatOptions& options) {
  for (std::size_t at = 0; (at = written.find(options.fold, at)) != std::string::npos;)
    written.replace(at, options.fold.size(), " ");
  const auto is_fine = [&](char c) { return c == ' ' || base::is_visible(c) || (options.smtputf8 && !base::is_ascii(c)); };
  require(std::all_of(written.begin(), written.end(), is_fine), "what is written has no control, and UTF-8 only if allowed");
  require(!options.smtputf8 || base::is_utf8(written), "what is written is UTF-8");
}

bool is_keyword(std::string_view text, std::string_view extra) {
  return !text.empty() && base::is_alnum(text.back()) && std::all_of(text.begin(), text.end(), [&](char c) {
    return base::is_alnum(c) || extra.find(c) != std::string_view::npos;
  });
}

/// Every property read was given, in this order.
void check_properties(const MethodResult& given, const MethodResult& read) {
  auto next = given.properties.begin();
  for (const Property& property : read.properties) {
    next = std::find_if(next, given.properties.end(), [&](const Property& p) {
      return p.property == property.property && p.ptype == property.ptype && p.value == property.value;
    });
    require(next != given.properties.end(), "a property that is read was given, with this value");
    ++next;
  }
}

void check_same(const AuthenticationResults& given, const AuthenticationResults& read) {
  auto next = read.results.begin();
  for (const MethodResult& result : given.results) {
    if (!is_keyword(result.method, "-.") || !is_keyword(result.result, "-")) continue;
    require(next != read.results.end(), "every result that can be written is read again");
    require(next->method == result.method && next->result == result.result, "a result is read as it was given");
    require(next->reason.empty() == result.reason.empty(), "a reason is read where one was given");
    check_properties(result, *next);
    ++next;
  }
  require(next == read.results.end(), "no value adds a result");
}

void check_writing(const AuthenticationResults& given, const FormatOptions& options) {
  const std::string written = message::format_authentication_results(given, options);
  check_octets(written, options);
  if (given.results.size() > 100) return;  // more than is read
  const auto read = message::parse_authentication_results(written, options.smtputf8);
  require(read.has_value(), "what is written can be read");
  check_same(given, *read);
  const auto id = base::Domain::parse(given.authserv_id);
  if (id && base::is_ascii(given.authserv_id)) {
    require(message::claims_authserv_id(written, given.authserv_id), "what is written claims the id it was written for");
    require(!message::claims_authserv_id(written, "x" + given.authserv_id), "what is written claims no other id");
  }
}

// ---- what is read -----------------------------------------------------------------------------------------------

void check_reading(std::string_view value, const FormatOptions& options) {
  const auto read = message::parse_authentication_results(value, options.smtputf8);
  if (!read) {
    require(read.error().offset <= value.size() && !read.error().text.empty(), "an error points into the value");
    return;
  }
  require(read->results.size() <= 100, "no more results are read than allowed");
  const bool names_nobody = read->authserv_id.find_first_not_of(". \t") == std::string::npos;  // and so nobody's to claim
  require(names_nobody || message::claims_authserv_id(value, read->authserv_id),
          "a field that can be read claims the id that is read");
  if (!options.smtputf8) require(message::parse_authentication_results(value, true).has_value(), "ASCII is UTF-8, too");
  const std::string written = message::format_authentication_results(*read, options);
  const auto again = message::parse_authentication_results(written, options.smtputf8);
  require(again && message::format_authentication_results(*again, options) == written, "what we wrote we write again");
  check_same(*read, *again);
}

/// Choices, then either values for a field or a field.
void check(std::string_view octets) {
  fuzz::Input input(octets);
  FormatOptions options;
  options.smtputf8 = input.flag();
  options.fold = input.flag() ? "\n\t" : "\r\n ";
  options.max_value_octets = 8 + input.octet();  // whole characters of UTF-8
  check_writing(read_results(input), options);
  options.max_value_octets = FormatOptions{}.max_value_octets;
  check_reading(input.rest(), options);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  check(fuzz::as_text(octets, size));
  return 0;
}
