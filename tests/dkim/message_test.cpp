// The helpers of message.hpp; in a file of this name because the sources of a test program are *_test.cpp.

#include "tests/dkim/message.hpp"

#include "base/base64.hpp"
#include "base/tag_list.hpp"
#include "base/text.hpp"
#include "dkim/header_hash.hpp"
#include "dkim/signature.hpp"
#include "tests/dkim/keys.hpp"

namespace test {

message::HeaderBlock Message::header(std::size_t max_octets) const {
  message::HeaderBlock block(max_octets);
  for (const std::string& field : fields) block.add_line(field);
  return block;
}

Message plain_message() {
  return {{"From: Author <author@example.com>", "To: reader@example.net", "Subject: a subject",
           "Date: Tue, 14 Nov 2023 22:13:20 +0000", "Message-ID: <1@example.com>"},
          "one\r\ntwo  words \r\n\r\nthree\r\n"};
}

dkim::PrivateKey private_key(std::string_view pem) { return dkim::PrivateKey::from_pem(pem).value(); }

std::string key_record(std::string_view pem, std::string_view tags) {
  const dkim::PublicKey key = private_key(pem).public_key();
  const std::string_view type = key.type() == dkim::KeyType::ed25519 ? "k=ed25519; " : "k=rsa; ";
  return std::string(tags) + std::string(type) + "p=" + key.record_value();
}

dkim::SigningKey signing_key(std::string_view pem, std::string_view selector, std::string_view domain) {
  return {base::Domain::parse(domain).value(), std::string(selector), private_key(pem)};
}

std::vector<std::string> sign(const Message& message, const std::vector<dkim::SigningKey>& keys,
                              const dkim::SignPolicy& policy) {
  dkim::BodyHashes hashes;
  const dkim::Signer signer(message.header(), keys, policy, signing_time, hashes);
  hashes.update(message.body);
  hashes.finish();
  return signer.finish(hashes);
}

Message signed_message(Message message, const dkim::SigningKey& key, const dkim::SignPolicy& policy) {
  const auto values = sign(message, {key}, policy);
  message.fields.insert(message.fields.begin(), "DKIM-Signature:" + values.at(0));
  return message;
}

namespace {

std::string body_hash(const Message& message, std::string_view canonicalizations, std::string_view length) {
  dkim::BodyHashes hashes;
  const bool relaxed = canonicalizations.ends_with("/relaxed");
  std::uint64_t octets = 0;
  for (const char digit : length) octets = octets * 10 + static_cast<std::uint64_t>(digit - '0');
  const auto id = hashes.want(relaxed ? dkim::Canonicalization::relaxed : dkim::Canonicalization::simple,
                              length.empty() ? std::nullopt : std::optional(octets));
  hashes.update(message.body);
  hashes.finish();
  return base::encode_base64(hashes.digest(id));
}

std::vector<std::string> names_in(std::string_view list) {
  std::vector<std::string> names;
  for (const auto part : base::split(list, ':')) names.push_back(base::to_lower(base::trim(part)));
  return names;
}

}  // namespace

Message sign_by_hand(Message message, std::string_view tags, std::string_view pem) {
  const auto list = base::TagList::parse(tags).value();
  const std::string_view c = list.find("c").value_or("");
  const auto canonicalization = c.starts_with("relaxed") ? dkim::Canonicalization::relaxed : dkim::Canonicalization::simple;
  std::string field = "DKIM-Signature: " + std::string(tags) + "; bh=";
  field += body_hash(message, c, list.find("l").value_or("")) + "; b=";
  message::HeaderBlock own;
  own.add_line(field);
  const auto header = message.header();
  std::string octets = dkim::FieldIndex(header).canonical_fields(names_in(list.find("h").value_or("")), canonicalization);
  dkim::append_own_field(octets, own[0], canonicalization);
  field += base::encode_base64(private_key(pem.empty() ? rsa_1024_pem : pem).sign(dkim::sha256(octets)));
  message.fields.insert(message.fields.begin(), field);
  return message;
}

std::vector<dkim::Outcome> verify(const Message& message, dns::Resolver& resolver, const dkim::VerifyPolicy& policy,
                                  base::UnixTime now, const std::vector<base::Domain>& authors) {
  dkim::BodyHashes hashes;
  dkim::Verifier verifier(message.header(), authors, policy, now, hashes);
  verifier.start(resolver);
  hashes.update(message.body);
  hashes.finish();
  return verifier.finish(hashes, base::SteadyTime{});
}

std::string summary(const dkim::Outcome& outcome) {
  const std::string result(dkim::to_text(outcome.result));
  return outcome.reason.empty() ? result : result + ": " + outcome.reason;
}

std::string summary(const std::vector<dkim::Outcome>& outcomes) {
  std::string out;
  for (const auto& outcome : outcomes) out += (out.empty() ? "" : ", ") + summary(outcome);
  return out;
}

}  // namespace test
