#pragma once
// The keys of one domain on their way from made to gone, as a small text that a person can read:
//
//     # STAGE    TYPE     SELECTOR        SINCE
//     active     rsa      s20261124r      2026-11-24T20:15:00Z
//     retiring   rsa      s20260301r      2026-11-24T20:15:00Z
//
// Pure: text to value and back, and one step forward. docs/adr/0014 says why these stages.

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "dkim/crypto.hpp"

namespace dkim {

enum class Stage {
  next,      // made; its record is to be published
  active,    // signs
  retiring,  // signs no more, and must stay published: what it signed is still on its way
  retired,   // its record is to be taken out of the DNS, or its p= emptied
};

[[nodiscard]] std::string_view to_text(Stage stage);
[[nodiscard]] std::string_view to_text(KeyType type);  // "rsa", "ed25519": as k= has them

struct RotatingKey {
  Stage stage = Stage::next;
  KeyType type = KeyType::rsa;
  std::string selector;
  base::UnixTime since;  // in this stage

  friend bool operator==(const RotatingKey&, const RotatingKey&) = default;
};

using Rotation = std::vector<RotatingKey>;

inline constexpr std::size_t max_rotating_keys = 64;       // of one domain; two a year for thirty years
inline constexpr std::size_t max_rotation_octets = 16384;  // of the text

struct RotationError {
  std::size_t line = 0;   // from 1; 0: the whole
  std::string_view text;  // static storage: what was expected
  friend bool operator==(const RotationError&, const RotationError&) = default;
};

/// Letters, digits, '-' and '_', with single dots between: it is part of a DNS name and of a file's. At most 63 octets.
[[nodiscard]] bool is_plain_selector(std::string_view text);

/// Blank lines and lines that begin with '#' are skipped. A selector comes once.
[[nodiscard]] base::Result<Rotation, RotationError> parse_rotation(std::string_view text);
inline constexpr std::string_view rotation_file = "rotation";  // its name, in the folder of a domain's keys
/// Reads a file; empty where there is none. The error: one line with path, line, what was found and what was expected.
[[nodiscard]] base::Result<Rotation, std::string> load_rotation(const std::string& path);
/// With a head that says what the file is; parses to the same again.
[[nodiscard]] std::string format_rotation(const Rotation& rotation);

/// What all name servers of the zone say of one key's record, together.
enum class Published {
  everywhere,  // each shows this key
  not_yet,     // each that answered shows this key or none, and some show none
  nowhere,     // each says that there is no record, or that the key is revoked
  otherwise,   // some show another key, or nothing that can be read
  unknown,     // some did not answer, so nothing is certain
};

struct Step {
  std::string selector;
  Stage to = Stage::active;
  friend bool operator==(const Step&, const Step&) = default;
};

/// One look at the clock and the DNS, and what follows: a next key that is published everywhere becomes active, and the
/// active ones of its type retire; one that has been retiring for `grace` is retired. A step back is never taken, whatever
/// the DNS says. `published`: one for each key. The steps are done to `rotation`, in its order.
[[nodiscard]] std::vector<Step> advance(Rotation& rotation, std::span<const Published> published, base::UnixTime now,
                                        std::chrono::seconds grace);

}  // namespace dkim
