#include "bench/instructions/compose.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <stdexcept>

#include "bench/instructions/play.hpp"
#include "dkim/signer.hpp"
#include "tests/dkim/keys.hpp"

namespace bench {
namespace {

constexpr std::chrono::seconds ttl{3600};

const Fields& usual() {
  static const Fields fields = {
      {"From", " Ann Sender <ann@sender.example>"},
      {"Received",
       " from mail.sender.example (mail.sender.example [192.0.2.1])\n\tby mx.receiver.example (Postfix) with ESMTPS id "
       "4bXk2P1zQkz9sT\n\tfor <bob@receiver.example>; Tue, 24 Nov 2026 10:00:02 +0000 (UTC)"},
      {"Received",
       " from [10.1.2.3] (desk.sender.example [10.1.2.3])\n\tby mail.sender.example (Postfix) with ESMTPSA id "
       "4bXk2M0yQkz9sS\n\tfor <bob@receiver.example>; Tue, 24 Nov 2026 10:00:01 +0000 (UTC)"},
      {"To", " Bob Reader <bob@receiver.example>, Carol <carol@receiver.example>"},
      {"Subject", " Re: the minutes of the meeting, and what was said  about the garden"},
      {"Date", " Tue, 24 Nov 2026 10:00:00 +0000"},
      {"Message-ID", " <20261124100000.4bXk2M0yQkz9sS@sender.example>"},
      {"In-Reply-To", " <20261123170000.17C3A@receiver.example>"},
      {"References", " <20261122090000.5A1B2@receiver.example>\n <20261123170000.17C3A@receiver.example>"},
      {"MIME-Version", " 1.0"},
      {"Content-Type", " text/plain; charset=utf-8"},
      {"Content-Transfer-Encoding", " 8bit"},
      {"Content-Language", " en"},
      {"User-Agent", " Mozilla/5.0 (X11; Linux x86_64)"},
      {"Organization", " The Senders"},
  };
  return fields;
}

void publish(dns::Zone& zone, const std::string& name, dns::Type type, const dns::Answer& record) {
  if (!zone.add(dns::ask_for(name, type), record)) throw std::logic_error("the zone takes no more of " + name);
}

message::HeaderBlock header_of(const Fields& fields) {
  message::HeaderBlock header;
  for (const auto& [name, value] : fields) header.add(name, value);
  return header;
}

}  // namespace

Fields compose_fields(std::size_t count) {
  Fields fields(usual().begin(), usual().begin() + static_cast<std::ptrdiff_t>(std::min(count, usual_fields)));
  for (std::size_t i = fields.size(); i < count; ++i) fields.emplace_back(fmt::format("X-{}", i), " some value");
  return fields;
}

std::string prose(std::size_t octets) {
  constexpr std::string_view text =
      "Dear Bob,\r\n\r\nthank you for the minutes.  I have read them twice and think that we\r\nshould plant the apple trees "
      "first:\r\n\r\n  - they need  the longest time to grow,\r\n  - and nobody has anything against them. \r\n\r\nAs to the "
      "pond, "
      "let us\twait until spring.\r\nThe frogs will find it by themselves, as they always did.\r\n\r\nYours,\r\nAnn\r\n";
  std::string out;
  while (out.size() < octets) out += text;
  out.resize(octets - 2);
  return out + "\r\n";
}

std::string base64_text(std::size_t octets) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  constexpr std::size_t line = 76;
  std::string out;
  out.reserve(octets + line);
  for (std::uint32_t state = 1; out.size() < octets;) {
    for (std::size_t i = 0; i < line; ++i) out += alphabet[(state = state * 1664525U + 1013904223U) >> 26U];
    out += "\r\n";
  }
  return out;
}

std::string signer_domain(std::size_t index) { return index == 0 ? "sender.example" : fmt::format("signer{}.example", index); }

void add_signatures(Scene& scene, std::size_t count) {
  const dkim::PrivateKey key = dkim::PrivateKey::from_pem(test::rsa_2048_pem).value();
  std::vector<dkim::SigningKey> keys;
  for (std::size_t i = 0; i < count; ++i) {
    keys.push_back({base::Domain::parse(signer_domain(i)).value(), "s", key});
    publish_text(scene.zone, "s._domainkey." + signer_domain(i), "v=DKIM1; k=rsa; p=" + key.public_key().record_value());
  }
  dkim::BodyHashes hashes;
  const dkim::Signer signer(header_of(scene.fields), std::move(keys), {}, fixed_now, hashes);
  hashes.update(scene.body);
  hashes.finish();
  Fields signatures;
  for (std::string& value : signer.finish(hashes)) {
    std::erase(value, '\r');
    signatures.emplace_back("DKIM-Signature", std::move(value));
  }
  scene.fields.insert(scene.fields.begin(), signatures.begin(), signatures.end());
}

void publish_text(dns::Zone& zone, const std::string& name, std::string text) {
  dns::Answer answer;
  answer.ttl = ttl;
  answer.texts.push_back(std::move(text));
  publish(zone, name, dns::Type::txt, answer);
}

void publish_address(dns::Zone& zone, const std::string& name, const std::string& address) {
  dns::Answer answer;
  answer.ttl = ttl;
  answer.addresses.push_back(base::IpAddress::parse(address).value());
  publish(zone, name, dns::Type::a, answer);
}

}  // namespace bench
