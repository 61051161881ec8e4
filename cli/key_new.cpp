#include <fmt/format.h>

#include "cli/key.hpp"
#include "cli/own_key_text.hpp"

namespace cli {
namespace {

std::string rule_text(const base::Domain& domain, const std::string& keys) {
  return fmt::format("[[sign.rule]]\nfrom = \"{0}\"\ndomain = \"{0}\"\nkeys = [\n{1}]\n", domain.text(), keys);
}

}  // namespace

int run_key_new(KeyNewOptions options, std::ostream& out) {
  const KeySettings settings = load_key_settings(options.command);
  const base::Domain domain = read_domain("DOMAIN", options.domain);
  const auto recipes = recipes_of(options.types);
  if (!options.selector.empty() && recipes.size() > 1)
    throw std::invalid_argument("--selector: one name is not enough for --both");
  if (!options.selector.empty() && !dkim::is_plain_selector(options.selector))
    throw std::invalid_argument("--selector: expected letters, digits, '-', '_' and single '.' between them");
  const keys::Folder folder(settings.directory, domain);
  const keys::Folder::Lock lock(folder);
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  std::string text, rule;
  for (const auto& recipe : recipes) {
    const std::string selector = options.selector.empty()
                                     ? keys::free_selector(folder, recipe.type, time_of(options.command.sources))
                                     : options.selector;
    const auto key = keys::make_key(folder, selector, recipe).public_key();
    const std::string file = folder.key_path(selector);
    json.push_back(to_json(domain, selector, key, file));
    text += fmt::format("{} ({})\n\n{}\n", file, describe_key(key), publish_text(domain, selector, key));
    rule += fmt::format("  {{ selector = \"{}\", file = \"{}\" }},\n", selector, file);
  }
  if (options.command.json) {
    out << json.dump(2) << '\n';
    return 0;
  }
  out << text << "When the DNS shows it (signet key check), sign with it, in signet.toml:\n\n" << rule_text(domain, rule);
  return 0;
}

}  // namespace cli
