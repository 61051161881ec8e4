#include "dkim/crypto.hpp"

#include <catch2/catch.hpp>
#include <utility>

#include "base/base64.hpp"
#include "tests/dkim/keys.hpp"
#include "tests/dkim/odd_keys.hpp"

using dkim::KeyType;
using dkim::PrivateKey;
using dkim::PublicKey;

namespace {

dkim::Octets octets(std::string_view base64) { return base::decode_base64(base64).value(); }

std::string error_of(std::string_view pem) {
  const auto key = PrivateKey::from_pem(pem);
  return key ? "none" : std::string(key.error().text);
}

bool is_key(KeyType type, const dkim::Octets& der) { return PublicKey::decode(type, der).has_value(); }

}  // namespace

TEST_CASE("sha256: the digest of abc is that of FIPS 180-4, whole or in pieces", "[dkim]") {
  constexpr std::string_view expected = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";
  CHECK(base::encode_base64(dkim::sha256("abc")) == expected);
  dkim::Sha256 hash;
  hash.update("a");
  hash.update("");
  dkim::Sha256 moved = std::move(hash);
  moved.update("bc");
  CHECK(base::encode_base64(moved.finish()) == expected);
}

TEST_CASE("keys: what a private key signs its public key verifies, and nothing else does", "[dkim]") {
  const std::pair<std::string_view, unsigned> pems[] = {
      {test::rsa_1024_pem, 1024}, {test::rsa_1023_pem, 1023}, {test::rsa_2048_pem, 2048}, {test::ed25519_pem, 256}};
  for (const auto& [pem, bits] : pems) {
    const auto key = PrivateKey::from_pem(pem).value();
    CHECK(key.bits() == bits);
    const dkim::Digest digest = dkim::sha256("text");
    auto signature = key.sign(digest);
    CHECK(signature == key.sign(digest));  // both algorithms are deterministic
    const auto published = PublicKey::decode(key.type(), octets(key.public_key().record_value())).value();
    CHECK(published.bits() == bits);
    CHECK(published.type() == key.type());
    CHECK(published.verify(digest, signature));
    CHECK_FALSE(published.verify(dkim::sha256("texT"), signature));
    signature.back() ^= 1U;
    CHECK_FALSE(published.verify(digest, signature));
    signature.pop_back();
    CHECK_FALSE(published.verify(digest, signature));
    CHECK_FALSE(published.verify(digest, {}));
  }
}

TEST_CASE("public keys: RSA comes wrapped or bare, Ed25519 as 32 octets", "[dkim]") {
  const auto rsa = PrivateKey::from_pem(test::rsa_1024_pem).value();
  const auto bare = PublicKey::decode(KeyType::rsa, octets(test::rsa_1024_bare)).value();
  CHECK(bare.record_value() == rsa.public_key().record_value());  // always published wrapped
  const auto spki = octets(rsa.public_key().record_value());
  auto cut = spki;
  cut.pop_back();
  auto extended = spki;
  extended.push_back(0);
  const auto ed25519 = octets(PrivateKey::from_pem(test::ed25519_pem).value().public_key().record_value());
  CHECK(ed25519.size() == 32);
  auto ed25519_spki = octets("MCowBQYDK2VwAyEA");
  ed25519_spki.insert(ed25519_spki.end(), ed25519.begin(), ed25519.end());
  CHECK(is_key(KeyType::rsa, spki));
  CHECK_FALSE(is_key(KeyType::rsa, cut));
  CHECK_FALSE(is_key(KeyType::rsa, extended));  // the whole of p= is the key
  CHECK_FALSE(is_key(KeyType::rsa, {}));
  CHECK_FALSE(is_key(KeyType::rsa, octets("MAMA")));
  CHECK_FALSE(is_key(KeyType::rsa, ed25519_spki));  // a key, of another type
  CHECK_FALSE(is_key(KeyType::ed25519, spki));
  CHECK_FALSE(is_key(KeyType::ed25519, ed25519_spki));  // RFC 8463 §4: not wrapped
  CHECK_FALSE(is_key(KeyType::ed25519, octets("AAAA")));
}

TEST_CASE("public keys: a modulus above the limit is refused", "[dkim][limits]") {
  const auto der_of = [](std::size_t modulus_octets) {  // SEQUENCE { INTEGER modulus, INTEGER 65537 }
    dkim::Octets modulus(modulus_octets, 0xff);
    const auto put_size = [](dkim::Octets& out, std::size_t size) {
      out.insert(out.end(), {0x82, static_cast<std::uint8_t>(size >> 8U), static_cast<std::uint8_t>(size)});
    };
    dkim::Octets der{0x30};
    put_size(der, modulus_octets + 1 + 4 + 5);
    der.push_back(0x02);
    put_size(der, modulus_octets + 1);
    der.push_back(0);
    der.insert(der.end(), modulus.begin(), modulus.end());
    der.insert(der.end(), {0x02, 0x03, 0x01, 0x00, 0x01});
    return der;
  };
  CHECK(PublicKey::decode(KeyType::rsa, der_of(1024)).value().bits() == PublicKey::max_rsa_bits);
  const auto large = PublicKey::decode(KeyType::rsa, der_of(1025));
  REQUIRE_FALSE(large.has_value());
  CHECK(large.error().text == "RSA key too large");
}

TEST_CASE("private keys: PKCS#1 and PKCS#8 are the same key", "[dkim]") {
  const auto pkcs1 = PrivateKey::from_pem(test::rsa_1024_pem).value();
  const auto pkcs8 = PrivateKey::from_pem(test::rsa_1024_pkcs8_pem).value();
  CHECK(pkcs1.public_key().record_value() == pkcs8.public_key().record_value());
}

TEST_CASE("private keys: the error says what was found instead", "[dkim]") {
  CHECK(error_of("") == "not a private key in PEM form");
  CHECK(error_of("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n") == "not a private key in PEM form");
  CHECK(error_of(test::rsa_1024_public_pem) == "a public key, not a private key");
  CHECK(error_of(test::encrypted_pkcs1_pem) == "the private key is encrypted");
  CHECK(error_of(test::encrypted_pkcs8_pem) == "the private key is encrypted");
  CHECK(error_of(test::ec_pem) == "neither an RSA nor an Ed25519 key");
  CHECK(error_of(test::rsa_pss_pem) == "neither an RSA nor an Ed25519 key");
  CHECK_FALSE(PrivateKey::from_der(octets("AAAA")).has_value());
  CHECK_FALSE(PrivateKey::from_ed25519_seed(octets("AAAA")).has_value());
}

TEST_CASE("Ed25519: the seed, public key and signature of RFC 8032 belong together", "[dkim]") {
  // RFC 8032 §7.1, test 1: the seed and its public key.
  const auto key = PrivateKey::from_ed25519_seed(octets("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")).value();
  CHECK(key.type() == KeyType::ed25519);
  CHECK(key.public_key().record_value() == "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
}
