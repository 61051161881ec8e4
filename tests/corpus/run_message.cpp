// headers/ (From fields and addr-specs) and ar/ (Authentication-Results).

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "message/authentication_results.hpp"
#include "message/author.hpp"
#include "tests/corpus/report.hpp"

namespace corpus {
namespace {

using nlohmann::json;

/// What a case came to. `disputed` is set where the source is at odds with the RFC by a rule stated here.
struct Outcome {
  bool passed = false;
  std::string expected, got;
  bool disputed = false;
  std::string_view section = "RFC 8601 §2.2";  // what our answer rests on where it is not the source's
};

std::string text_of(const json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

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

Outcome run_from(const json& c) {
  const message::HeaderBlock header = header_of(c["fields"]);
  const Found found = find(header);
  Outcome outcome;
  outcome.section = "RFC 5322 §3.6.2, §3.4; RFC 5891 §5.4";
  outcome.got = json{{"status", message::to_text(found.status)}, {"addresses", found.addresses}, {"fault", found.fault}}.dump();
  const bool refused = found.addresses.empty();
  outcome.passed = true;
  if (header.count("From") > 1) outcome.passed = found.status == message::AuthorStatus::several_fields;
  if (c.contains("domains")) {
    outcome.expected = c["addresses"].dump();
    outcome.passed = outcome.passed && found.domains == expected_list(c["domains"], our_domain) &&
                     found.addresses == expected_list(c["addresses"], our_address);
    outcome.disputed = refused && std::any_of(c["domains"].begin(), c["domains"].end(), names_no_domain);
  } else {
    outcome.expected = "first " + c["first_address"].dump();
    const auto first = c["first_address"].get<std::string>();
    outcome.passed = outcome.passed && !refused && found.addresses.front() == our_address(first);
    outcome.disputed = !is_one_address(first);
  }
  if (c.value("lenient", false) && refused) outcome.passed = true;
  return outcome;
}

// --- headers/addr-spec.json

/// A literal or a name that is too long for the DNS is an address, but names no Author Domain; NUL is refused on purpose.
Outcome run_addr_spec(const json& c) {
  const auto address = c["address"].get<std::string>();
  const auto category = c["category"].get<std::string>();
  const message::Author author = message::parse_author(address);
  const bool ok = author.status == message::AuthorStatus::ok;
  const bool is_literal = address.find("@[") != std::string::npos;
  Outcome outcome;
  outcome.expected = category;
  outcome.got = std::string(message::to_text(author.status)) + ": " + author.fault;
  if (category == "ISEMAIL_ERR" || is_literal)
    outcome.passed = !ok;
  else
    outcome.passed = ok || category == "ISEMAIL_RFC5322";
  outcome.disputed = address.find('\0') != std::string::npos;
  outcome.section = "RFC 5321 §4.1.2; RFC 5322 §4.1 (NUL is obsolete, and never read over)";
  return outcome;
}

// --- ar/parse.json

std::string property_text(const std::string& ptype, const std::string& property, const std::string& value) {
  return (ptype.empty() ? "" : ptype + ".") + property + "=" + value;
}

/// Whether the expected properties are among ours, in their order (a source may list fewer than there are).
bool has_properties(const message::MethodResult& result, const json& props) {
  auto position = result.properties.begin();
  for (const auto& prop : props) {
    const std::string wanted = property_text(prop[0].is_null() ? "" : prop[0].get<std::string>(), prop[1].get<std::string>(),
                                             prop[2].get<std::string>());
    position = std::find_if(position, result.properties.end(),
                            [&](const message::Property& p) { return property_text(p.ptype, p.property, p.value) == wanted; });
    if (position == result.properties.end()) return false;
    ++position;
  }
  return true;
}

bool agrees(const message::MethodResult& result, const json& wanted) {
  const auto same = [&](const char* key, const std::string& ours) {
    return !wanted.contains(key) || text_of(wanted[key]) == ours;
  };
  return same("method", result.method) && same("result", result.result) && same("reason", result.reason) &&
         same("comment", result.comment) && same("version", result.version.empty() ? "1" : result.version) &&
         (!wanted.contains("props") || has_properties(result, wanted["props"]));
}

/// [method, result(, "ptype.property", value)] somewhere among the results.
bool contains(const message::AuthenticationResults& found, const json& wanted) {
  return std::any_of(found.results.begin(), found.results.end(), [&](const message::MethodResult& result) {
    if (result.method != wanted[0] || result.result != wanted[1]) return false;
    return wanted.size() < 4 || std::any_of(result.properties.begin(), result.properties.end(), [&](const auto& p) {
             return p.ptype + "." + p.property == wanted[2] && p.value == wanted[3];
           });
  });
}

bool agrees(const message::AuthenticationResults& found, const json& c) {
  if (c.contains("authserv_id") && c["authserv_id"] != found.authserv_id) return false;
  if (c.contains("version") && text_of(c["version"]) != (found.version.empty() ? "1" : found.version)) return false;
  if (c.contains("instance") && text_of(c["instance"]) != found.instance) return false;
  if (c.contains("count") && c["count"] != found.results.size()) return false;
  for (const auto& wanted : c.value("contains", json::array()))
    if (!contains(found, wanted)) return false;
  const json results = c.value("results", json::array());
  if (!c.contains("results")) return true;
  return results.size() == found.results.size() &&
         std::equal(results.begin(), results.end(), found.results.begin(),
                    [](const json& wanted, const message::MethodResult& result) { return agrees(result, wanted); });
}

Outcome run_parse(const json& c) {
  const auto found = message::parse_authentication_results(c["input"].get<std::string>(), c.value("smtputf8", true));
  const bool wants_error = c["parse"] == "error";
  Outcome outcome;
  outcome.expected = wants_error ? "error" : c.dump();
  outcome.got = found ? message::format_authentication_results(*found, {.smtputf8 = true})
                      : std::string(found.error().text) + " at " + std::to_string(found.error().offset);
  if (wants_error)
    outcome.passed = !found || c.value("optional", false);
  else
    outcome.passed = found ? agrees(*found, c) : c.value("lenient", false);
  return outcome;
}

// --- ar/format.json

std::string collapsed(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (!base::is_fws(c))
      out += c;
    else if (!out.ends_with(' '))
      out += ' ';
  return std::string(base::trim(out));
}

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
  return collapsed(out);
}

message::AuthenticationResults structured(const json& c) {
  message::AuthenticationResults out;
  out.authserv_id = c.value("authserv_id", "x");
  if (c.contains("version")) out.version = text_of(c["version"]);
  for (const auto& wanted : c["results"]) {
    message::MethodResult result;
    result.method = wanted["method"];
    result.result = wanted["result"];
    result.comment = wanted.value("comment", "");
    result.reason = wanted.value("reason", "");
    for (const auto& prop : wanted["props"])
      result.properties.push_back({prop[0].is_null() ? "" : prop[0].get<std::string>(), prop[1], prop[2]});
    out.results.push_back(std::move(result));
  }
  return out;
}

bool has_no_forbidden(const std::string& text, const json& c) {
  const auto holds = [&](const json& part) { return text.find(part.get<std::string>()) != std::string::npos; };
  const json forbid = c.value("forbid", json::array()), wanted = c.value("contains", json::array());
  return std::none_of(forbid.begin(), forbid.end(), holds) && std::all_of(wanted.begin(), wanted.end(), holds);
}

Outcome run_format(const json& c) {
  const bool only_result = c.value("resinfo_only", false);
  const bool has_other_comments = c.contains("comments_note") || c.contains("authserv_comment");
  const std::string text =
      message::format_authentication_results(structured(c), {.smtputf8 = c.value("smtputf8", false), .fold = "\r\n\t"});
  Outcome outcome;
  outcome.got = has_other_comments ? without_comments(text) : collapsed(text);
  if (only_result) outcome.got.erase(0, outcome.got.find("; ") + 2);
  outcome.passed = has_no_forbidden(text, c);
  if (!c.contains("expected")) return outcome;
  const auto expected = c["expected"].get<std::string>();
  outcome.expected = has_other_comments ? without_comments(expected) : collapsed(expected);
  outcome.passed = outcome.passed && outcome.got == outcome.expected;
  // What a strict parser refuses is not what a writer should write.
  outcome.disputed = !message::parse_authentication_results(only_result ? "x; " + expected : expected);
  return outcome;
}

void report_case(const json& c, const Outcome& outcome, Report& report) {
  const auto id = c["id"].get<std::string>();
  if (outcome.passed)
    report.passed(id);
  else if (outcome.disputed || c.contains("disputed"))
    report.disputed(id, outcome.expected, outcome.got, outcome.section);
  else
    report.failed(id, outcome.expected, outcome.got);
}

}  // namespace

void run_message(const std::filesystem::path& file, Report& report) {
  const std::string kind = file.parent_path().filename().string() + "/" + file.filename().string();
  const json cases = json::parse(std::ifstream(file))["cases"];
  for (const auto& c : cases) {
    if (kind == "headers/from.json")
      report_case(c, run_from(c), report);
    else if (kind == "headers/addr-spec.json")
      report_case(c, run_addr_spec(c), report);
    else if (kind == "ar/parse.json")
      report_case(c, run_parse(c), report);
    else if (kind == "ar/format.json")
      report_case(c, run_format(c), report);
    else
      report.skipped(c["id"], "unknown kind of case");
  }
}

}  // namespace corpus
