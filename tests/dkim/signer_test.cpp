#include "dkim/signer.hpp"

#include <catch2/catch.hpp>

#include "base/tag_list.hpp"
#include "base/text.hpp"
#include "dkim/signature.hpp"
#include "tests/dkim/keys.hpp"
#include "tests/dkim/message.hpp"

namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ":") + name;
  return out;
}

dkim::SignPolicy covering(std::vector<std::string> fields, std::vector<std::string> oversigned = {}) {
  dkim::SignPolicy policy;
  policy.signed_fields = std::move(fields);
  policy.oversigned_fields = std::move(oversigned);
  return policy;
}

std::string selected(const std::vector<std::string>& lines, const dkim::SignPolicy& policy) {
  return joined(dkim::select_signed_fields(test::Message{lines, ""}.header(), policy));
}

}  // namespace

TEST_CASE("signer: h= lists each covered field as often as it occurs, oversigned ones once more", "[dkim]") {
  const std::vector<std::string> lines = {"Received: x", "FROM: a", "To: b", "to: c", "Subject:"};
  CHECK(selected(lines, covering({"from"})) == "from");
  CHECK(selected(lines, covering({"from", "To", "cc"})) == "from:to:to");  // all instances; absent: left out
  CHECK(selected(lines, covering({"from", "to", "cc"}, {"From", "cc", "to"})) == "from:from:to:to:to:cc");
  CHECK(selected(lines, covering({"from"}, {"cc"})) == "from:cc");                     // oversigned alone covers
  CHECK(selected(lines, covering({"subject", "SUBJECT", "from"})) == "subject:from");  // listed twice is once
  CHECK(selected(lines, covering({"subject"})) == "from:subject");                     // from always
  CHECK(selected(lines, covering({})) == "from");
}

TEST_CASE("signer: the default covers what clients show, never trace fields", "[dkim]") {
  const std::vector<std::string> lines = {"Return-Path: <a>",
                                          "Received: x",
                                          "From: a",
                                          "To: b",
                                          "Subject: s",
                                          "Comments: c",
                                          "Bcc: d",
                                          "DKIM-Signature: v=1",
                                          "List-Id: l",
                                          "Keywords: k",
                                          "MIME-Version: 1.0",
                                          "Authentication-Results: x; none"};
  CHECK(selected(lines, {}) == "from:from:reply-to:subject:subject:date:to:to:cc:mime-version:list-id");
}

TEST_CASE("signer: the list of names ends at the verifier's limit", "[dkim][limits]") {
  std::vector<std::string> lines(300, "To: x");
  const auto names = dkim::select_signed_fields(test::Message{lines, ""}.header(), covering({"from", "to"}, {"from"}));
  CHECK(names.size() == dkim::Signature::max_signed_fields);
  CHECK(names[0] == "from");
}

TEST_CASE("signer: the field has the tags that were asked for, in a fixed order", "[dkim]") {
  auto policy = covering({"from", "to"});
  const auto key = test::signing_key(test::ed25519_pem);
  const auto tag_names = [&] {
    std::string out;
    const std::string value = test::sign(test::plain_message(), {key}, policy).at(0);
    const auto list = base::TagList::parse(value).value();
    for (const auto& tag : list.tags()) out += std::string(tag.name) + " ";
    return out;
  };
  CHECK(tag_names() == "v a c d s t h bh b ");
  policy.lifetime = std::chrono::hours{24};
  policy.identity_local_part = "x; y=\xc3\xa4";
  CHECK(tag_names() == "v a c d s t x i h bh b ");
  const std::string value = test::sign(test::plain_message(), {key}, policy).at(0);
  const auto signature = dkim::parse_signature(value).value();
  CHECK(signature.timestamp == 1700000000U);
  CHECK(signature.expiration == 1700086400U);
  CHECK(signature.identity == "x; y=\xc3\xa4@example.com");
  CHECK(value.starts_with(" v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.com;\r\n\ts=test;"));
}

TEST_CASE("signer: lines are at most 78 octets long and every fold is CRLF and a tab", "[dkim]") {
  auto message = test::plain_message();
  for (int i = 0; i < 20; ++i) message.fields.push_back("References: <x>");
  auto policy = dkim::SignPolicy{};
  policy.lifetime = std::chrono::hours{1};
  policy.identity_local_part = "somebody.with.a.long.name";
  const auto key =
      test::signing_key(test::rsa_2048_pem, "a-rather-long-selector.of-two-labels", "mail.a-long-domain.example.com");
  std::string field = "DKIM-Signature:" + test::sign(message, {key}, policy).at(0) + "\r";
  std::size_t lines = 0;
  for (const auto line : base::split(field, '\n')) {
    CAPTURE(line);
    CHECK(line.size() <= 78 + 1);  // and the CR
    REQUIRE(line.ends_with('\r'));
    CHECK(line.find('\r') == line.size() - 1);
    if (lines++ != 0) CHECK(line.front() == '\t');
  }
  CHECK(lines > 8);
}

TEST_CASE("signer: RSA and Ed25519 sign one message together", "[dkim]") {
  auto message = test::plain_message();
  const auto values =
      test::sign(message, {test::signing_key(test::rsa_2048_pem, "r"), test::signing_key(test::ed25519_pem, "e")});
  REQUIRE(values.size() == 2);
  for (const auto& value : values) message.fields.insert(message.fields.begin(), "DKIM-Signature:" + value);
  test::MapResolver resolver;
  resolver.txt("r._domainkey.example.com", {test::key_record(test::rsa_2048_pem)});
  resolver.txt("e._domainkey.example.com", {test::key_record(test::ed25519_pem)});
  CHECK(test::summary(test::verify(message, resolver)) == "pass, pass");
}

TEST_CASE("signer: without keys, or with a truncated header, nothing is signed", "[dkim]") {
  const auto message = test::plain_message();
  CHECK(test::sign(message, {}).empty());
  dkim::BodyHashes hashes;
  const dkim::Signer signer(message.header(100), {test::signing_key(test::ed25519_pem)}, {}, test::signing_time, hashes);
  CHECK(hashes.is_empty());
  hashes.finish();
  CHECK(signer.finish(hashes).empty());
}
