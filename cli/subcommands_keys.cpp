// What has to do with the keys that sign: signet key new, check, rotate, list, forget.

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "cli/key.hpp"
#include "cli/subcommands.hpp"

namespace cli {
namespace {

void add_common(CLI::App& command, KeyCommand& common) {
  add_sources(command, common.sources);
  command.get_option("--config")->description("configuration file (default: /etc/signet/signet.toml, if it is there)");
  command.add_flag("--json", common.json, "print JSON");
}

void add_directory(CLI::App& command, KeyCommand& common) {
  command.add_option("--directory", common.directory, "folder of the domains' folders (default: keys.directory)");
}

void add_types(CLI::App& command, KeyTypes& types) {
  auto* rsa = command.add_option("--rsa", types.rsa_bits, "an RSA key of 2048, 3072 or 4096 bits (default: 2048)");
  auto* ed25519 = command.add_flag("--ed25519", types.ed25519, "an Ed25519 key");
  auto* both = command.add_flag("--both", types.both, "one of each");
  rsa->excludes(ed25519);
  both->excludes(ed25519);
}

void add_new(CLI::App& group, Chosen& chosen) {
  const auto kept = std::make_shared<KeyNewOptions>();
  CLI::App* command = group.add_subcommand("new", "make a key, and print the record to publish");
  add_common(*command, kept->command);
  add_directory(*command, kept->command);
  add_types(*command, kept->types);
  command->add_option("--selector", kept->selector, "its selector (default: made of the date)");
  command->add_option("DOMAIN", kept->domain, "the signing domain (d=)")->required();
  command->footer(
      "Writes DIRECTORY/DOMAIN/SELECTOR.pem, mode 0600, for the owner of the folder; never overwrites. Exit status: 0 made;\n"
      "64 usage; 73 the file cannot be made; 78 configuration.");
  command->callback([&chosen, kept] { chosen = [kept] { return run_key_new(*kept, std::cout); }; });
}

void add_check(CLI::App& group, Chosen& chosen) {
  const auto kept = std::make_shared<KeyCommand>();
  CLI::App* command = group.add_subcommand("check", "compare the configuration's keys with what the DNS shows");
  add_common(*command, *kept);
  command->footer(
      "Exit status: 0 all are published, match and are strong; 1 something is to be done; 75 the DNS failed; 64 usage; 78\n"
      "configuration.");
  command->callback([&chosen, kept] { chosen = [kept] { return run_key_check(*kept, std::cout); }; });
}

void add_rotate(CLI::App& group, Chosen& chosen) {
  const auto kept = std::make_shared<KeyRotateOptions>();
  CLI::App* command = group.add_subcommand("rotate", "make a domain's next key, or move its keys on");
  add_common(*command, kept->command);
  add_directory(*command, kept->command);
  add_types(*command, kept->types);
  command->add_flag("--only-advance", kept->only_advance, "take the steps that are due, and make no key");
  command->add_option("DOMAIN", kept->domain, "the signing domain (d=)")->required();
  command->footer(
      "Makes a next key where none waits already, of the types that sign now. A next key signs as soon as all name servers of\n"
      "the zone show it; the one before stays published for keys.grace. signetd takes the same steps by itself.\n"
      "Exit status: 0 nothing is to be done; 1 a record is to be published or taken out; 64 usage; 73 a file cannot be\n"
      "written; 78 configuration.");
  command->callback([&chosen, kept] { chosen = [kept] { return run_key_rotate(*kept, std::cout); }; });
}

void add_list(CLI::App& group, Chosen& chosen) {
  const auto kept = std::make_shared<KeyListOptions>();
  CLI::App* command = group.add_subcommand("list", "show the keys that rotate: their stages, since when, and what follows");
  add_common(*command, kept->command);
  add_directory(*command, kept->command);
  command->add_flag("--ask", kept->ask, "ask the name servers, too");
  command->add_option("DOMAIN", kept->domain, "only this signing domain");
  command->footer("Changes nothing. Exit status: 0; 64 usage; 73 a folder cannot be read; 78 configuration.");
  command->callback([&chosen, kept] { chosen = [kept] { return run_key_list(*kept, std::cout); }; });
}

void add_forget(CLI::App& group, Chosen& chosen) {
  const auto kept = std::make_shared<KeyForgetOptions>();
  CLI::App* command = group.add_subcommand("forget", "remove a retired key, or a next one that is not wanted, and its file");
  add_common(*command, kept->command);
  add_directory(*command, kept->command);
  command->add_option("DOMAIN", kept->domain, "the signing domain (d=)")->required();
  command->add_option("SELECTOR", kept->selector, "the key's selector")->required();
  command->footer(
      "Exit status: 0 removed; 64 usage; 73 it signs, must stay published, or cannot be removed; 78 configuration.");
  command->callback([&chosen, kept] { chosen = [kept] { return run_key_forget(*kept, std::cout); }; });
}

}  // namespace

void add_key_commands(CLI::App& app, Chosen& chosen) {
  CLI::App* group = app.add_subcommand("key", "make, check and replace the keys that sign");
  group->require_subcommand(1);
  add_new(*group, chosen);
  add_check(*group, chosen);
  add_rotate(*group, chosen);
  add_list(*group, chosen);
  add_forget(*group, chosen);
}

}  // namespace cli
