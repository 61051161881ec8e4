#include "migrate/pattern.hpp"

#include "base/text.hpp"
#include "conf/syntax.hpp"

namespace migrate {
namespace {

using Kind = Pattern::Kind;

constexpr std::string_view inexpressible =
    "means users or names of any domain, for which Signet has no pattern: write a rule for each address";
constexpr std::string_view whole_address = "a refile: table compares with the whole address, user@domain";
constexpr std::string_view literal_star = "\"*\" stands for anything in refile: tables only";

PatternReading fault(std::string_view text) { return {{}, std::string(text), false, ""}; }
PatternReading never(std::string_view why) { return {{}, "never matched: " + std::string(why), true, ""}; }

PatternReading everybody() { return {{{Kind::all, "", std::nullopt}}, "", false, ""}; }

PatternReading of_domain(Kind kind, std::string_view text, std::string user = "") {
  const auto domain = base::Domain::parse(text);
  if (!domain || text.find('*') != std::string_view::npos) return fault("holds no domain name");
  return {{{kind, std::move(user), *domain}}, "", false, ""};
}

PatternReading of_address(std::string_view user, std::string_view domain) {
  PatternReading reading = of_domain(Kind::address, domain, base::to_lower(user));
  if (reading.fault.empty() && !conf::read_from_pattern(reading.patterns[0].text())) return fault("holds no address");
  return reading;
}

/// "*example.com": the domain, all below it, and all others that end so.
PatternReading of_ending(std::string_view text) {
  PatternReading reading = of_domain(Kind::domain, text);
  if (!reading.fault.empty()) return reading;
  reading.patterns.push_back({Kind::below, "", reading.patterns[0].domain});
  reading.caveat = "also meant other domains whose names only end so; Signet's rule means the domain and those below it";
  return reading;
}

/// What stands behind a "*" that covers the user and perhaps more.
PatternReading of_rest(std::string_view rest) {
  if (rest.starts_with("*.")) return of_domain(Kind::below, rest.substr(2));
  if (rest.starts_with('*')) return of_ending(rest.substr(1));
  return of_domain(Kind::domain, rest);
}

PatternReading read_wildcard(std::string_view key) {
  if (key == "*" || key == "*@*") return everybody();
  if (key.starts_with("*@")) return of_rest(key.substr(2));
  const std::size_t at = key.find('@');
  if (key.starts_with('*') && at == std::string_view::npos)
    return key.starts_with("*.") ? of_domain(Kind::below, key.substr(2)) : of_ending(key.substr(1));
  if (key.find('*') != std::string_view::npos) return fault(inexpressible);
  if (at == std::string_view::npos || at == 0) return never(whole_address);
  return of_address(key.substr(0, at), key.substr(at + 1));
}

PatternReading read_literal(std::string_view key) {
  if (key == "*") return everybody();
  if (key.starts_with('.')) return of_domain(Kind::below, key.substr(1));
  const std::size_t at = key.find('@');
  if (at == std::string_view::npos)
    return key.find('*') == std::string_view::npos ? of_domain(Kind::domain, key) : never(literal_star);
  const std::string_view host = key.substr(at + 1);
  if (host == "*" || host.starts_with('.')) return fault(inexpressible);
  if (key.find('*') != std::string_view::npos) return never(literal_star);
  if (at == 0) return fault("holds no address");
  return of_address(key.substr(0, at), host);
}

}  // namespace

std::string Pattern::text() const {
  switch (kind) {
    case Kind::address:
      return user + "@" + domain->text();
    case Kind::domain:
      return domain->text();
    case Kind::below:
      return "*." + domain->text();
    case Kind::all:
      break;
  }
  return "*";
}

bool Pattern::covers(const Pattern& other) const {
  if (kind == Kind::all) return true;
  if (other.kind == Kind::all) return false;
  switch (kind) {
    case Kind::address:
      return other.kind == Kind::address && user == other.user && domain == other.domain;
    case Kind::domain:
      return other.kind != Kind::below && domain == other.domain;
    default:
      return other.domain->is_below(*domain) || (other.kind == Kind::below && domain == other.domain);
  }
}

const base::Domain* Pattern::only_domain() const { return kind == Kind::address || kind == Kind::domain ? &*domain : nullptr; }

PatternReading read_pattern(std::string_view key, bool has_wildcards) {
  return has_wildcards ? read_wildcard(key) : read_literal(key);
}

}  // namespace migrate
