#include "cli/completion.hpp"

#include <CLI/CLI.hpp>
#include <array>
#include <catch2/catch.hpp>
#include <cstdio>

#include "base/text.hpp"
#include "cli/subcommands.hpp"
#include "tests/cli/folder.hpp"

namespace {

/// The tool's own command line but for what main() adds.
class CompletionFixture {
 public:
  CompletionFixture() {
    cli::add_message_commands(app, chosen);
    cli::add_lookup_commands(app, chosen);
    cli::add_setup_commands(app, chosen);
    CLI::App* group = app.add_subcommand("group", "what's [in]: it");
    group->add_subcommand("inner", "below")->add_option("--deep", word, "deep");
    group->add_option("--secret", word)->group("");
  }

  /// What a real bash offers behind these words, the last of which is being typed.
  [[nodiscard]] std::string offer(const std::string& words) const {
    const std::string script = folder_.file("signet.bash", cli::bash_completion(app));
    const auto count = base::split(words, ' ').size();
    const std::string command = "bash -c 'source " + script + "; COMP_WORDS=(" + words +
                                "); COMP_CWORD=" + std::to_string(count - 1) + "; _signet; echo -n \"${COMPREPLY[*]}\"' 2>&1";
    return run(command);
  }
  static std::string run(const std::string& command) {
    std::FILE* pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string out;
    std::array<char, 4096> buffer{};
    for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) out.append(buffer.data(), n);
    CHECK(::pclose(pipe) == 0);
    return out;
  }

  CLI::App app{"test", "signet"};
  cli::Chosen chosen;
  std::string word;

 protected:
  test::Folder folder_;
};

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE_METHOD(CompletionFixture, "completion: a real bash offers subcommands, then their options", "[cli]") {
  CHECK(offer("signet ver") == "verify");
  CHECK(offer("signet verify --show") == "--show-canonical");
  CHECK(offer("signet verify message.eml --queue") == "--queue-id");
  CHECK(offer("signet spf --z") == "--zone-file");
  CHECK(offer("signet group in") == "inner");
  CHECK(offer("signet group inner --d") == "--deep");
  CHECK(offer("signet group --se").empty());
}

TEST_CASE_METHOD(CompletionFixture, "completion: the value of an option and a file are left to the shell", "[cli]") {
  CHECK(offer("signet verify --log --js").empty());
  CHECK(offer("signet verify --json --js") == "--json");
  CHECK(offer("signet verify m").empty());
}

TEST_CASE_METHOD(CompletionFixture, "completion: the script for zsh has every subcommand and option, quoted", "[cli]") {
  const std::string script = cli::zsh_completion(app);
  CHECK(script.starts_with("#compdef signet\n"));
  CHECK(contains(script, "    'group:what'\\''s \\[in\\]\\: it'\n"));
  CHECK(contains(script, "    inner) _signet_group_inner ;;\n"));
  CHECK(contains(script, "_signet_group_inner() {\n  _arguments"));
  CHECK(contains(script, "    '*--deep[deep]:value:_files'"));
  CHECK_FALSE(contains(script, "--secret"));
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    for (const CLI::Option* option : command->get_options())
      if (!option->get_group().empty() && !option->get_lnames().empty())
        CHECK(contains(script, "'*--" + option->get_lnames().front() + "["));
}

TEST_CASE_METHOD(CompletionFixture, "completion: both scripts are well formed for their shells", "[cli]") {
  CHECK(run("bash -n " + folder_.file("signet.bash", cli::bash_completion(app)) + " 2>&1").empty());
  if (std::system("command -v zsh > /dev/null") != 0) return;
  CHECK(run("zsh -n " + folder_.file("_signet", cli::zsh_completion(app)) + " 2>&1").empty());
}
