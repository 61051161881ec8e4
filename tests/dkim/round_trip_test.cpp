// What our signer signs our verifier verifies: every canonicalization, kind of key and shape of message. Then
// the same through a header and body that arrive octet by octet.

#include <catch2/catch.hpp>

#include "tests/dkim/keys.hpp"
#include "tests/dkim/message.hpp"

using dkim::Canonicalization;
using namespace std::string_literals;

namespace {

struct Shape {
  std::vector<std::string> fields;  // beside From
  std::string body;
};

const std::vector<Shape> shapes = {
    {{}, ""},                                 // empty body
    {{}, "\r\n"},                             // only blank lines
    {{}, "\r\n\r\n\r\n"},                     // more of them
    {{}, "no final line end"},                //
    {{}, "trailing \t \r\n   \r\n\t\r\n"},    // trailing blanks
    {{}, "\ttabs\tand  spaces\t \r\n"},       //
    {{}, "bare\rcr \r"},                      // CR alone
    {{}, "bare\nlf \n\n"},                    // LF alone
    {{}, "nul\0 \0\r\n"s},                    //
    {{}, "\xff\xfe 8-bit \xc3\xa4\r\n"},      //
    {{}, std::string(100000, 'x') + "\r\n"},  // a long line
    {{}, ".\r\n..\r\nFrom here\r\n"},         // what SMTP and mbox change elsewhere
    {{"Subject: folded\r\n\tonce\r\n  twice ", "To:\r\n x@example.net"}, "x\r\n"},
    {{"Subject:", "Cc: \t", "To:no space"}, "x\r\n"},  // empty values
    {{"Subject: one", "Subject: two", "List-Id: 1", "LIST-ID: 2"}, "x\r\n"},
    {{"Subject: \xc3\xa4\xff", "To : before the colon"}, "x\r\n"},  //
    {{"Subject: bare\rcr", "To: a\tb  c "}, "x\r\n"},               //
    {{"Subject: "s + std::string(5000, 'y')}, "x\r\n"},             //
};

test::Message message_of(const Shape& shape) {
  test::Message message{{"From: Author <author@example.com>"}, shape.body};
  message.fields.insert(message.fields.end(), shape.fields.begin(), shape.fields.end());
  return message;
}

std::string verdict(const test::Message& message, std::size_t chunk_size) {
  test::MapResolver resolver;
  resolver.txt("rsa._domainkey.example.com", {test::key_record(test::rsa_1024_pem)});
  resolver.txt("ed._domainkey.example.com", {test::key_record(test::ed25519_pem)});
  dkim::BodyHashes hashes;
  dkim::Verifier verifier(message.header(), {}, {}, test::signing_time, hashes);
  verifier.start(resolver);
  for (std::size_t at = 0; at < message.body.size(); at += chunk_size)
    hashes.update(std::string_view(message.body).substr(at, chunk_size));
  hashes.finish();
  return test::summary(verifier.finish(hashes, base::SteadyTime{}));
}

}  // namespace

TEST_CASE("round trip: what we sign we verify, whatever its shape, and not when it was changed", "[dkim]") {
  const auto rsa = test::signing_key(test::rsa_1024_pem, "rsa");
  const auto ed25519 = test::signing_key(test::ed25519_pem, "ed");
  for (const auto header_c : {Canonicalization::simple, Canonicalization::relaxed}) {
    for (const auto body_c : {Canonicalization::simple, Canonicalization::relaxed}) {
      dkim::SignPolicy policy;
      policy.header_canonicalization = header_c;
      policy.body_canonicalization = body_c;
      for (const auto& shape : shapes) {
        auto message = message_of(shape);
        CAPTURE(dkim::to_text(header_c), dkim::to_text(body_c), message.fields, message.body.substr(0, 40));
        for (const auto& value : test::sign(message, {rsa, ed25519}, policy))
          message.fields.insert(message.fields.begin(), "DKIM-Signature:" + value);
        CHECK(verdict(message, 65536) == "pass, pass");
        CHECK(verdict(message, 1) == "pass, pass");
        auto changed = message;
        changed.body.insert(0, "!");
        CHECK(verdict(changed, 65536) == "fail: body hash did not verify, fail: body hash did not verify");
        changed = message;
        changed.fields.emplace_back("Date: added below");  // oversigned
        CHECK(verdict(changed, 65536) == "fail: signature did not verify, fail: signature did not verify");
      }
    }
  }
}

TEST_CASE("round trip: simple does not forgive what relaxed does", "[dkim]") {
  struct {
    Canonicalization header, body;
    std::string_view header_expected, body_expected;
  } const table[] = {
      {Canonicalization::relaxed, Canonicalization::relaxed, "pass", "pass"},
      {Canonicalization::simple, Canonicalization::relaxed, "fail: signature did not verify", "pass"},
      {Canonicalization::relaxed, Canonicalization::simple, "pass", "fail: body hash did not verify"},
  };
  for (const auto& row : table) {
    dkim::SignPolicy policy;
    policy.header_canonicalization = row.header;
    policy.body_canonicalization = row.body;
    const auto message = test::signed_message(test::plain_message(), test::signing_key(test::ed25519_pem, "ed"), policy);
    auto changed = message;
    changed.fields[3] = "SUBJECT:\ta  subject";
    CHECK(verdict(changed, 65536) == row.header_expected);
    changed = message;
    changed.body = "one \r\ntwo words\r\n\r\nthree\r\n\r\n";
    CHECK(verdict(changed, 65536) == row.body_expected);
  }
}
