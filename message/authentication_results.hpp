#pragma once
// Authentication-Results. RFC 8601. Writes one field from structured results so that no outside value can
// break it, reads fields that others wrote, and recognizes those that claim to be ours.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace message {

struct Property {
  std::string ptype;     // smtp, header, body, policy, dns, …; empty: an "x-" property without one
  std::string property;  // mailfrom, d, from, …
  std::string value;     // any octets; written as token, quoted-string or dropped
};

struct MethodResult {
  std::string method;   // spf, dkim, dmarc, …
  std::string version;  // method version, nearly always empty
  std::string result;   // pass, fail, …
  std::string comment;  // without parentheses; empty: none
  std::string reason;   // empty: none
  std::vector<Property> properties;
};

struct AuthenticationResults {
  std::string authserv_id;
  std::string version;                // empty: not written, which means 1
  std::string instance;               // i= of ARC-Authentication-Results; empty elsewhere
  std::vector<MethodResult> results;  // empty: "; none"
};

struct FormatOptions {
  bool smtputf8 = false;               // UTF-8 in values may stay (RFC 6532); else such values are dropped
  std::string_view fold = "\n\t";      // what stands between results; libmilter wants bare LF
  std::size_t max_value_octets = 512;  // a longer property value is dropped, a longer comment cut
};

/// The value of the field (no name, no leading space, no final line end). Lines stay under 78 columns where a
/// fold can make them so. A value with CR, LF, NUL or other controls is dropped with its property, and so is one
/// that only escapes could carry (quotes, backslashes). Comments and reasons have controls replaced by '?', and
/// parentheses, quotes and backslashes by something harmless; they are cut at max_value_octets. A result whose
/// method or result is no keyword is not written.
[[nodiscard]] std::string format_authentication_results(const AuthenticationResults& results,
                                                        const FormatOptions& options = {});

/// Parses a field value (folded or not, final line end or not). Comments right after a result are kept.
/// Fails at the first octet that RFC 8601 §2.2 does not allow; at most 100 results and 100 properties of each.
/// Wider than the grammar in what writers in use get wrong: unquoted values of any visible octets but ();"\,
/// dots in method names, and properties without a ptype where the method or the property begins "x-".
/// smtputf8 false: the message is not internationalized, and any octet above 0x7F is an error.
[[nodiscard]] base::Result<AuthenticationResults, base::ParseError> parse_authentication_results(std::string_view value,
                                                                                                 bool smtputf8 = true);

/// Whether the field claims to be from `authserv_id`, read as leniently as a careless consumer would:
/// leading comments and white space skipped, quotes removed, case, a final dot and a version ignored,
/// whatever follows ignored. The value need not parse otherwise (RFC 8601 §5).
[[nodiscard]] bool claims_authserv_id(std::string_view value, std::string_view authserv_id);

}  // namespace message
