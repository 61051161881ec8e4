#include "keys/compare.hpp"

#include <catch2/catch.hpp>

#include "tests/support/map_resolver.hpp"

namespace {

using keys::Finding;

const base::Domain domain = *base::Domain::parse("example.org");
const std::string record_name = "s1._domainkey.example.org";

dkim::PublicKey key_of(std::string_view seed) {
  const dkim::Octets octets(seed.begin(), seed.end());
  return dkim::PrivateKey::from_ed25519_seed(octets)->public_key();
}

const dkim::PublicKey& ours() {
  static const dkim::PublicKey key = key_of("0123456789abcdef0123456789abcdef");
  return key;
}

const std::string own_record = "v=DKIM1; k=ed25519; p=" + ours().record_value();
const std::string other_record = "v=DKIM1; k=ed25519; p=" + key_of("fedcba9876543210fedcba9876543210").record_value();

keys::Comparison compare_with(test::MapResolver& dns) {
  const auto look_up = [question = dkim::key_question(domain, "s1")](dns::View& view) {
    return dkim::look_up_keys(view, question);
  };
  return keys::compare(ours(), test::decide<dkim::KeyLookup>(dns, look_up));
}

keys::Comparison compare_with(const std::vector<std::string>& texts) {
  test::MapResolver dns;
  dns.txt(record_name, texts);
  return compare_with(dns);
}

}  // namespace

TEST_CASE("a key is matched by its record, whatever stands around the key") {
  struct Row {
    std::vector<std::string> texts;
    Finding finding;
    bool is_testing;
  };
  const std::string value = ours().record_value();
  const std::string folded = value.substr(0, 10) + " " + value.substr(10);
  const std::vector<Row> rows = {
      {{own_record}, Finding::matching, false},
      {{"k=ed25519;p=" + value}, Finding::matching, false},             // v= is only recommended
      {{"v=DKIM1; k=ed25519; p=" + folded}, Finding::matching, false},  // folding white space means nothing
      {{own_record + "; t=y"}, Finding::matching, true},
      {{own_record + "; t=s"}, Finding::matching, false},
      {{other_record, own_record}, Finding::matching, false},  // a verifier may take any of them
      {{"v=spf1 -all", own_record}, Finding::matching, false},
      {{other_record}, Finding::different, false},
      {{other_record + "; t=y"}, Finding::different, false},  // whose test is not ours
      {{"v=spf1 -all", other_record}, Finding::different, false},
      {{"v=DKIM1; k=ed25519; p="}, Finding::revoked, false},
      {{"v=DKIM1; p="}, Finding::revoked, false},  // of whatever type
      {{other_record, "v=DKIM1; p="}, Finding::revoked, false},
      {{"v=DKIM1; p=", own_record}, Finding::matching, false},
  };
  for (const auto& [texts, finding, is_testing] : rows) {
    INFO(texts.front());
    const auto comparison = compare_with(texts);
    CHECK(comparison.finding == finding);
    CHECK(comparison.is_testing == is_testing);
    CHECK(comparison.detail.empty());
  }
}

TEST_CASE("no record is not another record, and a DNS that fails says nothing at all") {
  test::MapResolver none;
  CHECK(compare_with(none).finding == Finding::not_published);
  test::MapResolver no_data;
  no_data.a(record_name, {"192.0.2.1"});
  CHECK(compare_with(no_data).finding == Finding::not_published);
  for (const auto status : {dns::Status::timeout, dns::Status::server_failure, dns::Status::malformed}) {
    test::MapResolver failing;
    failing.fail(record_name, dns::Type::txt, status);
    CHECK(compare_with(failing).finding == Finding::no_answer);
  }
}

TEST_CASE("what is no key record is unusable, never different: nobody has published another key") {
  const std::vector<std::string> rows = {
      "",
      "v=DKIM2; p=AAAA",
      "v=DKIM1",
      "v=DKIM1; k=ed25519; p=not base64!",
      "v=DKIM1; k=ed25519; p=AAAA",                  // too short for a key
      "v=DKIM1; k=rsa; p=" + ours().record_value(),  // our octets, said to be of another type
      "v=DKIM1; k=dilithium; p=AAAA",
      "v=DKIM1; k=ed25519; p=" + ours().record_value() + "; p=",  // a tag comes once
      std::string("\xff\xfe\x00;=", 5),
      std::string(dkim::max_key_record_octets + 1, 'x'),
  };
  for (const auto& text : rows) {
    INFO(text.substr(0, 60));
    const auto comparison = compare_with({text});
    CHECK(comparison.finding == Finding::unusable);
    CHECK_FALSE(comparison.detail.empty());
  }
}

TEST_CASE("of many records as many are compared as a verifier decodes", "[limits]") {
  std::vector<std::string> texts(dkim::PublishedKeys::max_keys - 1, other_record);
  texts.push_back(own_record);
  CHECK(compare_with(texts).finding == Finding::matching);
  texts.insert(texts.begin(), other_record);
  CHECK(compare_with(texts).finding == Finding::different);
}
