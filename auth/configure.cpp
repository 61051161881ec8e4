#include "auth/configure.hpp"

#include <fmt/format.h>
#include <cstdlib>
#include <map>
#include <set>
#include <stdexcept>

#include "auth/key_file.hpp"
#include "dkim/rotation.hpp"

namespace auth {
namespace {

dkim::Canonicalization to_dkim(conf::CanonicalForm form) {
  return form == conf::CanonicalForm::simple ? dkim::Canonicalization::simple : dkim::Canonicalization::relaxed;
}

QuarantineBy to_auth(conf::QuarantineBy by) {
  switch (by) {
    case conf::QuarantineBy::tag:
      return QuarantineBy::tag;
    case conf::QuarantineBy::hold:
      return QuarantineBy::hold;
    case conf::QuarantineBy::reject:
      return QuarantineBy::reject;
  }
  return QuarantineBy::tag;
}

HonourReject to_auth(conf::HonourReject honour) {
  switch (honour) {
    case conf::HonourReject::unless_indirect:
      return HonourReject::unless_indirect;
    case conf::HonourReject::always:
      return HonourReject::always;
    case conf::HonourReject::never:
      return HonourReject::never;
  }
  return HonourReject::unless_indirect;
}

/// Null: the tree walk, which needs no list.
std::shared_ptr<const dmarc::PublicSuffixList> load_suffix_list(const conf::Dmarc& settings) try {
  if (settings.discovery == conf::Discovery::treewalk) return nullptr;
  if (settings.psl_file.empty()) return dmarc::PublicSuffixList::load_system();
  return dmarc::PublicSuffixList::load(settings.psl_file);
} catch (const std::runtime_error& error) {
  throw conf::Error(settings.psl_file_position, error.what());
}

/// Without a list, differences that it would explain stay unexplained.
ShadowRules make_shadow(const conf::Settings& settings) {
  ShadowRules rules;
  rules.is_on = settings.mode == conf::Mode::shadow;
  if (!rules.is_on) return rules;
  rules.authserv_ids = settings.shadow.authserv_ids;
  if (settings.dmarc.discovery == conf::Discovery::treewalk) try {
      rules.suffix_list = dmarc::PublicSuffixList::load_system();
    } catch (const std::runtime_error&) {
    }
  return rules;
}

spf::Result to_spf_result(const std::string& text) {
  if (text == "fail") return spf::Result::fail;
  if (text == "softfail") return spf::Result::softfail;
  return spf::Result::permerror;  // conf/ lets no other word through
}

DecisionRules make_decision(const conf::Settings& settings) {
  DecisionRules rules;
  rules.quarantine = to_auth(settings.quarantine);
  rules.reject = to_auth(settings.reject);
  rules.refuse_bad_from = settings.bad_from == conf::BadFrom::reject;
  rules.defer_on_temperror = settings.dmarc.on_temperror == conf::Fallback::defer;
  rules.defer_on_unknown_policy = settings.dmarc.on_unknown_policy == conf::Fallback::defer;
  for (const auto& word : settings.spf.reject) rules.spf_reject.push_back(to_spf_result(word));
  rules.reject_text = settings.dmarc.reject_text;
  return rules;
}

dkim::VerifyPolicy make_verify_policy(const conf::Dkim& settings) {
  dkim::VerifyPolicy policy;
  policy.max_signatures_seen = settings.max_signatures;
  policy.max_signatures_verified = settings.max_verified;
  policy.min_rsa_bits = settings.min_rsa_bits;
  policy.accept_short_length = settings.accept_short_length;
  policy.clock_drift = settings.clock_drift;
  return policy;
}

dkim::SignPolicy make_sign_policy(const conf::Sign& settings) {
  dkim::SignPolicy policy;
  policy.header_canonicalization = to_dkim(settings.header_canonicalization);
  policy.body_canonicalization = to_dkim(settings.body_canonicalization);
  policy.signed_fields = settings.fields.empty() ? dkim::default_signed_fields() : settings.fields;
  policy.oversigned_fields = settings.oversign_is_set ? settings.oversign : dkim::default_oversigned_fields();
  if (settings.lifetime.count() != 0) policy.lifetime = settings.lifetime;
  policy.identity_local_part = settings.identity;
  return policy;
}

std::string path_of(const conf::SignKey& key) {
  if (!key.file.starts_with(conf::credential_prefix)) return key.file;
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");  // NOLINT(concurrency-mt-unsafe): nothing changes the environment
  if (folder == nullptr || *folder == '\0')
    throw conf::Error(key.position,
                      fmt::format("found \"{}\" and no $CREDENTIALS_DIRECTORY, expected a service of systemd with "
                                  "LoadCredential",
                                  key.file));
  return fmt::format("{}/{}", folder, key.file.substr(conf::credential_prefix.size()));
}

/// The signing table in the making. A key file that many rules name is read once: decoding a key is dear.
class TableMaker {
 public:
  TableMaker(SigningTable& table, const conf::Keys& settings, std::vector<std::string>& warnings)
      : table_(table), settings_(settings), warnings_(warnings) {}

  void add_rule(const conf::SignRule& setting) {
    SigningRule rule;
    if (!setting.domain.empty()) {
      const auto domain = base::Domain::parse(setting.domain);
      if (!domain)
        throw conf::Error(setting.position, fmt::format("found domain \"{}\", expected a domain name", setting.domain));
      rule.domain = *domain;
    }
    for (const auto& key : setting.rotates ? active_keys(*rule.domain, setting) : setting.keys)
      rule.keys.push_back({key.selector, read_key(key), make_switch()});
    const std::size_t id = table_.add_rule(std::move(rule));
    for (const auto& from : setting.from)
      if (!table_.add(from, id))
        throw conf::Error(setting.position,
                          fmt::format("found from \"{}\", expected an address or domain that no rule above has", from));
  }

  [[nodiscard]] std::vector<base::Domain> rotating() const { return {rotating_.begin(), rotating_.end()}; }

 private:
  [[nodiscard]] KeySwitch make_switch() const {
    return settings_.on_different == conf::OnDifferentKey::refuse ? std::make_shared<std::atomic<bool>>(false) : nullptr;
  }

  /// Of those that rotate. None is no fault: the first one may still wait for the DNS.
  std::vector<conf::SignKey> active_keys(const base::Domain& domain, const conf::SignRule& setting) {
    rotating_.insert(domain);
    const std::string folder = settings_.directory + "/" + domain.text();
    const auto rotation = dkim::load_rotation(fmt::format("{}/{}", folder, dkim::rotation_file));
    if (!rotation) throw conf::Error(setting.position, rotation.error());
    std::vector<conf::SignKey> keys;
    for (const auto& key : *rotation)
      if (key.stage == dkim::Stage::active)
        keys.push_back({key.selector, fmt::format("{}/{}.pem", folder, key.selector), setting.position});
    if (keys.empty())
      warnings_.push_back(fmt::format("{}: no key is active, mail of {} is not signed (signet key rotate {})", folder,
                                      domain.text(), domain.text()));
    return keys;
  }

  const dkim::PrivateKey& read_key(const conf::SignKey& setting) {
    if (const auto known = keys_.find(setting.file); known != keys_.end()) return known->second;
    auto key = read_key_file(path_of(setting));
    if (!key) throw conf::Error(setting.position, key.error());
    if (key->type() == dkim::KeyType::rsa && key->bits() < advised_signing_rsa_bits)
      warnings_.push_back(fmt::format("key file {}: an RSA key of {} bits is weak; use {} or more", setting.file, key->bits(),
                                      advised_signing_rsa_bits));
    return keys_.emplace(setting.file, std::move(*key)).first->second;
  }

  SigningTable& table_;
  const conf::Keys& settings_;
  std::vector<std::string>& warnings_;
  std::map<std::string, dkim::PrivateKey> keys_;  // by file
  std::set<base::Domain> rotating_;
};

}  // namespace

Configured configure(const conf::Settings& settings) {
  Configured out;
  Options& options = out.options;
  options.is_monitor = settings.mode != conf::Mode::enforce;
  options.shadow = make_shadow(settings);
  if (options.shadow.is_on && !options.shadow.suffix_list && settings.dmarc.discovery == conf::Discovery::treewalk)
    out.warnings.emplace_back(
        "no public suffix list is on this machine: differences between RFC 9989 and RFC 7489 stay unexplained");
  options.authserv_id = settings.authserv_id;
  options.max_header_octets = settings.max_header_octets;
  options.defer_on_internal_error = settings.on_internal_error == conf::Fallback::defer;
  options.tag_field = settings.dmarc.tag_field;
  options.exempt_from_domains = settings.exempt.from_domains;
  options.roles = {settings.sign.networks, settings.sign.daemons, settings.relays};
  options.decision = make_decision(settings);
  options.forwarders = {settings.forwarders.networks, settings.forwarders.domains};
  options.waits = {settings.spf.timeout, settings.dkim.timeout, settings.dmarc.timeout, settings.max_wait};
  options.spf.void_lookups = settings.spf.max_void_lookups;
  options.writes_received_spf = settings.spf.received_spf;
  options.dkim = make_verify_policy(settings.dkim);
  options.suffix_list = load_suffix_list(settings.dmarc);
  options.sign = make_sign_policy(settings.sign);
  options.key_care = {settings.keys.directory, settings.keys.check_interval, settings.keys.grace, {}};
  TableMaker maker(options.signing_table, settings.keys, out.warnings);
  for (const auto& rule : settings.sign.rules) maker.add_rule(rule);
  options.key_care.rotating = maker.rotating();
  return out;
}

}  // namespace auth
