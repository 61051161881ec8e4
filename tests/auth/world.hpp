#pragma once
// A small world for whole messages through auth/: a bank that publishes SPF, a DKIM key and p=reject, a map for the
// DNS, and keys made here.

#include <memory>
#include <string>
#include <string_view>

#include "auth/message_check.hpp"
#include "dkim/signer.hpp"
#include "message/message_file.hpp"
#include "tests/support/map_resolver.hpp"

namespace test {

inline constexpr std::string_view ed25519_seed = "0123456789abcdef0123456789abcdef";
inline constexpr base::UnixTime now{std::chrono::seconds{1790000000}};

inline dkim::PrivateKey test_key() {
  return dkim::PrivateKey::from_ed25519_seed({reinterpret_cast<const std::uint8_t*>(ed25519_seed.data()), ed25519_seed.size()})
      .value();
}

inline base::Domain domain(std::string_view text) { return base::Domain::parse(text).value(); }

struct World {
  MapResolver dns;
  base::NullLog log;
  std::shared_ptr<auth::Options> options = std::make_shared<auth::Options>();
  auth::Envelope envelope;
  std::uint32_t draw = 0;  // for RFC 7489's pct

  World() {
    options->sign.signed_fields = dkim::default_signed_fields();
    options->sign.oversigned_fields = dkim::default_oversigned_fields();
    options->authserv_id = "mx.receiver.example";
    envelope.connection.client = base::IpAddress::parse("192.0.2.1").value();
    envelope.connection.helo = "mail.bank.example";
    envelope.reverse_path = message::parse_reverse_path("<alice@bank.example>");
    dns.txt("bank.example", {"v=spf1 ip4:192.0.2.1 -all"});
    dns.txt("mail.bank.example", {"v=spf1 a -all"});
    dns.a("mail.bank.example", {"192.0.2.1"});
    dns.txt("_dmarc.bank.example", {"v=DMARC1; p=reject"});
    dns.txt("s._domainkey.bank.example", {"v=DKIM1; k=ed25519; p=" + test_key().public_key().record_value()});
    dns.txt("s._domainkey.lists.example", {"v=DKIM1; k=ed25519; p=" + test_key().public_key().record_value()});
  }

  void come_from(std::string_view address, std::string_view reverse_path) {
    envelope.connection.client = base::IpAddress::parse(address).value();
    envelope.reverse_path = message::parse_reverse_path(reverse_path);
  }

  auth::Report run(const std::string& octets) {
    const auth::Context context{dns, log, [] { return now; }, [this] { return draw; }};
    auth::MessageCheck check(context, options, envelope);
    const auto file = message::parse_message_file(octets);
    for (std::size_t i = 0; i < file.header.size(); ++i) check.add_field(file.header[i].name, file.header[i].value);
    check.end_of_header();
    for (const char& c : file.body) check.add_body({&c, 1});
    return check.finish();
  }
};

inline const std::string plain =
    "From: Alice <alice@bank.example>\r\nTo: bob@receiver.example\r\nSubject: hello\r\nDate: Mon, 1 Jan 2026 00:00:00 +0000\r\n"
    "Message-ID: <1@bank.example>\r\n\r\nHello Bob.\r\n";

/// The message with a signature of `signer` on top; its key is at the selector "s".
inline std::string signed_by(const std::string& signer, const std::string& octets) {
  const auto file = message::parse_message_file(octets);
  dkim::BodyHashes hashes;
  dkim::SignPolicy policy;
  policy.signed_fields = dkim::default_signed_fields();
  const dkim::Signer maker(file.header, {{domain(signer), "s", test_key()}}, policy, now, hashes);
  hashes.update(file.body);
  hashes.finish();
  return "DKIM-Signature:" + maker.finish(hashes).front() + "\r\n" + octets;
}

}  // namespace test
