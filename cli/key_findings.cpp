#include "cli/key_findings.hpp"

#include <algorithm>

#include "base/tag_list.hpp"
#include "dkim/published_keys.hpp"

namespace cli {
namespace {

constexpr unsigned good_rsa_bits = 2048;   // RFC 8301 §3.2: signers should
constexpr unsigned large_rsa_bits = 4096;  // beyond that some verifiers give up

std::string meaning_of_flags(std::string_view value) {
  std::string out;
  for (const std::string_view part : base::split(value, ':')) {
    const std::string_view flag = base::trim(part);
    out += out.empty() ? "" : "; ";
    if (flag == "y")
      out += "y: the domain is testing, and a failure is to mean nothing";
    else if (flag == "s")
      out += "s: the domain of i= must equal d=, no name below it";
    else
      out += "a flag that is not known, ignored";
  }
  return out;
}

/// RFC 6376 §3.6.1
std::string meaning_of(const base::Tag& tag, const dkim::PublishedKey& key) {
  if (tag.name == "v") return "the version";
  if (tag.name == "k") return key.record.type == dkim::KeyType::rsa ? "an RSA key" : "an Ed25519 key (RFC 8463)";
  if (tag.name == "h")
    return key.record.allows_sha256 ? "hashes allowed; SHA-256 is" : "hashes allowed; SHA-256 is not among them";
  if (tag.name == "s") return key.record.allows_email ? "services; email is one" : "services; email is not among them";
  if (tag.name == "t") return meaning_of_flags(tag.value);
  if (tag.name == "n") return "a note for people";
  if (tag.name == "p") return tag.value.empty() ? "empty: the key is revoked" : key.key ? "the key" : std::string(key.fault);
  if (tag.name == "g") return "of an older standard (RFC 4871), ignored";
  return "not known, ignored";
}

std::string describe_key(const dkim::PublicKey& key) {
  return fmt::format("{}, {} bits", key.type() == dkim::KeyType::rsa ? "RSA" : "Ed25519", key.bits());
}

/// As a signature by this key with nothing special would be judged.
std::string find_fault(const dkim::PublishedKey& key, const base::Domain& domain, const dkim::VerifyPolicy& policy) {
  dkim::Signature signature(domain);
  signature.identity_domain = domain;
  signature.algorithm = key.record.type == dkim::KeyType::rsa ? dkim::Algorithm::rsa_sha256 : dkim::Algorithm::ed25519_sha256;
  return std::string(dkim::find_key_fault(key, signature, policy.min_rsa_bits));
}

void judge_strength(KeyRecordFindings& found, const dkim::PublicKey& key, const std::string& name) {
  if (key.type() == dkim::KeyType::ed25519) {
    found.findings.push_back({Severity::note, "the key is an Ed25519 key",
                              "not all receivers verify by RFC 8463: sign with an RSA key under another selector, too", ""});
  } else if (key.bits() < good_rsa_bits) {
    found.findings.push_back({key.bits() < 1024 ? Severity::problem : Severity::warning,
                              fmt::format("the RSA key has {} bits", key.bits()),
                              "a key under 2048 bits can be broken with enough effort (RFC 8301 §3.2): make one of 2048 bits "
                              "under a new selector, for example with `signet key new`",
                              ""});
  } else if (key.bits() > large_rsa_bits) {
    found.findings.push_back(
        {Severity::warning, fmt::format("the RSA key has {} bits", key.bits()),
         fmt::format("some receivers verify no more than 4096: make one of 2048 bits; {} needs TCP to be asked", name), ""});
  }
}

void judge_record(KeyRecordFindings& found, const dkim::PublishedKey& key, const base::TagList& tags, const std::string& name) {
  if (key.record.public_key.empty()) {
    found.findings.push_back({Severity::problem, "the key is revoked: p= is empty",
                              "no signature with this selector passes; right for a key that is no longer used", ""});
  } else if (!found.fault.empty()) {
    found.findings.push_back({Severity::problem, found.fault, "no signature with this selector passes by this record", ""});
  }
  if (key.key) judge_strength(found, *key.key, name);
  if (key.record.testing)
    found.findings.push_back(
        {Severity::warning, "t=y: the domain says that it is only testing",
         "receivers are to treat mail that fails as if it were not signed (RFC 6376 §3.6.1): remove it when all works", ""});
  if (!tags.find("v"))
    found.findings.push_back({Severity::note, "there is no v=DKIM1", "recommended, and some checkers want it (RFC 6376 §3.6.1)",
                              zone_line(name, "v=DKIM1; " + found.text)});
}

}  // namespace

bool KeyFindings::is_usable() const {
  return std::any_of(records.begin(), records.end(), [](const KeyRecordFindings& record) { return record.fault.empty(); });
}

KeyRecordFindings read_key(const std::string& text, const base::Domain& domain, const std::string& name,
                           const dkim::VerifyPolicy& policy) {
  KeyRecordFindings found;
  found.text = text;
  auto record = dkim::parse_key_record(text);
  const auto tags = base::TagList::parse(text);
  if (!record || !tags) {
    const base::ParseError fault = record ? tags.error() : record.error();
    found.fault = fault.text;
    found.fault_at = fault.offset;
    found.findings.push_back({Severity::problem, fmt::format("this is no key record: {}", fault.text),
                              "verifiers pass over it, so no signature passes by it (RFC 6376 §6.1.2)", ""});
    return found;
  }
  const dkim::PublishedKey key = dkim::decode_key(std::move(*record));
  if (key.key) found.key = describe_key(*key.key);
  for (const base::Tag& tag : tags->tags())
    found.tags.push_back({fmt::format("{}={}", tag.name, tag.value), meaning_of(tag, key)});
  found.fault = find_fault(key, domain, policy);
  judge_record(found, key, *tags, name);
  return found;
}

std::optional<std::string> find_alias(dns::View& view, const std::string& name) {
  const dns::Answer* answer = view.ask(dns::ask_for(name, dns::Type::cname));
  if (answer == nullptr) return std::nullopt;
  return answer->names.empty() ? std::string() : answer->names.front();
}

std::optional<KeyFindings> find_key(dns::View& view, const base::Domain& domain, const std::string& selector,
                                    const dkim::VerifyPolicy& policy) {
  KeyFindings found;
  const dns::Question question = dkim::key_question(domain, selector);
  found.name = question.name;
  const auto alias = find_alias(view, found.name);
  const dns::Answer* answer = view.ask(question);
  if (!alias || answer == nullptr) return std::nullopt;
  found.alias = *alias;
  found.status = answer->status;
  for (const std::string& text : answer->texts)
    if (found.records.size() < KeyFindings::max_records) found.records.push_back(read_key(text, domain, found.name, policy));
  if (answer->texts.size() > 1)
    found.findings.push_back(
        {Severity::warning, fmt::format("{} TXT records at one name", answer->texts.size()),
         "which of them a verifier takes is not defined (RFC 6376 §3.6.2.2): leave one, and give each key a "
         "selector of its own",
         ""});
  return found;
}

}  // namespace cli
