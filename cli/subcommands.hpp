#pragma once
// The command line: each group of subcommands in a file of its own, the only ones that know CLI11. What a subcommand does
// stands elsewhere in this folder.

#include <functional>

namespace CLI {
class App;
}

namespace cli {

struct Sources;

/// What the command line asks for, and its exit status. The subcommand that was parsed sets it.
using Chosen = std::function<int()>;

/// Where a command reads its settings, its answers and its time from: --config, --zone-file, --dns, --time.
void add_sources(CLI::App& command, Sources& sources);
/// Standard output is a terminal, and the person has not set NO_COLOR.
[[nodiscard]] bool wants_colour();

void add_message_commands(CLI::App& app, Chosen& chosen);  // verify, sign, send
void add_lookup_commands(CLI::App& app, Chosen& chosen);   // spf, dkim, dmarc, dns
void add_key_commands(CLI::App& app, Chosen& chosen);      // key new, check, rotate, list, forget
void add_setup_commands(CLI::App& app, Chosen& chosen);    // import, shadow, reload, config
void add_report_commands(CLI::App& app, Chosen& chosen);   // report read

}  // namespace cli
