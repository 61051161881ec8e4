// headers/ (From fields and addr-specs) and ar/ (Authentication-Results).

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/text.hpp"
#include "message/authentication_results.hpp"
#include "message/author.hpp"
#include "tests/corpus/case.hpp"
#include "tests/corpus/report.hpp"

namespace corpus {
namespace {

using nlohmann::json;

// --- headers/from.json

/// A local part as it is written: as it stands if a dot-atom, else quoted.
std::string written(const message::Address& address) {
  const auto atoms = base::split(address.local_part, '.');
  const auto plain = [](char c) {
    return base::is_alnum(c) || !base::is_ascii(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
  };
  const bool is_dot_atom = std::all_of(atoms.begin(), atoms.end(), [&](std::string_view atom) {
    return !atom.empty() && std::all_of(atom.begin(), atom.end(), plain);
  });
  std::string local = is_dot_atom ? address.local_part : "\"";
  if (!is_dot_atom) {
    for (const char c : address.local_part) local += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
    local += '"';
  }
  return local + "@" + address.domain.text();
}

/// The domain of an expectation in our form, so that spelling makes no difference.
std::string our_domain(const std::string& text) {
  const auto domain = base::Domain::parse(text);
  return domain ? domain->text() : text;
}

std::string our_address(const std::string& text) {
  const std::size_t at = text.rfind('@');
  return at == std::string::npos ? text : text.substr(0, at + 1) + our_domain(text.substr(at + 1));
}

message::HeaderBlock header_of(const json& fields) {
  message::HeaderBlock header;
  for (const auto& field : fields) header.add_line(field.get<std::string>());
  return header;
}

struct Found {
  message::AuthorStatus status = message::AuthorStatus::missing;
  std::string fault;
  std::vector<std::string> addresses, domains;
};

/// With several From fields the answer is that there are several; the addresses are then those of each.
Found find(const message::HeaderBlock& header) {
  const message::Author author = message::find_author(header);
  Found found{author.status, author.fault, {}, {}};
  for (const std::size_t index : header.find_all("From")) {
    const message::Author one = message::parse_author(header[index].value);
    for (const auto& address : one.addresses) found.addresses.push_back(written(address));
    for (const auto& domain : one.domains)
      if (std::find(found.domains.begin(), found.domains.end(), domain.text()) == found.domains.end())
        found.domains.push_back(domain.text());
  }
  return found;
}

std::vector<std::string> expected_list(const json& list, std::string (*normalize)(const std::string&)) {
  std::vector<std::string> out;
  for (const auto& item : list) out.push_back(normalize(item.get<std::string>()));
  return out;
}

/// A source that names a first address which is none itself took its own parser's remains for one.
bool is_one_address(const std::string& text) { return message::parse_author(text).addresses.size() == 1; }

/// RFC 5891 §5.4, UTS #46: a name whose characters the mapping disallows is no domain, whatever the source makes of it.
bool names_no_domain(const std::string& domain) { return !base::Domain::parse(domain); }

/// An address that ends in a literal is one, but names no Author Domain: our answer must say just that.
bool is_literal(const std::string& address) { return address.ends_with(']'); }
bool is_refused_literal(std::string_view fault) { return fault.starts_with("address literal"); }

bool agrees(const Found& found, const json& c) {
  if (states(c, "first_address"))
    return !found.addresses.empty() && found.addresses.front() == our_address(text_of(c, "first_address"));
  const auto addresses = expected_list(list_of(c, "addresses"), our_address);
  if (std::any_of(addresses.begin(), addresses.end(), is_literal)) return is_refused_literal(found.fault);
  return (!states(c, "domains") || found.domains == expected_list(c.at("domains"), our_domain)) &&
         (!states(c, "addresses") || found.addresses == addresses);
}

/// Where a source's expectation is its parser's own; or it refuses UTF-8, which RFC 6532 §3.2 allows (we read it always:
/// a header does not show what the envelope announced); or an empty quoted string, which RFC 5321 §4.1.2 allows.
bool is_source_at_odds(const Found& found, const json& c) {
  if (states(c, "first_address")) return !is_one_address(text_of(c, "first_address"));
  const auto domains = expected_list(list_of(c, "domains"), our_domain);
  if (found.addresses.empty()) return std::any_of(domains.begin(), domains.end(), names_no_domain);
  return domains.empty() && std::any_of(found.addresses.begin(), found.addresses.end(), [&](const std::string& address) {
           return address.starts_with("\"\"@") || (!base::is_ascii(address) && !flag_of(c, "smtputf8"));
         });
}

Outcome run_from(const json& c) {
  const message::HeaderBlock header = header_of(c.at("fields"));
  const Found found = find(header);
  Outcome outcome;
  outcome.section = "RFC 5322 §3.6.2, §3.4; RFC 5891 §5.4; RFC 6532 §3.2";
  outcome.expected = c.value("addresses", c.value("first_address", json())).dump();
  outcome.got = json{{"status", message::to_text(found.status)}, {"addresses", found.addresses}, {"fault", found.fault}}.dump();
  outcome.is_right = (flag_of(c, "lenient") && found.addresses.empty()) || agrees(found, c);
  if (header.count("From") > 1) outcome.is_right = outcome.is_right && found.status == message::AuthorStatus::several_fields;
  outcome.is_disputed = is_source_at_odds(found, c);
  return outcome;
}

// --- headers/addr-spec.json

/// NUL, CR and LF behind a backslash are obs-qp; we refuse them on purpose, for they are never read alike.
bool has_dangerous_pair(std::string_view address) {
  return address.find('\0') != std::string_view::npos || address.find("\\\r") != std::string_view::npos ||
         address.find("\\\n") != std::string_view::npos;
}

/// Where the category is only that of RFC 5322, as a name too long for the DNS, the answer is free.
Outcome run_addr_spec(const json& c) {
  const auto address = c.at("address").get<std::string>();
  const auto category = c.at("category").get<std::string>();
  const message::Author author = message::parse_author(address);
  const bool ok = author.status == message::AuthorStatus::ok;
  Outcome outcome;
  outcome.expected = category;
  outcome.got = std::string(message::to_text(author.status)) + ": " + author.fault;
  if (category == "ISEMAIL_ERR")
    outcome.is_right = !ok;
  else
    outcome.is_right = ok || is_refused_literal(author.fault) || category == "ISEMAIL_RFC5322";
  outcome.is_disputed = has_dangerous_pair(address);
  outcome.section = "RFC 5321 §4.1.2; RFC 5322 §4.1 (obs-qp of NUL, CR or LF is never read over)";
  return outcome;
}

// --- ar/parse.json

std::string property_text(const std::string& ptype, const std::string& property, const std::string& value) {
  return (ptype.empty() ? "" : ptype + ".") + property + "=" + value;
}

/// [ptype or null, property, value]
message::Property property_of(const json& prop) {
  return {prop.at(0).is_null() ? "" : prop.at(0).get<std::string>(), prop.at(1).get<std::string>(), as_text(prop.at(2))};
}

/// Whether the expected properties are among ours, in their order (a source may list fewer than there are).
bool has_properties(const message::MethodResult& result, const json& props) {
  auto position = result.properties.begin();
  for (const auto& prop : props) {
    const message::Property property = property_of(prop);
    const std::string wanted = property_text(property.ptype, property.property, property.value);
    position = std::find_if(position, result.properties.end(),
                            [&](const message::Property& p) { return property_text(p.ptype, p.property, p.value) == wanted; });
    if (position == result.properties.end()) return false;
    ++position;
  }
  return true;
}

/// A member that is absent or null is not asserted.
bool is_same(const json& wanted, const char* key, const std::string& ours) {
  return !states(wanted, key) || as_text(wanted.at(key)) == ours;
}

bool agrees(const message::MethodResult& result, const json& wanted) {
  return is_same(wanted, "method", result.method) && is_same(wanted, "result", result.result) &&
         is_same(wanted, "reason", result.reason) && is_same(wanted, "comment", result.comment) &&
         is_same(wanted, "version", result.version.empty() ? "1" : result.version) &&
         has_properties(result, list_of(wanted, "props"));
}

/// [method, result(, "ptype.property", value)] somewhere among the results.
bool contains(const message::AuthenticationResults& found, const json& wanted) {
  return std::any_of(found.results.begin(), found.results.end(), [&](const message::MethodResult& result) {
    if (result.method != wanted.at(0) || result.result != wanted.at(1)) return false;
    return wanted.size() < 4 || std::any_of(result.properties.begin(), result.properties.end(), [&](const auto& p) {
             return property_text(p.ptype, p.property, p.value) == as_text(wanted.at(2)) + "=" + as_text(wanted.at(3));
           });
  });
}

bool agrees(const message::AuthenticationResults& found, const json& c) {
  if (!is_same(c, "authserv_id", found.authserv_id) || !is_same(c, "instance", found.instance) ||
      !is_same(c, "version", found.version.empty() ? "1" : found.version) ||
      !is_same(c, "count", std::to_string(found.results.size())))
    return false;
  for (const auto& wanted : list_of(c, "contains"))
    if (!contains(found, wanted)) return false;
  if (!states(c, "results")) return true;
  const json results = c.at("results");
  return std::equal(results.begin(), results.end(), found.results.begin(), found.results.end(),
                    [](const json& wanted, const message::MethodResult& result) { return agrees(result, wanted); });
}

Outcome run_parse(const json& c) {
  const bool smtputf8 = !states(c, "smtputf8") || flag_of(c, "smtputf8");
  const auto found = message::parse_authentication_results(c.at("input").get<std::string>(), smtputf8);
  const bool wants_error = c.at("parse") == "error";
  Outcome outcome;
  outcome.section = "RFC 8601 §2.2";
  outcome.expected = wants_error ? "error" : c.dump();
  outcome.got = found ? message::format_authentication_results(*found, {.smtputf8 = true})
                      : std::string(found.error().text) + " at " + std::to_string(found.error().offset);
  if (wants_error)
    outcome.is_right = !found || flag_of(c, "optional");
  else
    outcome.is_right = found ? agrees(*found, c) : flag_of(c, "lenient");
  return outcome;
}

// --- ar/format.json

/// For cases whose comments are those of the text they were parsed from, which the case does not give.
std::string without_comments(std::string_view text) {
  std::string out;
  std::size_t depth = 0;
  for (const char c : text) {
    depth += c == '(' ? 1U : 0U;
    if (c == ';' && depth == 0) out = std::string(base::trim(out));
    if (depth == 0) out += c;
    depth -= c == ')' ? 1U : 0U;
  }
  return unfolded(out);
}

message::AuthenticationResults structured(const json& c) {
  message::AuthenticationResults out;
  out.authserv_id = states(c, "authserv_id") ? text_of(c, "authserv_id") : "x";
  if (states(c, "version")) out.version = as_text(c.at("version"));
  if (states(c, "instance")) out.instance = as_text(c.at("instance"));
  for (const auto& wanted : list_of(c, "results")) {
    message::MethodResult result;
    result.method = wanted.at("method");
    result.result = wanted.at("result");
    if (states(wanted, "version")) result.version = as_text(wanted.at("version"));
    result.comment = text_of(wanted, "comment");
    result.reason = text_of(wanted, "reason");
    for (const auto& prop : list_of(wanted, "props")) result.properties.push_back(property_of(prop));
    out.results.push_back(std::move(result));
  }
  return out;
}

bool has_no_forbidden(const std::string& text, const json& c) {
  const auto holds = [&](const json& part) { return text.find(part.get<std::string>()) != std::string::npos; };
  const json forbid = list_of(c, "forbid"), wanted = list_of(c, "contains");
  return std::none_of(forbid.begin(), forbid.end(), holds) && std::all_of(wanted.begin(), wanted.end(), holds);
}

/// What a strict parser refuses is not what a writer should write; nor is a value without the quotes it needs, which
/// says the same to a lax parser.
bool is_not_to_be_written(const std::string& expected, const std::string& got) {
  const auto theirs = message::parse_authentication_results(expected), ours = message::parse_authentication_results(got);
  if (!theirs) return true;
  return ours && std::count(got.begin(), got.end(), '"') > std::count(expected.begin(), expected.end(), '"') &&
         message::format_authentication_results(*theirs) == message::format_authentication_results(*ours);
}

Outcome run_format(const json& c) {
  const bool only_result = flag_of(c, "resinfo_only");
  const bool has_other_comments = states(c, "comments_note") || states(c, "authserv_comment");
  const std::string text =
      message::format_authentication_results(structured(c), {.smtputf8 = flag_of(c, "smtputf8"), .fold = "\r\n\t"});
  const std::string head = only_result ? "x; " : "";
  Outcome outcome;
  outcome.section = "RFC 8601 §2.2";
  outcome.got = has_other_comments ? without_comments(text) : unfolded(text);
  outcome.is_right = has_no_forbidden(text, c);
  if (!states(c, "expected")) return outcome;
  const std::string expected = head + text_of(c, "expected");
  outcome.expected = has_other_comments ? without_comments(expected) : unfolded(expected);
  if (only_result) outcome.got.replace(0, outcome.got.find("; "), "x");
  outcome.is_right = outcome.is_right && outcome.got == outcome.expected;
  outcome.is_disputed = is_not_to_be_written(expected, outcome.got);
  return outcome;
}

}  // namespace

void run_message(const std::filesystem::path& file, Report& report) {
  static const std::map<std::string, Outcome (*)(const json&)> runners = {{"headers/from.json", run_from},
                                                                          {"headers/addr-spec.json", run_addr_spec},
                                                                          {"ar/parse.json", run_parse},
                                                                          {"ar/format.json", run_format}};
  const auto runner = runners.find(file.parent_path().filename().string() + "/" + file.filename().string());
  const json data = json::parse(read_octets(file));
  run_cases(
      list_of(data, "cases"),
      [&](const json& c) {
        if (runner == runners.end()) return report.skipped(text_of(c, "id"), "unknown kind of case");
        settle(c, runner->second(c), report);
      },
      report);
}

}  // namespace corpus
