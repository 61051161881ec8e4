// signet: the tool a person uses at a terminal.

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "cli/completion.hpp"
#include "cli/key.hpp"
#include "cli/subcommands.hpp"
#include "conf/load.hpp"

namespace {

/// Prints a completion script and ends, as --version does. For packages: not in the help.
void add_completion(CLI::App& app) {
  const auto print = [&app](const std::string& shell) {
    throw CLI::CallForVersion(shell == "bash" ? cli::bash_completion(app) : cli::zsh_completion(app), 0);
  };
  app.add_option_function<std::string>("--completion", print)->check(CLI::IsMember({"bash", "zsh"}))->group("");
}

int run(int argc, char** argv) {
  CLI::App app("signet: SPF, DKIM and DMARC at a terminal", "signet");
  app.set_version_flag("--version", std::string("signet ") + SIGNET_VERSION);
  app.require_subcommand(1);
  add_completion(app);
  cli::Chosen chosen;
  cli::add_message_commands(app, chosen);
  cli::add_lookup_commands(app, chosen);
  cli::add_key_commands(app, chosen);
  cli::add_setup_commands(app, chosen);
  cli::add_report_commands(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : cli::exit_usage;
  }
  return chosen();
}

int fail(const char* text, int status) {
  fmt::print(stderr, "signet: {}\n", text);
  return status;
}

}  // namespace

int main(int argc, char** argv) try { return run(argc, argv); } catch (const conf::Error& error) {
  return fail(error.what(), conf::exit_bad_configuration);
} catch (const keys::FolderError& error) {
  return fail(error.what(), cli::exit_cannot_create);
} catch (const cli::FileError& error) {
  return fail(error.what(), cli::exit_no_input);
} catch (const std::invalid_argument& error) {
  return fail(error.what(), cli::exit_usage);
} catch (const std::exception& error) {
  return fail(error.what(), cli::exit_software);
}
