#include "dkim/crypto.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <new>
#include <stdexcept>

#include "base/base64.hpp"

namespace dkim {
namespace {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using PkeyPtr = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using BioPtr = std::unique_ptr<BIO, Deleter<BIO_free_all>>;

constexpr std::size_t ed25519_octets = 32;
constexpr std::size_t ed25519_signature_octets = 64;

/// OpenSSL keeps a per-thread list of errors; what we already report ourselves must not stay in it.
class ErrorScope {
 public:
  ErrorScope() { ERR_set_mark(); }
  ~ErrorScope() { ERR_pop_to_mark(); }
  ErrorScope(const ErrorScope&) = delete;
  ErrorScope& operator=(const ErrorScope&) = delete;
};

const EVP_MD* sha256_method() {
  static const std::unique_ptr<EVP_MD, Deleter<EVP_MD_free>> method(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  if (!method) throw std::runtime_error("OpenSSL has no SHA-256");
  return method.get();
}

DigestContext make_digest_context() {
  DigestContext context(EVP_MD_CTX_new());
  if (!context) throw std::bad_alloc();
  return context;
}

/// The type of a key if it is one that DKIM knows.
bool find_type(const EVP_PKEY* key, KeyType& type) {
  const int id = EVP_PKEY_get_base_id(key);
  type = id == EVP_PKEY_ED25519 ? KeyType::ed25519 : KeyType::rsa;
  return id == EVP_PKEY_ED25519 || id == EVP_PKEY_RSA;
}

unsigned bits_of(const EVP_PKEY* key, KeyType type) {
  return type == KeyType::ed25519 ? 256U : static_cast<unsigned>(EVP_PKEY_get_bits(key));
}

/// SubjectPublicKeyInfo, or nothing. The whole of `der` must be the key.
PkeyPtr read_spki(std::span<const std::uint8_t> der) {
  const unsigned char* at = der.data();
  PkeyPtr key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  return at == der.data() + der.size() ? std::move(key) : nullptr;
}

/// RSAPublicKey without the wrapping, as early DKIM software published it.
PkeyPtr read_bare_rsa(std::span<const std::uint8_t> der) {
  const unsigned char* at = der.data();
  PkeyPtr key(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, static_cast<long>(der.size())));
  return at == der.data() + der.size() ? std::move(key) : nullptr;
}

PkeyPtr read_raw_ed25519(std::span<const std::uint8_t> octets) {
  return PkeyPtr(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets.data(), octets.size()));
}

bool verify_rsa(EVP_PKEY* key, const Digest& digest, std::span<const std::uint8_t> signature) {
  const PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  return context && EVP_PKEY_verify_init(context.get()) == 1 &&
         EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1 &&
         EVP_PKEY_CTX_set_signature_md(context.get(), sha256_method()) == 1 &&
         EVP_PKEY_verify(context.get(), signature.data(), signature.size(), digest.data(), digest.size()) == 1;
}

bool verify_ed25519(EVP_PKEY* key, const Digest& digest, std::span<const std::uint8_t> signature) {
  const DigestContext context = make_digest_context();
  return signature.size() == ed25519_signature_octets &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), digest.data(), digest.size()) == 1;
}

bool sign_rsa(EVP_PKEY* key, const Digest& digest, Octets& out) {
  const PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key));
  out.resize(size);
  if (!context || EVP_PKEY_sign_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) != 1 ||
      EVP_PKEY_CTX_set_signature_md(context.get(), sha256_method()) != 1 ||
      EVP_PKEY_sign(context.get(), out.data(), &size, digest.data(), digest.size()) != 1)
    return false;
  out.resize(size);
  return true;
}

bool sign_ed25519(EVP_PKEY* key, const Digest& digest, Octets& out) {
  const DigestContext context = make_digest_context();
  std::size_t size = ed25519_signature_octets;
  out.resize(size);
  return EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
         EVP_DigestSign(context.get(), out.data(), &size, digest.data(), digest.size()) == 1;
}

/// Without this OpenSSL would ask the terminal for a passphrase.
int refuse_passphrase(char*, int, int, void*) { return -1; }

}  // namespace

// ---- Sha256

struct Sha256::State {
  DigestContext context = make_digest_context();
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  if (EVP_DigestInit_ex2(state_->context.get(), sha256_method(), nullptr) != 1) throw std::bad_alloc();
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::string_view octets) {
  if (EVP_DigestUpdate(state_->context.get(), octets.data(), octets.size()) != 1) throw std::bad_alloc();
}

Digest Sha256::finish() {
  Digest digest{};
  unsigned size = 0;
  if (EVP_DigestFinal_ex(state_->context.get(), digest.data(), &size) != 1) throw std::bad_alloc();
  return digest;
}

Digest sha256(std::string_view octets) {
  Sha256 hash;
  hash.update(octets);
  return hash.finish();
}

// ---- PublicKey

struct PublicKey::State {
  PkeyPtr key;
  KeyType type = KeyType::rsa;
  unsigned bits = 0;
};

base::Result<PublicKey, base::ParseError> PublicKey::decode(KeyType type, std::span<const std::uint8_t> der) {
  const ErrorScope errors;
  PkeyPtr key = type == KeyType::ed25519 ? read_raw_ed25519(der) : read_spki(der);
  if (!key && type == KeyType::rsa) key = read_bare_rsa(der);
  auto state = std::make_shared<State>();
  if (!key || !find_type(key.get(), state->type) || state->type != type)
    return base::parse_error(0, type == KeyType::rsa ? "not an RSA public key" : "not an Ed25519 public key");
  state->bits = bits_of(key.get(), type);
  if (type == KeyType::rsa && state->bits > max_rsa_bits) return base::parse_error(0, "RSA key too large");
  state->key = std::move(key);
  return PublicKey(std::move(state));
}

KeyType PublicKey::type() const { return state_->type; }
unsigned PublicKey::bits() const { return state_->bits; }

bool PublicKey::verify(const Digest& digest, std::span<const std::uint8_t> signature) const {
  const ErrorScope errors;
  return state_->type == KeyType::rsa ? verify_rsa(state_->key.get(), digest, signature)
                                      : verify_ed25519(state_->key.get(), digest, signature);
}

std::string PublicKey::record_value() const {
  if (state_->type == KeyType::ed25519) {
    std::array<std::uint8_t, ed25519_octets> raw{};
    std::size_t size = raw.size();
    if (EVP_PKEY_get_raw_public_key(state_->key.get(), raw.data(), &size) != 1) throw std::bad_alloc();
    return base::encode_base64(raw);
  }
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(state_->key.get(), &der);
  if (size <= 0) throw std::bad_alloc();
  const auto release = [](unsigned char* octets) { OPENSSL_free(octets); };
  const std::unique_ptr<unsigned char, decltype(release)> owner(der, release);
  return base::encode_base64({der, static_cast<std::size_t>(size)});
}

// ---- PrivateKey

struct PrivateKey::State {
  PkeyPtr key;
  KeyType type = KeyType::rsa;
  unsigned bits = 0;
};

base::Result<PrivateKey, base::ParseError> PrivateKey::adopt(std::shared_ptr<State> state) {
  if (!find_type(state->key.get(), state->type)) return base::parse_error(0, "neither an RSA nor an Ed25519 key");
  state->bits = bits_of(state->key.get(), state->type);
  return PrivateKey(std::move(state));
}

base::Result<PrivateKey, base::ParseError> PrivateKey::from_pem(std::string_view pem) {
  const ErrorScope errors;
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (!bio) throw std::bad_alloc();
  auto state = std::make_shared<State>();
  state->key.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, &refuse_passphrase, nullptr));
  if (state->key) return adopt(std::move(state));
  if (pem.find("ENCRYPTED") != std::string_view::npos) return base::parse_error(0, "the private key is encrypted");
  if (pem.find("PUBLIC KEY-----") != std::string_view::npos) return base::parse_error(0, "a public key, not a private key");
  return base::parse_error(0, "not a private key in PEM form");
}

base::Result<PrivateKey, base::ParseError> PrivateKey::from_der(std::span<const std::uint8_t> der) {
  const ErrorScope errors;
  const unsigned char* at = der.data();
  auto state = std::make_shared<State>();
  state->key.reset(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der.size())));
  if (!state->key) return base::parse_error(0, "not a private key in DER form");
  return adopt(std::move(state));
}

base::Result<PrivateKey, base::ParseError> PrivateKey::from_ed25519_seed(std::span<const std::uint8_t> seed) {
  const ErrorScope errors;
  if (seed.size() != ed25519_octets) return base::parse_error(0, "an Ed25519 seed has 32 octets");
  auto state = std::make_shared<State>();
  state->key.reset(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
  if (!state->key) throw std::bad_alloc();
  return adopt(std::move(state));
}

PrivateKey PrivateKey::generate(KeyType type, unsigned rsa_bits) {
  const ErrorScope errors;
  auto state = std::make_shared<State>();
  state->key.reset(type == KeyType::rsa ? EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{rsa_bits})
                                        : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  if (!state->key) throw std::runtime_error("OpenSSL could not make a key");
  return *adopt(std::move(state));
}

KeyType PrivateKey::type() const { return state_->type; }
unsigned PrivateKey::bits() const { return state_->bits; }

Octets PrivateKey::sign(const Digest& digest) const {
  const ErrorScope errors;
  Octets signature;
  const bool done = state_->type == KeyType::rsa ? sign_rsa(state_->key.get(), digest, signature)
                                                 : sign_ed25519(state_->key.get(), digest, signature);
  if (!done) throw std::runtime_error("OpenSSL could not sign");
  return signature;
}

std::string PrivateKey::to_pem() const {
  const ErrorScope errors;
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (!bio || PEM_write_bio_PKCS8PrivateKey(bio.get(), state_->key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    throw std::bad_alloc();
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

PublicKey PrivateKey::public_key() const {
  EVP_PKEY_up_ref(state_->key.get());  // the private key holds its public half
  auto state = std::make_shared<PublicKey::State>();
  state->key.reset(state_->key.get());
  state->type = state_->type;
  state->bits = state_->bits;
  return PublicKey(std::move(state));
}

}  // namespace dkim
