#pragma once
// What the header hash of a signature covers. RFC 6376 §3.7, §5.4.2.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dkim/canonicalization.hpp"
#include "message/header_block.hpp"

namespace dkim {

/// The fields of a header block by name, for the signatures of one message. Borrows the block.
class FieldIndex {
 public:
  explicit FieldIndex(const message::HeaderBlock& header);

  /// The fields that the names of h= (lower case) select, canonical and joined: for each name the bottommost
  /// instance not yet taken; a name without one adds nothing. `own`: the signature's own field, never taken.
  [[nodiscard]] std::string canonical_fields(std::span<const std::string> names, Canonicalization c,
                                             std::optional<std::size_t> own = std::nullopt) const;
  [[nodiscard]] std::size_t count(std::string_view name) const { return find(name).size(); }

 private:
  /// A field by the hash of its name: names that differ are then mostly told apart by one comparison of numbers. Names made
  /// to have the same hash cost what comparing names costs.
  struct Place {
    std::uint32_t name_hash, field;
  };
  using Instances = std::span<const Place>;  // of one name, top to bottom

  [[nodiscard]] bool comes_before(const Place& place, const Place& other) const;
  [[nodiscard]] std::string_view name_of(const Place& place) const { return header_[place.field].name; }
  [[nodiscard]] Instances find(std::string_view name) const;

  const message::HeaderBlock& header_;
  std::vector<Place> by_name_;  // all fields, those of a name together and from the top
};

/// Appends the signature's own field as it is hashed: last, b= emptied, without a final CRLF.
void append_own_field(std::string& out, const message::Field& field, Canonicalization c);

}  // namespace dkim
