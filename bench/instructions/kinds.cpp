#include <fmt/format.h>

#include "bench/instructions/compose.hpp"
#include "tests/dkim/keys.hpp"

namespace bench {
namespace {

constexpr std::size_t kib = 1024;
constexpr std::size_t mib = 1024 * kib;

/// From the sender's server, of which nothing is published.
Scene message(std::size_t fields, std::string body) {
  Scene scene;
  scene.connection.client = base::IpAddress::parse("192.0.2.1").value();
  scene.connection.client_name = "mail.sender.example";
  scene.connection.daemon_name = "smtpd";
  scene.connection.mta_name = "mx.receiver.example";
  scene.reverse_path = "<ann@sender.example>";
  scene.fields = compose_fields(fields);
  scene.body = std::move(body);
  return scene;
}

/// Our own client's message; `domains` have a key here.
Scene outbound(std::size_t fields, std::string body, std::string_view pem = test::rsa_2048_pem, std::size_t domains = 1) {
  Scene scene = message(fields, std::move(body));
  scene.authentication_type = "PLAIN";
  const dkim::PrivateKey key = dkim::PrivateKey::from_pem(pem).value();
  publish_text(scene.zone, "s._domainkey.sender.example",
               fmt::format("v=DKIM1; k={}; p={}", key.type() == dkim::KeyType::rsa ? "rsa" : "ed25519",
                           key.public_key().record_value()));
  auth::SigningTable& table = scene.options.signing_table;
  for (std::size_t i = 0; i < domains; ++i) table.add(signer_domain(i), table.add_rule({{}, {{"s", key}}}));
  scene.expected = "signed=1 accept";
  return scene;
}

/// Nothing but signatures to go by.
Scene signed_message(std::size_t fields, std::string body, std::size_t signatures = 1) {
  Scene scene = message(fields, std::move(body));
  scene.options.dkim.max_signatures_seen = scene.options.dkim.max_signatures_verified = static_cast<unsigned>(signatures);
  add_signatures(scene, signatures);
  scene.expected = fmt::format("spf=none dkim={0}/{0} dmarc=none accept", signatures);
  return scene;
}

void publish_policies(Scene& scene) {
  publish_text(scene.zone, "sender.example", "v=spf1 a mx include:sending.example -all");
  publish_text(scene.zone, "sending.example", "v=spf1 ip4:198.51.100.0/24 ip6:2001:db8::/32 ip4:192.0.2.0/28 ~all");
  publish_text(scene.zone, "mail.sender.example", "v=spf1 a -all");
  publish_address(scene.zone, "mail.sender.example", "192.0.2.1");
  publish_address(scene.zone, "sender.example", "198.51.100.9");
  publish_text(scene.zone, "_dmarc.sender.example", "v=DMARC1; p=reject; rua=mailto:dmarc@sender.example");
}

/// Everything is published, and passes.
Scene inbound(std::string body) {
  Scene scene = signed_message(usual_fields, std::move(body));
  publish_policies(scene);
  scene.expected = "spf=pass dkim=1/1 dmarc=pass accept";
  return scene;
}

Scene unsigned_inbound() {
  Scene scene = message(usual_fields, prose(2 * kib));
  publish_policies(scene);
  scene.expected = "spf=pass dkim=0/0 dmarc=pass accept";
  return scene;
}

/// SPF that has to go through `depth` includes, one in the other.
template <std::size_t depth>
Scene nested() {
  Scene scene = message(usual_fields, prose(2 * kib));
  std::string name = "sender.example";
  for (std::size_t i = 1; i <= depth; ++i) {
    const std::string next = fmt::format("spf{}.sender.example", i);
    publish_text(scene.zone, name, fmt::format("v=spf1 ip4:198.51.100.{} include:{} -all", i, next));
    name = next;
  }
  publish_text(scene.zone, name, "v=spf1 ip4:192.0.2.1 -all");
  scene.expected = "spf=pass dkim=0/0 dmarc=none accept";
  return scene;
}

}  // namespace

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = {
      {"sign-2k", [] { return outbound(usual_fields, prose(2 * kib)); }},
      {"sign-2k-ed25519", [] { return outbound(usual_fields, prose(2 * kib), test::ed25519_pem); }},
      {"sign-200-fields", [] { return outbound(200, prose(2 * kib)); }},
      {"sign-10000-domains", [] { return outbound(usual_fields, prose(2 * kib), test::rsa_2048_pem, 10000); }},
      {"sign-2m", [] { return outbound(usual_fields, base64_text(2 * mib)); }},
      {"verify-2k", [] { return signed_message(usual_fields, prose(2 * kib)); }},
      {"verify-2m", [] { return signed_message(usual_fields, base64_text(2 * mib)); }},
      {"verify-2m-prose", [] { return signed_message(usual_fields, prose(2 * mib)); }},
      {"inbound-2k-unsigned", &unsigned_inbound},
      {"inbound-20k", [] { return inbound(prose(20 * kib)); }},
      {"signatures-5", [] { return signed_message(usual_fields, prose(2 * kib), 5); }},
      {"signatures-20", [] { return signed_message(usual_fields, prose(2 * kib), 20); }},
      {"fields-10", [] { return signed_message(10, prose(2 * kib)); }},
      {"fields-200", [] { return signed_message(200, prose(2 * kib)); }},
      {"fields-2000", [] { return signed_message(2000, prose(2 * kib)); }},
      {"spf-depth-0", &nested<0>},
      {"spf-depth-5", &nested<5>},
      {"spf-depth-10", &nested<10>},
  };
  return all;
}

}  // namespace bench
