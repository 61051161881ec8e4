#include "dkim/key_record.hpp"

#include <catch2/catch.hpp>

#include "tests/dkim/keys.hpp"
#include "tests/dkim/message.hpp"

using dkim::KeyType;

namespace {

std::string fault_of(std::string_view txt) {
  const auto record = dkim::parse_key_record(txt);
  return record ? "" : std::string(record.error().text);
}

}  // namespace

TEST_CASE("key record: absent tags have the defaults of RFC 6376 §3.6.1", "[dkim]") {
  const auto record = dkim::parse_key_record("p=AAAA").value();
  CHECK(record.type == KeyType::rsa);
  CHECK(record.public_key == dkim::Octets{0, 0, 0});
  CHECK(record.allows_sha256);
  CHECK(record.allows_email);
  CHECK_FALSE(record.testing);
  CHECK_FALSE(record.exact_domain);
  CHECK(record.notes.empty());
}

TEST_CASE("key record: every tag is read, white space and unknown values do no harm", "[dkim]") {
  const auto record = dkim::parse_key_record(
                          "v = DKIM1 ; h\t=\tsha1 \t:\t SHA256:new\t;k=ed25519; n = two words; p = AA\tA A;s = email : tlsrpt;"
                          " t = y\t:\r\n s:z; unknown = bogus;")
                          .value();
  CHECK(record.type == KeyType::ed25519);
  CHECK(record.public_key.size() == 3);
  CHECK(record.allows_sha256);
  CHECK(record.allows_email);
  CHECK(record.testing);
  CHECK(record.exact_domain);
  CHECK(record.notes == "two words");
}

TEST_CASE("key record: what it limits is honoured", "[dkim]") {
  CHECK_FALSE(dkim::parse_key_record("h=sha1; p=AAAA").value().allows_sha256);
  CHECK_FALSE(dkim::parse_key_record("h=sha2567; p=AAAA").value().allows_sha256);
  CHECK_FALSE(dkim::parse_key_record("s=other; p=AAAA").value().allows_email);
  CHECK(dkim::parse_key_record("s=other:*; p=AAAA").value().allows_email);
  CHECK_FALSE(dkim::parse_key_record("t=ys; p=AAAA").value().testing);
}

TEST_CASE("key record: an empty p= is a revoked key, not a malformed one", "[dkim]") {
  CHECK(dkim::parse_key_record("v=DKIM1; p=").value().public_key.empty());
  CHECK(dkim::parse_key_record("v=DKIM1; p= ;").value().public_key.empty());
}

TEST_CASE("key record: what is malformed is refused", "[dkim]") {
  struct {
    std::string_view record, fault;
  } const table[] = {
      {"", "empty tag list"},
      {"v=DKIM1;", "key record without p="},
      {"v=DKIM1; k=rsa", "key record without p="},
      {"v=dkim1; p=AAAA", "v= is not DKIM1 or not first"},  // that exact case
      {"v=DKIM2; p=AAAA", "v= is not DKIM1 or not first"},
      {"p=AAAA; v=DKIM1", "v= is not DKIM1 or not first"},  // first, if there
      {"v=; p=AAAA", "v= is not DKIM1 or not first"},
      {"k=dsa; p=AAAA", "unknown key type"},
      {"k=; p=AAAA", "unknown key type"},
      {"p=AAA$", "key is not base64"},
      {"p=A", "key is not base64"},
      {"p=AAAA; p=AAAA", "repeated tag"},
      {"p=AAAA;; k=rsa", "tag without '='"},
      {"v=spf1 -all", "v= is not DKIM1 or not first"},  // another record at the name
      {"anything", "tag without '='"},
  };
  for (const auto& row : table) {
    CAPTURE(row.record);
    CHECK(fault_of(row.record) == row.fault);
  }
}

TEST_CASE("key record: the longest allowed is read, one octet more is not", "[dkim][limits]") {
  std::string record = "p=AAAA; n=";
  record.resize(dkim::max_key_record_octets, 'n');
  CHECK(fault_of(record).empty());
  CHECK(fault_of(record + "n") == "key record too long");
}

TEST_CASE("key record: every prefix of a record has a defined result", "[dkim]") {
  const std::string record = test::key_record(test::rsa_1024_pem, "v=DKIM1; h=sha256; s=email; t=y:s; ");
  std::size_t accepted = 0;
  for (std::size_t size = 0; size <= record.size(); ++size)
    if (fault_of(record.substr(0, size)).empty()) ++accepted;
  CHECK(accepted > 0);
  CHECK(accepted < record.size());
}
