// What has to do with a setup of signetd: signet import, reload, config.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "cli/import.hpp"
#include "cli/reload.hpp"
#include "cli/shadow.hpp"
#include "cli/subcommands.hpp"
#include "conf/load.hpp"
#include "conf/options.hpp"

namespace cli {
namespace {

void add_import_files(CLI::App& command, migrate::OldFiles& files) {
  const auto add = [&](const char* name, migrate::OldFile& file, const std::string& help) {
    const auto read = [&file](const std::string& path) { file = {path, true}; };
    command.add_option_function<std::string>(name, read, fmt::format("{} (default: {}, if it is there)", help, file.path));
  };
  add("--opendkim", files.opendkim, "opendkim.conf");
  add("--opendmarc", files.opendmarc, "opendmarc.conf");
  add("--policyd-spf", files.policyd, "policyd-spf.conf");
  add("--main-cf", files.main, "main.cf of Postfix");
  add("--master-cf", files.master, "master.cf of Postfix");
}

void add_import(CLI::App& app, Chosen& chosen) {
  const auto kept = std::make_shared<ImportOptions>();
  ImportOptions& options = *kept;
  CLI::App* command = app.add_subcommand("import", "make a signet.toml of a setup of opendkim, opendmarc and policyd-spf");
  add_import_files(*command, options.files);
  auto* output = command->add_option("-o,--output", options.output, "write the new file here (default: standard output)");
  command->add_flag("--force", options.overwrite, "overwrite the file that --output names")->needs(output);
  auto* zone = command->add_option("--zone-file", options.sources.zone_file, "compare keys with this zone file alone");
  auto* server = command->add_option("--dns", options.sources.dns, "ask this DNS server, ADDRESS or ADDRESS:PORT");
  auto* skip = command->add_flag("--no-dns", options.skip_dns, "do not compare keys with the DNS");
  server->excludes(zone)->excludes(skip);
  skip->excludes(zone);
  command->add_flag("--json", options.json, "print everything as one JSON object");
  command->footer(
      "Nothing but the --output file is written, and nothing is changed. What there is to say goes to standard error.\n"
      "Exit status: 0 done; 1 done, but something listed needs your hand; 64 usage; 66 no old setup, or a named file\n"
      "cannot be read; 73 the output file exists or cannot be written.");
  command->callback([&chosen, kept] { chosen = [kept] { return run_import(*kept, std::cout, std::cerr); }; });
}

/// Where the configuration says that signetd listens, unless the command line says it.
ReloadOptions with_socket(ReloadOptions options) {
  if (!options.socket.empty()) return options;
  options.socket = conf::load(options.config).control.socket;
  if (options.socket.empty()) throw conf::Error({options.config, 0, 0}, "found no control.socket, expected the path of one");
  return options;
}

void add_reload(CLI::App& app, Chosen& chosen) {
  const auto kept = std::make_shared<ReloadOptions>();
  ReloadOptions& options = *kept;
  CLI::App* command = app.add_subcommand("reload", "have a running signetd read its configuration and keys again");
  auto* config = command->add_option("-c,--config", options.config, "configuration file whose control.socket is asked");
  config->capture_default_str();
  command->add_option("--socket", options.socket, "path of the control socket; no configuration is read")->excludes(config);
  command->footer(
      "Prints signetd's answer. Exit status: 0 everything is in force; 1 something is wrong, the answer says what, and all "
      "stays\n"
      "as it was; 69 nobody answers; 78 the configuration file is wrong or names no control.socket.");
  command->callback([&chosen, kept] { chosen = [kept] { return run_reload(with_socket(*kept), std::cout, std::cerr); }; });
}

void add_shadow(CLI::App& app, Chosen& chosen) {
  const auto kept = std::make_shared<ShadowOptions>();
  CLI::App* command = app.add_subcommand("shadow", "sum up where shadow mode found the old chain to say otherwise");
  command->add_option("--log", kept->log, "log file, \"-\": standard input (default: the journal of the unit signet)");
  command->add_flag("--json", kept->json, "print everything as one JSON object");
  command->footer(
      "Reads what signetd wrote with mode = \"shadow\", as text or as JSON. Exit status: 0 safe to switch; 1 look at what is\n"
      "shown first, or nothing was compared; 64 usage; 66 the log cannot be read.");
  command->callback([&chosen, kept] { chosen = [kept] { return run_shadow(*kept, std::cout); }; });
}

int show_config(const std::string& file) {
  std::cout << (file.empty() ? conf::sample_file() : conf::show(conf::load(file)));
  return 0;
}

void add_config(CLI::App& app, Chosen& chosen) {
  const auto file = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("config", "print every setting in force, as TOML");
  command->add_option("FILE", *file, "configuration file; leave it out for the commented sample file");
  command->callback([&chosen, file] { chosen = [file] { return show_config(*file); }; });
}

}  // namespace

void add_setup_commands(CLI::App& app, Chosen& chosen) {
  add_import(app, chosen);
  add_shadow(app, chosen);
  add_reload(app, chosen);
  add_config(app, chosen);
}

}  // namespace cli
