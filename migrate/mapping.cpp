#include "migrate/mapping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.hpp"
#include "conf/syntax.hpp"

namespace migrate {
namespace {

constexpr std::uint64_t most_number = 1'000'000'000'000;

std::optional<std::uint64_t> bounded(const Cited& old, std::string_view key, const Bounds& bounds, Context& context) {
  std::uint64_t number = 0;
  if (!base::parse_number(old.value, most_number, number)) {
    context.findings.problem(old.place,
                             fmt::format("{} is no number: {} keeps its default", conf::printable_words(old.value), key));
    return std::nullopt;
  }
  const std::uint64_t value = std::clamp(number, bounds.least, bounds.most);
  if (value != number)
    context.findings.warn(old.place,
                          fmt::format("{} is between {} and {}: {} becomes {}", key, bounds.least, bounds.most, number, value));
  return value;
}

/// A name that a program wrote into Authentication-Results.
struct Claim {
  std::string program;
  std::optional<std::string> name;  // none: the mail server's
  Cited source;
};

Claim claim_of(const OldSettings& old, std::string_view option, std::string_view default_value, const std::string& host_name) {
  Claim claim{old.program(), std::nullopt, old.value(option, default_value)};
  if (claim.source.value == "HOSTNAME")
    claim.name = host_name;
  else if (!claim.source.value.empty())
    claim.name = claim.source.value;
  return claim;
}

std::string describe(const Claim& claim) {
  return fmt::format("{} wrote {}", claim.program,
                     claim.name ? "\"" + conf::printable_words(*claim.name) + "\"" : "the mail server's own name");
}

void warn_of_unequal(const std::vector<Claim>& claims, Context& context) {
  for (const auto& claim : claims)
    if (!base::iequals(claim.name.value_or(""), claims.front().name.value_or("")))
      context.findings.warn(
          claim.source.place,
          fmt::format("Authentication-Results had several names: {}, {}; Signet has one, and removes from mail "
                      "only fields that claim that one",
                      describe(claims.front()), describe(claim)));
}

void map_authserv_id(const OldPrograms& old, Context& context) {
  std::vector<Claim> claims;
  if (old.opendkim.is_present()) claims.push_back(claim_of(old.opendkim, "AuthservID", "", context.host_name));
  if (old.opendmarc.is_present()) claims.push_back(claim_of(old.opendmarc, "AuthservID", "", context.host_name));
  if (old.policyd.is_present() && old.policyd.value("Header_Type", "SPF").value == "AR")
    claims.push_back(claim_of(old.policyd, "Authserv_Id", "HOSTNAME", context.host_name));
  warn_of_unequal(claims, context);
  for (const auto& claim : claims) {
    if (!claim.name) continue;
    if (const auto id = conf::read_authserv_id(*claim.name))
      return context.draft.set_text("authserv-id", *id, claim.source.why);
    context.findings.problem(claim.source.place,
                             fmt::format("{} is no name for Authentication-Results: authserv-id keeps its default",
                                         conf::printable_words(*claim.name)));
  }
}

bool is_facility(std::string_view name) {
  constexpr std::array<std::string_view, 11> known = {"mail",   "daemon", "user",   "local0", "local1", "local2",
                                                      "local3", "local4", "local5", "local6", "local7"};
  return std::find(known.begin(), known.end(), name) != known.end();
}

void map_facility(const OldSettings& old, Context& context) {
  const auto* facility = old.find("SyslogFacility");
  if (facility == nullptr) return;
  const std::string name = base::to_lower(facility->value);
  if (is_facility(name))
    context.draft.set_text("log.facility", name, cite(*facility));
  else
    context.findings.problem(facility->place, fmt::format("{} is no facility for log.facility", conf::printable_words(name)));
}

void map_log(const OldPrograms& old, Context& context) {
  for (const auto* program : {&old.opendkim, &old.opendmarc}) {
    if (!program->is_on("Syslog")) continue;
    context.draft.set_text("log.target", "syslog", cite(*program->find("Syslog")));
    return map_facility(*program, context);
  }
}

/// Either of them could refuse mail without a usable From field, and neither did unless told to.
void map_bad_from(const OldPrograms& old, Context& context) {
  for (const auto* program : {&old.opendmarc, &old.opendkim})
    if (program->is_on("RequiredHeaders"))
      return context.draft.set_text("bad-from", "reject", cite(*program->find("RequiredHeaders")));
  context.draft.set_text("bad-from", "accept", "the default of opendmarc and opendkim: RequiredHeaders false");
  context.findings.warn(
      {old.opendmarc.program(), 0},
      "mail whose From field is missing, repeated or unreadable is accepted as before (RequiredHeaders), and no "
      "policy can protect from it; bad-from = \"reject\" refuses it");
}

}  // namespace

void map_number(const Cited& old, std::string_view key, const Bounds& bounds, Context& context) {
  if (const auto value = bounded(old, key, bounds, context)) context.draft.set(key, std::to_string(*value), old.why);
}

void map_seconds(const Cited& old, std::string_view key, const Bounds& bounds, Context& context) {
  if (const auto value = bounded(old, key, bounds, context)) context.draft.set_text(key, fmt::format("{}s", *value), old.why);
}

void map_common(const OldPrograms& old, Context& context) {
  map_authserv_id(old, context);
  map_bad_from(old, context);
  map_log(old, context);
}

}  // namespace migrate
