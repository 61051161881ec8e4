#pragma once
// Completion for shells, made of the command line itself, so that it knows every subcommand and option there is.

#include <string>

namespace CLI {
class App;
}

namespace cli {

/// A script for bash (of any version since 4, with or without the package bash-completion).
[[nodiscard]] std::string bash_completion(const CLI::App& app);
/// A script for zsh, as a file `_signet` in its fpath.
[[nodiscard]] std::string zsh_completion(const CLI::App& app);

}  // namespace cli
