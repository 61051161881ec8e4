#pragma once
// Replacing the keys of a domain without anybody noticing. The steps are dkim::advance()'s; here they meet the folder, the
// DNS and the clock.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/domain.hpp"
#include "base/time.hpp"
#include "dkim/rotation.hpp"
#include "keys/authority.hpp"
#include "keys/folder.hpp"

namespace keys {

struct Recipe {
  dkim::KeyType type = dkim::KeyType::rsa;
  unsigned rsa_bits = 2048;
};

/// One key as it stands, for a person.
struct KeyStatus {
  dkim::RotatingKey key;
  std::optional<dkim::PublicKey> public_key;  // none: the file is gone or unusable, `fault` says
  std::string fault;
  std::optional<Everywhere> shown;  // what the name servers say, where they were asked
};

/// "s20261124r", with "e" for Ed25519; with a number after it where the folder has that one already.
[[nodiscard]] std::string free_selector(const Folder& folder, dkim::KeyType type, base::UnixTime now);

/// Makes the key and its file. Throws FolderError.
[[nodiscard]] dkim::PrivateKey make_key(const Folder& folder, const std::string& selector, const Recipe& recipe);

/// What all name servers say of one key (ask_everywhere).
using Ask = std::function<Everywhere(const std::string& selector, const dkim::PublicKey& key)>;

struct Rotating {
  std::vector<KeyStatus> keys;    // after the steps
  std::vector<dkim::Step> steps;  // that were taken
};

/// How the keys stand. Asks about those that `asks_for` names: next ones for a step, retired ones for a person.
[[nodiscard]] std::vector<KeyStatus> look_at(const Folder& folder, const dkim::Rotation& rotation, const Ask& ask,
                                             const std::function<bool(dkim::Stage)>& asks_for);

/// Takes the steps that are due, and writes them down. Throws FolderError.
[[nodiscard]] Rotating move_on(const Folder& folder, const Ask& ask, base::UnixTime now, std::chrono::seconds grace);

/// Makes a next key by each recipe. Key files that no stage is known of are taken in as next, too: `signet key new` made them.
/// Throws FolderError.
[[nodiscard]] dkim::Rotation begin(const Folder& folder, const std::vector<Recipe>& recipes, base::UnixTime now);

/// The recipes of what signs now: each type once, RSA with the bits of the largest, 2048 at least.
[[nodiscard]] std::vector<Recipe> same_again(const std::vector<KeyStatus>& keys);

/// What a step means and what is to be done now, in words.
[[nodiscard]] std::string explain(const dkim::Step& step, const base::Domain& domain, base::UnixTime now,
                                  std::chrono::seconds grace);

/// Takes a retired key, or one that never signed, out of the rotation, and its file away. Throws FolderError, also where the
/// key is in another stage.
void forget(const Folder& folder, const std::string& selector);

}  // namespace keys
