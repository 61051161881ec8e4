#pragma once
// The body hashes of one message, each computed once however many signatures, made or verified, need it.
// RFC 6376 §3.7 (bh=), §3.5 (l=).

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "dkim/canonicalization.hpp"
#include "dkim/crypto.hpp"

namespace dkim {

class BodyHashes {
 public:
  using Id = std::size_t;

  BodyHashes();
  ~BodyHashes();
  BodyHashes(const BodyHashes&) = delete;
  BodyHashes& operator=(const BodyHashes&) = delete;

  /// Asks for a hash, before the first update(). `length`: hash only that many octets (l=). The same request
  /// gives the same id.
  [[nodiscard]] Id want(Canonicalization c, std::optional<std::uint64_t> length = std::nullopt);
  [[nodiscard]] bool is_empty() const;  // nobody wants one: the body need not be sent here
  void update(std::string_view chunk);
  void finish();

  /// After finish().
  [[nodiscard]] const Digest& digest(Id id) const;
  /// Octets of the whole canonical body, also when `length` was smaller.
  [[nodiscard]] std::uint64_t canonical_octets(Id id) const;

 private:
  struct Stream;  // one canonicalization of the body
  struct Entry;   // one hash of it
  void accept(Canonicalization c, std::string_view octets);
  std::array<std::unique_ptr<Stream>, 2> streams_;
  std::vector<Entry> entries_;
};

}  // namespace dkim
