#include "migrate/keys.hpp"

#include <fmt/format.h>

#include <map>
#include <memory>
#include <optional>
#include <set>

#include "auth/key_file.hpp"
#include "dkim/published_keys.hpp"
#include "dns/inquiry.hpp"
#include "keys/compare.hpp"
#include "migrate/lines.hpp"

namespace migrate {
namespace {

using KeyInquiry = dns::Inquiry<dkim::KeyLookup>;

std::string record_name(const KeyUse& use) { return fmt::format("{}._domainkey.{}", use.selector, use.domain); }

/// The key whatever the file's owner and mode, as root reads it.
std::optional<dkim::PrivateKey> read_anyhow(const std::string& path) {
  Findings unsaid;  // auth::read_key_file has said what is wrong
  const auto lines = read_lines(path, unsaid);
  if (!lines) return std::nullopt;
  std::string pem;
  for (const auto& line : *lines) pem += line.text + "\n";
  auto key = dkim::PrivateKey::from_pem(pem);
  return key ? std::optional(std::move(*key)) : std::nullopt;
}

std::optional<dkim::PrivateKey> read_key(const std::string& path, Findings& findings) {
  auto key = auth::read_key_file(path);
  std::optional<dkim::PrivateKey> usable = key ? std::optional(*key) : read_anyhow(path);
  if (!key && usable)
    findings.problem(
        {path, 0},
        fmt::format("signetd would refuse it: {}. Copy it, \"install -o root -g signet -m 0640 {} /etc/signet/keys/\", and "
                    "name the copy in the new file",
                    key.error(), path));
  else if (!key)
    findings.problem({path, 0}, key.error());
  if (usable && usable->type() == dkim::KeyType::rsa && usable->bits() < auth::advised_signing_rsa_bits)
    findings.warn({path, 0}, fmt::format("an RSA key of {} bits is weak: make one of {}, under a new selector", usable->bits(),
                                         auth::advised_signing_rsa_bits));
  return usable;
}

/// What the DNS shows of one key of ours.
void say(const KeyUse& use, const keys::Comparison& comparison, Findings& findings) {
  const Place place{use.file, 0};
  const std::string name = record_name(use);
  switch (comparison.finding) {
    case keys::Finding::matching:
      return findings.note(place, fmt::format("{} is published and matches", name));
    case keys::Finding::not_published:
      return findings.warn(place,
                           fmt::format("{} is not published: signatures by it fail (split-horizon DNS may say so, too)", name));
    case keys::Finding::different:
      return findings.problem(place, fmt::format("{} is published with another key: signatures by this one fail", name));
    case keys::Finding::revoked:
      return findings.problem(place, fmt::format("{} is revoked (its p= is empty)", name));
    case keys::Finding::unusable:
      return findings.problem(place, fmt::format("{} has no usable key record: {}", name, comparison.detail));
    case keys::Finding::no_answer:
      return findings.note(place, fmt::format("{} could not be asked for: the DNS does not answer", name));
  }
}

/// The domains that a rule signs for; an empty one when only a message tells.
std::vector<std::string> signing_domains(const DraftRule& rule) {
  if (!rule.domain.empty()) return {rule.domain};
  std::vector<std::string> domains;
  for (const auto& pattern : rule.from)
    domains.push_back(pattern.toml.starts_with('*') ? "" : pattern.toml.substr(pattern.toml.find('@') + 1));
  return domains;
}

}  // namespace

std::vector<KeyUse> key_uses(const std::vector<DraftRule>& rules) {
  std::set<KeyUse> uses;
  for (const auto& rule : rules)
    for (const auto& domain : signing_domains(rule))
      for (const auto& key : rule.keys) uses.insert({domain, key.selector, key.file});
  return {uses.begin(), uses.end()};
}

void check_keys(const std::vector<KeyUse>& uses, dns::Resolver& resolver, base::SteadyTime deadline, Findings& findings) {
  std::map<std::string, std::optional<dkim::PrivateKey>> own;
  std::vector<std::pair<KeyUse, std::shared_ptr<KeyInquiry>>> asked;
  for (const auto& use : uses) {
    if (own.find(use.file) == own.end()) own.emplace(use.file, read_key(use.file, findings));
    const auto domain = base::Domain::parse(use.domain);
    if (!domain) {
      findings.note({use.file, 0},
                    fmt::format("signs for any From domain: its record {}._domainkey.DOMAIN was not asked for", use.selector));
      continue;
    }
    if (asked.size() == max_keys_asked) {
      findings.note({use.file, 0},
                    fmt::format("more than {} keys: the DNS is not asked for this and the rest", max_keys_asked));
      break;
    }
    const auto question = dkim::key_question(*domain, use.selector);
    const auto look = [question](dns::View& view) { return dkim::look_up_keys(view, question); };
    if (own.at(use.file)) asked.emplace_back(use, KeyInquiry::start(resolver, look, dkim::max_key_answer_octets));
  }
  for (const auto& [use, inquiry] : asked)
    say(use, keys::compare(own.at(use.file)->public_key(), inquiry->collect(deadline)), findings);
}

}  // namespace migrate
