#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/key.hpp"
#include "cli/own_key_text.hpp"
#include "cli/reload.hpp"

namespace cli {
namespace {

using dkim::Stage;

constexpr std::chrono::seconds patience{60};  // with the name servers, for one domain

/// The DNS, as the name servers of a domain are asked.
class NameServers {
 public:
  NameServers(const Sources& sources, base::Domain domain)
      : resolver_(open_resolver(sources, log_)), domain_(std::move(domain)), ask_server_(keys::ask_directly(log_)) {}

  [[nodiscard]] keys::Ask asker() {
    return [this](const std::string& selector, const dkim::PublicKey& key) {
      return keys::ask_everywhere(*resolver_, ask_server_, domain_, selector, key, std::chrono::steady_clock::now() + patience);
    };
  }

 private:
  StderrLog log_;
  std::unique_ptr<dns::Resolver> resolver_;
  base::Domain domain_;
  keys::ServerResolver ask_server_;
};

bool has_stage(const std::vector<keys::KeyStatus>& all, Stage stage) {
  return std::any_of(all.begin(), all.end(), [&](const keys::KeyStatus& status) { return status.key.stage == stage; });
}

/// A running signetd takes up what has changed at its next look, or now if there is a way to tell it.
void tell_daemon(const KeySettings& settings, std::ostream& out) {
  if (settings.control_socket.empty()) {
    out << "signetd takes this up when it looks at its keys next (keys.check-interval), or by `systemctl reload signet`.\n";
    return;
  }
  ReloadOptions reload;
  reload.socket = settings.control_socket;
  static_cast<void>(run_reload(reload, out, out));
}

void print(const std::vector<keys::KeyStatus>& all, const base::Domain& domain, const KeySettings& settings,
           std::ostream& out) {
  out << domain.text() << '\n';
  for (const auto& status : all) out << stage_text(status, domain, settings.grace);
  for (const auto& status : all)
    if (status.key.stage == Stage::next && status.public_key)
      out << fmt::format("\nPublish {}.\n{}", status.key.selector,
                         publish_text(domain, status.key.selector, *status.public_key));
}

void print_json(const std::vector<keys::KeyStatus>& all, const base::Domain& domain, std::ostream& out) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const auto& status : all) json.push_back(to_json(status, domain));
  out << json.dump(2) << '\n';
}

/// The domains that have a folder, in order.
std::vector<base::Domain> known_domains(const KeySettings& settings) {
  constexpr std::size_t max_folders = 20'000;
  std::vector<base::Domain> domains;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(settings.directory, none)) {
    const auto domain = base::Domain::parse(entry.path().filename().string());
    if (domain && entry.is_directory() && domains.size() < max_folders) domains.push_back(*domain);
  }
  if (none && none != std::errc::no_such_file_or_directory)
    throw keys::FolderError(fmt::format("{}: {}", settings.directory, none.message()));
  std::sort(domains.begin(), domains.end());
  return domains;
}

}  // namespace

int run_key_rotate(KeyRotateOptions options, std::ostream& out) {
  const KeySettings settings = load_key_settings(options.command);
  const base::Domain domain = read_domain("DOMAIN", options.domain);
  const base::UnixTime now = time_of(options.command.sources);
  const keys::Folder folder(settings.directory, domain);
  NameServers name_servers(options.command.sources, domain);
  const auto ask = name_servers.asker();
  auto rotating = keys::move_on(folder, ask, now, settings.grace);
  const bool has_moved = !rotating.steps.empty();
  if (!options.only_advance && !has_moved && !has_stage(rotating.keys, Stage::next)) {
    const auto same = keys::same_again(rotating.keys);
    const bool is_first = rotating.keys.empty() && !folder.selectors().empty() && !asks_for_types(options.types);
    const auto recipes = is_first                                        ? std::vector<keys::Recipe>{}
                         : same.empty() || asks_for_types(options.types) ? recipes_of(options.types)
                                                                         : same;
    static_cast<void>(keys::begin(folder, recipes, now));
    rotating = keys::move_on(folder, ask, now, settings.grace);
  }
  if (options.command.json) {
    print_json(rotating.keys, domain, out);
  } else {
    for (const auto& step : rotating.steps) out << keys::explain(step, domain, now, settings.grace) << '\n';
    print(rotating.keys, domain, settings, out);
    if (has_moved || !rotating.steps.empty()) tell_daemon(settings, out);
  }
  return has_stage(rotating.keys, Stage::next) || has_stage(rotating.keys, Stage::retired) ? exit_key_to_do : 0;
}

int run_key_list(KeyListOptions options, std::ostream& out) {
  const KeySettings settings = load_key_settings(options.command);
  const auto domains = options.domain.empty() ? known_domains(settings) : std::vector{read_domain("DOMAIN", options.domain)};
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const auto& domain : domains) {
    const keys::Folder folder(settings.directory, domain);
    NameServers name_servers(options.command.sources, domain);
    const auto wants = [&](Stage) { return options.ask; };
    const auto all = keys::look_at(folder, folder.read_rotation(), name_servers.asker(), wants);
    for (const auto& status : all) json.push_back(to_json(status, domain));
    if (options.command.json || all.empty()) continue;
    out << domain.text() << '\n';
    for (const auto& status : all) out << stage_text(status, domain, settings.grace);
  }
  if (options.command.json) out << json.dump(2) << '\n';
  if (!options.command.json && json.empty())
    out << fmt::format("No key rotates in {} (signet key rotate DOMAIN begins).\n", settings.directory);
  return 0;
}

int run_key_forget(KeyForgetOptions options, std::ostream& out) {
  const KeySettings settings = load_key_settings(options.command);
  const keys::Folder folder(settings.directory, read_domain("DOMAIN", options.domain));
  keys::forget(folder, options.selector);
  out << fmt::format("{} is gone, and its key with it.\n", options.selector);
  return 0;
}

}  // namespace cli
