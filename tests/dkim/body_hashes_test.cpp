#include "dkim/body_hashes.hpp"

#include <catch2/catch.hpp>

#include "base/base64.hpp"

using dkim::Canonicalization;

namespace {

constexpr auto simple = Canonicalization::simple;
constexpr auto relaxed = Canonicalization::relaxed;

std::string hash_of(std::string_view body, Canonicalization c, std::optional<std::uint64_t> length = std::nullopt) {
  dkim::BodyHashes hashes;
  const auto id = hashes.want(c, length);
  hashes.update(body);
  hashes.finish();
  return base::encode_base64(hashes.digest(id));
}

}  // namespace

TEST_CASE("body hashes: the hashes of an empty body are those the RFC prints", "[dkim]") {
  CHECK(hash_of("", simple) == "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=");   // RFC 6376 §3.4.3
  CHECK(hash_of("", relaxed) == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");  // RFC 6376 §3.4.4
}

TEST_CASE("body hashes: nothing wanted, nothing to send", "[dkim]") {
  dkim::BodyHashes hashes;
  CHECK(hashes.is_empty());
  static_cast<void>(hashes.want(simple));
  CHECK_FALSE(hashes.is_empty());
}

TEST_CASE("body hashes: the same request is hashed once, different ones apart", "[dkim]") {
  dkim::BodyHashes hashes;
  const auto whole = hashes.want(relaxed);
  CHECK(hashes.want(relaxed) == whole);
  const auto short_one = hashes.want(relaxed, 3);
  CHECK(short_one != whole);
  CHECK(hashes.want(relaxed, 3) == short_one);
  CHECK(hashes.want(relaxed, 4) != short_one);
  CHECK(hashes.want(simple, 3) != short_one);
  const auto none = hashes.want(simple, 0);
  for (const std::string_view chunk : {"a", "bc", "d  e\r", "\n"}) hashes.update(chunk);
  hashes.finish();
  CHECK(hashes.digest(whole) == dkim::sha256("abcd e\r\n"));
  CHECK(hashes.digest(short_one) == dkim::sha256("abc"));
  CHECK(hashes.digest(none) == dkim::sha256(""));
  CHECK(hashes.canonical_octets(short_one) == 8);  // the whole body, not what was hashed
  CHECK(hashes.canonical_octets(none) == 9);
}

TEST_CASE("body hashes: a length counts canonical octets and may lie beyond the body", "[dkim]") {
  CHECK(hash_of("a \r\n", relaxed, 3) == base::encode_base64(dkim::sha256("a\r\n")));
  CHECK(hash_of("a \r\n", relaxed, 2) == base::encode_base64(dkim::sha256("a\r")));
  CHECK(hash_of("a \r\n", relaxed, ~std::uint64_t{0}) == hash_of("a \r\n", relaxed));
}
