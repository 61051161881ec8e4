#include "dkim/signature.hpp"

#include <algorithm>
#include <limits>

#include "base/base64.hpp"
#include "base/tag_list.hpp"
#include "base/text.hpp"

namespace dkim {
namespace {

using base::Tag;

struct Tags {
  std::string selector, identity;
  std::optional<base::Domain> domain, identity_domain;
  Algorithm algorithm = Algorithm::unknown;
  Canonicalization header_canonicalization = Canonicalization::simple;
  Canonicalization body_canonicalization = Canonicalization::simple;
  Octets signature, body_hash;
  std::vector<std::string> signed_fields;
  std::optional<std::uint64_t> length, timestamp, expiration;
};

// Each reader takes the value of its tag and gives what is wrong with it, or nothing. Values that the RFC's grammar
// spells as quoted strings are compared without regard to case (RFC 5234 §2.3).
using Fault = std::string_view;
constexpr Fault no_fault;

Fault read_version(Tags&, std::string_view value) { return value == "1" ? no_fault : "v= is not 1"; }

Fault read_algorithm(Tags& tags, std::string_view value) {
  if (value.empty()) return "a= is empty";
  if (base::iequals(value, "rsa-sha256")) tags.algorithm = Algorithm::rsa_sha256;
  if (base::iequals(value, "ed25519-sha256")) tags.algorithm = Algorithm::ed25519_sha256;
  if (base::iequals(value, "rsa-sha1")) tags.algorithm = Algorithm::rsa_sha1;
  return no_fault;
}

bool read_octets(std::string_view value, Octets& out) {
  auto octets = base::decode_base64(value);
  if (!octets || octets->empty()) return false;
  out = std::move(*octets);
  return true;
}

Fault read_signature(Tags& tags, std::string_view value) {
  return read_octets(value, tags.signature) ? no_fault : "b= is empty or not base64";
}

Fault read_body_hash(Tags& tags, std::string_view value) {
  return read_octets(value, tags.body_hash) ? no_fault : "bh= is empty or not base64";
}

bool read_one_canonicalization(std::string_view text, Canonicalization& out) {
  if (base::iequals(text, "simple"))
    out = Canonicalization::simple;
  else if (base::iequals(text, "relaxed"))
    out = Canonicalization::relaxed;
  else
    return false;
  return true;
}

Fault read_canonicalization(Tags& tags, std::string_view value) {
  const std::size_t slash = value.find('/');
  if (!read_one_canonicalization(value.substr(0, slash), tags.header_canonicalization)) return "unknown c=";
  if (slash == std::string_view::npos) return no_fault;  // the body's is then simple (RFC 6376 §3.5)
  return read_one_canonicalization(value.substr(slash + 1), tags.body_canonicalization) ? no_fault : "unknown c=";
}

Fault read_domain(Tags& tags, std::string_view value) {
  auto domain = base::Domain::parse(value);
  if (!domain || domain->label_count() < 2) return "d= is not a domain name";
  tags.domain = std::move(*domain);
  return no_fault;
}

Fault read_selector(Tags& tags, std::string_view value) {
  const auto selector = base::Domain::parse(value);
  if (!selector) return "s= is not a selector";
  tags.selector = selector->text();
  return no_fault;
}

bool is_field_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return base::is_visible(c); });
}

Fault read_signed_fields(Tags& tags, std::string_view value) {
  for (const std::string_view part : base::split(value, ':')) {
    const std::string_view name = base::trim(part);
    if (!is_field_name(name)) return "h= is not a list of field names";
    if (tags.signed_fields.size() == Signature::max_signed_fields) return "too many names in h=";
    tags.signed_fields.push_back(base::to_lower(name));
  }
  return no_fault;
}

std::optional<unsigned> hex_value(char c) {
  if (base::is_digit(c)) return static_cast<unsigned>(c - '0');
  const char lower = base::to_lower(c);
  if (lower >= 'a' && lower <= 'f') return static_cast<unsigned>(lower - 'a') + 10U;
  return std::nullopt;
}

/// dkim-quoted-printable (RFC 6376 §2.11): white space means nothing, "=" and two hexadecimal digits are an octet.
bool decode_quoted_printable(std::string_view text, std::string& out) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (base::is_fws(text[i])) continue;
    if (text[i] != '=') {
      out += text[i];
      continue;
    }
    if (text.size() - i < 3) return false;
    const auto high = hex_value(text[i + 1]);
    const auto low = hex_value(text[i + 2]);
    if (!high || !low) return false;
    out += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  return true;
}

Fault read_identity(Tags& tags, std::string_view value) {
  if (!decode_quoted_printable(value, tags.identity)) return "i= is not quoted-printable";
  const std::size_t at = tags.identity.rfind('@');
  if (at == std::string::npos) return "i= has no '@'";
  auto domain = base::Domain::parse(std::string_view(tags.identity).substr(at + 1));
  if (!domain) return "i= has no valid domain";
  tags.identity_domain = std::move(*domain);
  return no_fault;
}

/// RFC 6376 §3.5: implementations may take a larger l= for "all of it".
Fault read_length(Tags& tags, std::string_view value) {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  if (value.empty() || value.size() > Signature::max_length_digits || !std::all_of(value.begin(), value.end(), base::is_digit))
    return "l= is not a number of octets";
  std::uint64_t octets = most;
  static_cast<void>(base::parse_number(value, most, octets));  // too large: stays at most
  tags.length = octets;
  return no_fault;
}

bool read_time(std::string_view value, std::optional<std::uint64_t>& out) {
  std::uint64_t seconds = 0;
  if (value.size() > Signature::max_time_digits) return false;
  if (!base::parse_number(value, std::numeric_limits<std::uint64_t>::max(), seconds)) return false;
  out = seconds;
  return true;
}

Fault read_timestamp(Tags& tags, std::string_view value) {
  return read_time(value, tags.timestamp) ? no_fault : "t= is not a time";
}

Fault read_expiration(Tags& tags, std::string_view value) {
  return read_time(value, tags.expiration) ? no_fault : "x= is not a time";
}

Fault read_query_methods(Tags&, std::string_view value) {
  for (const std::string_view method : base::split(value, ':'))
    if (base::iequals(base::trim(method), "dns/txt")) return no_fault;
  return "q= does not offer dns/txt";
}

struct Rule {
  std::string_view name;
  Fault (*read)(Tags&, std::string_view);
  Fault missing;  // empty: the tag is optional
};

// RFC 6376 §3.5. z= and unknown tags are not looked at.
constexpr std::array rules{
    Rule{"v", &read_version, "v= is missing"},
    Rule{"a", &read_algorithm, "a= is missing"},
    Rule{"b", &read_signature, "b= is missing"},
    Rule{"bh", &read_body_hash, "bh= is missing"},
    Rule{"c", &read_canonicalization, {}},
    Rule{"d", &read_domain, "d= is missing"},
    Rule{"h", &read_signed_fields, "h= is missing"},
    Rule{"i", &read_identity, {}},
    Rule{"l", &read_length, {}},
    Rule{"q", &read_query_methods, {}},
    Rule{"s", &read_selector, "s= is missing"},
    Rule{"t", &read_timestamp, {}},
    Rule{"x", &read_expiration, {}},
};

Signature make_signature(Tags&& tags) {
  Signature signature(std::move(*tags.domain));
  const bool has_identity = tags.identity_domain.has_value();
  signature.selector = std::move(tags.selector);
  signature.identity = has_identity ? std::move(tags.identity) : "@" + signature.domain.text();
  signature.identity_domain = has_identity ? std::move(tags.identity_domain) : signature.domain;
  signature.algorithm = tags.algorithm;
  signature.signature = std::move(tags.signature);
  signature.body_hash = std::move(tags.body_hash);
  signature.header_canonicalization = tags.header_canonicalization;
  signature.body_canonicalization = tags.body_canonicalization;
  signature.signed_fields = std::move(tags.signed_fields);
  signature.length = tags.length;
  signature.timestamp = tags.timestamp;
  signature.expiration = tags.expiration;
  return signature;
}

}  // namespace

base::Result<Signature, base::ParseError> parse_signature(std::string_view value) {
  const auto list = base::TagList::parse(value);
  if (!list) return tl::unexpected<base::ParseError>(list.error());
  Tags tags;
  for (const Rule& rule : rules) {
    const auto& all = list->tags();
    const auto tag = std::find_if(all.begin(), all.end(), [&](const Tag& t) { return t.name == rule.name; });
    if (tag == all.end()) {
      if (!rule.missing.empty()) return base::parse_error(value.size(), rule.missing);
    } else if (const Fault fault = rule.read(tags, tag->value); !fault.empty()) {
      return base::parse_error(tag->offset, fault);
    }
  }
  if (tags.timestamp && tags.expiration && *tags.expiration <= *tags.timestamp)
    return base::parse_error(value.size(), "x= is not after t=");
  return make_signature(std::move(tags));
}

std::string_view find_fault(const Signature& signature) {
  if (signature.algorithm == Algorithm::rsa_sha1) return "rsa-sha1 is not acceptable";
  if (signature.algorithm == Algorithm::unknown) return "unknown algorithm";
  if (signature.body_hash.size() != Digest{}.size()) return "bh= has the wrong length";
  const auto& names = signature.signed_fields;
  if (std::find(names.begin(), names.end(), "from") == names.end()) return "From is not signed";
  if (!signature.identity_domain->is_or_is_below(signature.domain)) return "i= is not within d=";
  return {};
}

std::string without_signature_value(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (std::size_t start = 0; start <= value.size();) {
    const std::size_t end = std::min(value.find(';', start), value.size());
    const std::string_view spec = value.substr(start, end - start);
    const std::size_t equals = spec.find('=');
    const bool is_signature = equals != std::string_view::npos && base::trim(spec.substr(0, equals)) == "b";
    out += is_signature ? spec.substr(0, equals + 1) : spec;
    if (end != value.size()) out += ';';
    start = end + 1;
  }
  return out;
}

}  // namespace dkim
