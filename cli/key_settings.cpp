#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>

#include "cli/key.hpp"
#include "conf/load.hpp"

namespace cli {

KeySettings load_key_settings(KeyCommand& command) {
  constexpr const char* usual = "/etc/signet/signet.toml";
  std::error_code unknown;
  if (command.sources.config.empty() && std::filesystem::exists(usual, unknown)) command.sources.config = usual;
  const conf::Settings settings = command.sources.config.empty() ? conf::defaults() : conf::load(command.sources.config);
  return {command.directory.empty() ? settings.keys.directory : command.directory, settings.keys.grace,
          settings.control.socket};
}

bool asks_for_types(const KeyTypes& types) { return types.rsa_bits != 0 || types.ed25519 || types.both; }

std::vector<keys::Recipe> recipes_of(const KeyTypes& types) {
  constexpr unsigned usual_bits = keys::Recipe{}.rsa_bits;
  const unsigned bits = types.rsa_bits == 0 ? usual_bits : types.rsa_bits;
  if (bits != 2048 && bits != 3072 && bits != 4096)
    throw std::invalid_argument(fmt::format("--rsa: found {}, expected 2048, 3072 or 4096", bits));
  std::vector<keys::Recipe> recipes;
  if (types.both || !types.ed25519) recipes.push_back({dkim::KeyType::rsa, bits});
  if (types.both || types.ed25519) recipes.push_back({dkim::KeyType::ed25519, 0});
  return recipes;
}

}  // namespace cli
