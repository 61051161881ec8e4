#include "dkim/published_keys.hpp"

namespace dkim {
namespace {

PublishedKeys read(const dns::Answer& answer) {
  PublishedKeys published;
  for (const std::string& text : answer.texts) {
    if (published.keys.size() == PublishedKeys::max_keys) break;
    auto record = parse_key_record(text);
    if (record)
      published.keys.push_back(decode_key(std::move(*record)));
    else if (published.fault.empty())
      published.fault = record.error().text;
  }
  return published;
}

}  // namespace

PublishedKey decode_key(KeyRecord record) {
  PublishedKey published{std::move(record), std::nullopt, {}};
  if (published.record.public_key.empty()) {
    published.fault = "key revoked";
    return published;
  }
  auto key = PublicKey::decode(published.record.type, published.record.public_key);
  if (key)
    published.key = std::move(*key);
  else
    published.fault = key.error().text;
  return published;
}

std::string_view find_key_fault(const PublishedKey& published, const Signature& signature, unsigned min_rsa_bits) {
  const KeyType wanted = signature.algorithm == Algorithm::ed25519_sha256 ? KeyType::ed25519 : KeyType::rsa;
  const KeyRecord& record = published.record;
  if (!published.key && record.public_key.empty()) return published.fault;  // revoked, whatever else it says
  if (record.type != wanted) return "key is of another type";
  if (!published.key) return published.fault;
  if (!record.allows_email) return "key is not for email";
  if (!record.allows_sha256) return "key does not allow sha256";
  if (record.exact_domain && *signature.identity_domain != signature.domain) return "key does not allow subdomains in i=";
  if (wanted == KeyType::rsa && published.key->bits() < min_rsa_bits) return "RSA key too small";
  return {};
}

std::size_t PublishedKeys::octets() const {
  constexpr std::size_t opened_key = 2048;  // what OpenSSL keeps of a key beside its numbers
  std::size_t total = sizeof(PublishedKeys);
  for (const PublishedKey& key : keys)
    total += sizeof(key) + key.record.notes.capacity() + 2 * key.record.public_key.capacity() + (key.key ? opened_key : 0);
  return total;
}

dns::Question key_question(const base::Domain& domain, std::string_view selector) {
  return dns::ask_for(std::string(selector) + "._domainkey." + domain.text(), dns::Type::txt);
}

std::optional<KeyLookup> look_up_keys(dns::View& view, const dns::Question& question) {
  const dns::Answer* answer = view.ask(question);
  if (answer == nullptr) return std::nullopt;
  KeyLookup lookup{answer->status, nullptr};
  if (answer->status == dns::Status::ok) lookup.published = answer->derived<PublishedKeys>(&read);
  return lookup;
}

}  // namespace dkim
