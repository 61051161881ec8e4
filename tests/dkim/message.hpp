#pragma once
// Messages for DKIM tests: put together, signed and verified as the daemon does it.

#include <string>
#include <string_view>
#include <vector>

#include "dkim/signer.hpp"
#include "dkim/verifier.hpp"
#include "tests/support/map_resolver.hpp"

namespace test {

inline constexpr base::UnixTime signing_time{std::chrono::seconds{1'700'000'000}};

struct Message {
  std::vector<std::string> fields;  // whole lines, top to bottom, CRLF at folds
  std::string body;

  [[nodiscard]] message::HeaderBlock header(std::size_t max_octets = 1U << 20U) const;
};

[[nodiscard]] Message plain_message();  // From, To, Subject, Date, Message-ID and three lines

[[nodiscard]] dkim::PrivateKey private_key(std::string_view pem);
/// The TXT record of a key: `tags`, then k= and p=.
[[nodiscard]] std::string key_record(std::string_view pem, std::string_view tags = "v=DKIM1; ");
/// A key of example.com with the selector "test".
[[nodiscard]] dkim::SigningKey signing_key(std::string_view pem, std::string_view selector = "test",
                                           std::string_view domain = "example.com");

/// The field values that a Signer makes.
[[nodiscard]] std::vector<std::string> sign(const Message& message, const std::vector<dkim::SigningKey>& keys,
                                            const dkim::SignPolicy& policy = {});
/// The message with the signature of one key on top.
[[nodiscard]] Message signed_message(Message message, const dkim::SigningKey& key, const dkim::SignPolicy& policy = {});

/// A signature field made by hand: `tags` (with h=, without bh= and b=) get a right bh= and b=. So tests make
/// what our signer never would.
[[nodiscard]] Message sign_by_hand(Message message, std::string_view tags, std::string_view pem = {});

/// Verifies in one go.
[[nodiscard]] std::vector<dkim::Outcome> verify(const Message& message, dns::Resolver& resolver,
                                                const dkim::VerifyPolicy& policy = {}, base::UnixTime now = signing_time,
                                                const std::vector<base::Domain>& authors = {});

/// "pass", or "result: reason".
[[nodiscard]] std::string summary(const dkim::Outcome& outcome);
[[nodiscard]] std::string summary(const std::vector<dkim::Outcome>& outcomes);  // joined by ", "

}  // namespace test
