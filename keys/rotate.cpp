#include "keys/rotate.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "auth/key_file.hpp"
#include "keys/record_text.hpp"

namespace keys {
namespace {

using dkim::KeyType;
using dkim::Published;
using dkim::RotatingKey;
using dkim::Rotation;
using dkim::Stage;

bool knows(const Rotation& rotation, const std::string& selector) {
  return std::any_of(rotation.begin(), rotation.end(), [&](const RotatingKey& key) { return key.selector == selector; });
}

void check_room(const Folder& folder, const Rotation& rotation) {
  if (rotation.size() >= dkim::max_rotating_keys)
    throw FolderError(fmt::format("{}: found {} keys, expected fewer (signet key forget)", folder.path(), rotation.size()));
}

/// Key files that no stage is known of.
void take_in(const Folder& folder, Rotation& rotation, base::UnixTime now) {
  for (const auto& selector : folder.selectors()) {
    if (knows(rotation, selector)) continue;
    check_room(folder, rotation);
    const auto key = auth::read_key_file(folder.key_path(selector));
    if (!key) throw FolderError(key.error());
    rotation.push_back({Stage::next, key->type(), selector, now});
  }
}

}  // namespace

std::string free_selector(const Folder& folder, KeyType type, base::UnixTime now) {
  const std::string first =
      fmt::format("s{:%Y%m%d}{}", fmt::gmtime(now.time_since_epoch().count()), type == KeyType::rsa ? 'r' : 'e');
  std::string selector = first;
  for (std::size_t number = 2; folder.has_key(selector) && number <= Folder::max_keys; ++number)
    selector = fmt::format("{}{}", first, number);
  return selector;
}

dkim::PrivateKey make_key(const Folder& folder, const std::string& selector, const Recipe& recipe) {
  auto key = dkim::PrivateKey::generate(recipe.type, recipe.rsa_bits);
  folder.write_key(selector, key);
  return key;
}

std::vector<KeyStatus> look_at(const Folder& folder, const Rotation& rotation, const Ask& ask,
                               const std::function<bool(Stage)>& asks_for) {
  std::vector<KeyStatus> all;
  for (const RotatingKey& rotating : rotation) {
    KeyStatus status{rotating, std::nullopt, {}, std::nullopt};
    if (const auto key = auth::read_key_file(folder.key_path(rotating.selector)))
      status.public_key = key->public_key();
    else
      status.fault = key.error();
    if (status.public_key && asks_for(rotating.stage)) status.shown = ask(rotating.selector, *status.public_key);
    all.push_back(std::move(status));
  }
  return all;
}

/// The name servers are asked without the lock: they take their time. Whoever wrote meanwhile has the next look.
Rotating move_on(const Folder& folder, const Ask& ask, base::UnixTime now, std::chrono::seconds grace) {
  Rotation rotation = folder.read_rotation();
  Rotating out{look_at(folder, rotation, ask, [](Stage stage) { return stage == Stage::next; }), {}};
  std::vector<Published> published;
  for (const KeyStatus& status : out.keys) published.push_back(status.shown ? status.shown->published : Published::unknown);
  Rotation moved = rotation;
  auto steps = dkim::advance(moved, published, now, grace);
  if (steps.empty()) return out;
  const Folder::Lock lock(folder);
  if (folder.read_rotation() != rotation) return out;
  folder.write_rotation(moved);
  out.steps = std::move(steps);
  for (std::size_t i = 0; i < moved.size(); ++i) out.keys[i].key = moved[i];
  return out;
}

Rotation begin(const Folder& folder, const std::vector<Recipe>& recipes, base::UnixTime now) {
  const Folder::Lock lock(folder);
  Rotation rotation = folder.read_rotation();
  take_in(folder, rotation, now);
  for (const Recipe& recipe : recipes) {
    check_room(folder, rotation);
    const std::string selector = free_selector(folder, recipe.type, now);
    static_cast<void>(make_key(folder, selector, recipe));
    rotation.push_back({Stage::next, recipe.type, selector, now});
  }
  folder.write_rotation(rotation);
  return rotation;
}

std::vector<Recipe> same_again(const std::vector<KeyStatus>& keys) {
  std::vector<Recipe> recipes;
  for (const KeyStatus& status : keys) {
    if (status.key.stage != Stage::active) continue;
    const auto is_same = [&](const Recipe& recipe) { return recipe.type == status.key.type; };
    auto recipe = std::find_if(recipes.begin(), recipes.end(), is_same);
    if (recipe == recipes.end()) recipe = recipes.insert(recipes.end(), {status.key.type, Recipe{}.rsa_bits});
    if (status.public_key && status.key.type == KeyType::rsa)
      recipe->rsa_bits = std::max(recipe->rsa_bits, status.public_key->bits());
  }
  return recipes;
}

std::string explain(const dkim::Step& step, const base::Domain& domain, base::UnixTime now, std::chrono::seconds grace) {
  const std::string name = record_name(domain, step.selector);
  switch (step.to) {
    case Stage::active:
      return fmt::format("{} is shown by all name servers and signs from now on", name);
    case Stage::retiring:
      return fmt::format("{} signs no more; leave it published until {:%Y-%m-%d}", name,
                         fmt::gmtime((now + grace).time_since_epoch().count()));
    case Stage::retired:
      return fmt::format(
          "{} is not needed any more: take it out of the DNS, or publish \"v=DKIM1; p=\" there; then `signet key "
          "forget {} {}`",
          name, domain.text(), step.selector);
    case Stage::next:
      break;
  }
  return name;
}

void forget(const Folder& folder, const std::string& selector) {
  const Folder::Lock lock(folder);
  Rotation rotation = folder.read_rotation();
  const auto found =
      std::find_if(rotation.begin(), rotation.end(), [&](const RotatingKey& key) { return key.selector == selector; });
  if (found == rotation.end()) throw FolderError(fmt::format("{}: found no key {} that rotates", folder.path(), selector));
  if (found->stage == Stage::active || found->stage == Stage::retiring)
    throw FolderError(fmt::format("{}: found {} {}, expected a key that is retired, or one that never signed", folder.path(),
                                  selector, dkim::to_text(found->stage)));
  rotation.erase(found);
  folder.write_rotation(rotation);  // first: a key without a stage signs nothing, a stage without a key is a fault
  if (folder.has_key(selector)) folder.remove_key(selector);
}

}  // namespace keys
