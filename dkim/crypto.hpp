#pragma once
// Digests and keys. crypto.cpp is the one file that knows OpenSSL. Algorithms are fetched once per process,
// keys are decoded once and kept: both cost more than using them.

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace dkim {

using Digest = std::array<std::uint8_t, 32>;  // SHA-256
using Octets = std::vector<std::uint8_t>;

enum class KeyType { rsa, ed25519 };

/// SHA-256 in pieces. Throws std::bad_alloc when OpenSSL has no memory.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::string_view octets);
  /// Once; the object is then spent.
  [[nodiscard]] Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A decoded public key; cheap to copy, safe to use from several threads.
class PublicKey {
 public:
  static constexpr unsigned max_rsa_bits = 8192;  // a larger modulus only costs time: refused

  /// RSA: SubjectPublicKeyInfo or bare RSAPublicKey, DER. Ed25519: the 32 octets (RFC 8463 §4), nothing around
  /// them. Fails with a static text when the octets are no key of that type.
  [[nodiscard]] static base::Result<PublicKey, base::ParseError> decode(KeyType type, std::span<const std::uint8_t> der);

  [[nodiscard]] KeyType type() const;
  [[nodiscard]] unsigned bits() const;  // RSA: of the modulus; Ed25519: 256
  /// RSASSA-PKCS1-v1_5 over the digest, or Ed25519 over the digest as message (RFC 8463 §3).
  [[nodiscard]] bool verify(const Digest& digest, std::span<const std::uint8_t> signature) const;
  /// The p= value of its key record, base64: SPKI for RSA, the 32 octets for Ed25519.
  [[nodiscard]] std::string record_value() const;

 private:
  friend class PrivateKey;
  struct State;
  explicit PublicKey(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

/// A private key for signing; cheap to copy, safe to use from several threads.
class PrivateKey {
 public:
  /// PEM, PKCS#1 or PKCS#8, RSA or Ed25519, not encrypted. The error text names what was wrong.
  [[nodiscard]] static base::Result<PrivateKey, base::ParseError> from_pem(std::string_view pem);
  /// PKCS#8 or PKCS#1 DER.
  [[nodiscard]] static base::Result<PrivateKey, base::ParseError> from_der(std::span<const std::uint8_t> der);
  /// A new one, from the system's random source. `rsa_bits`: of the modulus, for RSA only. Throws std::runtime_error when
  /// OpenSSL makes none.
  [[nodiscard]] static PrivateKey generate(KeyType type, unsigned rsa_bits = 2048);
  /// The 32 octets of an Ed25519 seed.
  [[nodiscard]] static base::Result<PrivateKey, base::ParseError> from_ed25519_seed(std::span<const std::uint8_t> seed);

  [[nodiscard]] KeyType type() const;
  [[nodiscard]] unsigned bits() const;
  /// Throws std::runtime_error when OpenSSL fails, which it does only for want of memory.
  [[nodiscard]] Octets sign(const Digest& digest) const;
  [[nodiscard]] PublicKey public_key() const;
  /// PKCS#8, not encrypted (RFC 5958, RFC 7468 §10).
  [[nodiscard]] std::string to_pem() const;

 private:
  struct State;
  explicit PrivateKey(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  [[nodiscard]] static base::Result<PrivateKey, base::ParseError> adopt(std::shared_ptr<State> state);
  std::shared_ptr<const State> state_;
};

/// SHA-256 of one run of octets.
[[nodiscard]] Digest sha256(std::string_view octets);

}  // namespace dkim
