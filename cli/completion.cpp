#include "cli/completion.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iterator>
#include <string_view>
#include <vector>

namespace cli {
namespace {

using Out = std::back_insert_iterator<std::string>;

/// A command and the words that lead to it: "signet key new".
struct Command {
  std::string path;
  const CLI::App* app;
};

/// All of them, each before those below it. Their depth is ours to choose, so recursion ends.
std::vector<Command> all_commands(const CLI::App& app, const std::string& path) {
  std::vector<Command> all{{path, &app}};
  for (const CLI::App* below : app.get_subcommands([](const CLI::App*) { return true; })) {
    const auto more = all_commands(*below, path + " " + below->get_name());
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

std::vector<const CLI::App*> subcommands(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

bool is_hidden(const CLI::Option& option) { return option.get_group().empty(); }

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

/// "--ip", "-c": as they are typed.
std::vector<std::string> spellings(const CLI::Option& option) {
  std::vector<std::string> all;
  for (const std::string& name : option.get_snames()) all.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) all.push_back("--" + name);
  return all;
}

std::vector<const CLI::Option*> shown_options(const CLI::App& app) {
  return app.get_options([](const CLI::Option* option) { return !is_hidden(*option) && !option->get_positional(); });
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

/// What may stand at a place of the command: subcommands, options, and the options that take a value.
struct Words {
  std::vector<std::string> commands, options, valued;
};

Words words_of(const CLI::App& app) {
  Words words;
  for (const CLI::App* below : subcommands(app)) words.commands.push_back(below->get_name());
  for (const CLI::Option* option : shown_options(app))
    for (const std::string& name : spellings(*option)) {
      words.options.push_back(name);
      if (takes_value(*option)) words.valued.push_back(name);
    }
  return words;
}

/// In single quotes, with what _arguments and _describe read as syntax taken away.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'')
      out += "'\\''";
    else if (c == '[' || c == ']' || c == ':' || c == '\\')
      out += std::string("\\") + c;
    else
      out += c;
  }
  return out;
}

std::string zsh_function_name(std::string path) {
  for (char& c : path)
    if (c == ' ' || c == '-') c = '_';
  return "_" + path;
}

/// One argument of _arguments for each spelling.
void add_zsh_options(std::string& out, const CLI::App& app) {
  for (const CLI::Option* option : shown_options(app))
    for (const std::string& name : spellings(*option))
      fmt::format_to(Out(out), " \\\n    '*{}[{}]{}'", name, zsh_text(option->get_description()),
                     takes_value(*option) ? ":value:_files" : "");
}

void add_zsh_group(std::string& out, const Command& command) {
  fmt::format_to(Out(out), "  local -a commands\n  commands=(\n");
  for (const CLI::App* below : subcommands(*command.app))
    fmt::format_to(Out(out), "    '{}:{}'\n", below->get_name(), zsh_text(below->get_description()));
  out += "  )\n  _arguments -C";
  add_zsh_options(out, *command.app);
  out +=
      " \\\n    '1: :->command' '*:: :->rest'\n  case $state in\n  command) _describe command commands ;;\n  rest)\n    case "
      "$words[1] in\n";
  for (const CLI::App* below : subcommands(*command.app))
    fmt::format_to(Out(out), "    {}) {} ;;\n", below->get_name(), zsh_function_name(command.path + " " + below->get_name()));
  out += "    esac ;;\n  esac\n";
}

}  // namespace

std::string bash_completion(const CLI::App& app) {
  std::string steps, words;
  for (const Command& command : all_commands(app, app.get_name())) {
    if (command.app != &app) fmt::format_to(Out(steps), "    '{0}') path='{0}' ;;\n", command.path);
    const Words found = words_of(*command.app);
    fmt::format_to(Out(words), "  '{}')\n    commands='{}'\n    options='{}'\n    valued='{}' ;;\n", command.path,
                   joined(found.commands), joined(found.options), joined(found.valued));
  }
  return fmt::format(R"(# bash completion for {0}, made by `{0} --completion bash`.

_{0}() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}}
  local path={0} commands options valued i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path ${{COMP_WORDS[i]}}" in
{1}    esac
  done
  case $path in
{2}  esac
  COMPREPLY=()
  # The value of an option may be a file: the shell's own completion has those.
  [[ " $valued " == *" $before "* ]] && return
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
  elif [[ $commands ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$word")
  fi
}}

complete -o default -F _{0} {0}
)",
                     app.get_name(), steps, words);
}

std::string zsh_completion(const CLI::App& app) {
  std::string out = fmt::format("#compdef {0}\n# zsh completion for {0}, made by `{0} --completion zsh`.\n", app.get_name());
  for (const Command& command : all_commands(app, app.get_name())) {
    fmt::format_to(Out(out), "\n{}() {{\n", zsh_function_name(command.path));
    if (!subcommands(*command.app).empty()) {
      out += "  local state line\n  local -A opt_args\n";
      add_zsh_group(out, command);
    } else {
      out += "  _arguments";
      add_zsh_options(out, *command.app);
      out += " \\\n    '*:argument:_files'\n";
    }
    out += "}\n";
  }
  return out + fmt::format("\n_{} \"$@\"\n", app.get_name());
}

}  // namespace cli
