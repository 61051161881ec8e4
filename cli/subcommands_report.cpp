// Reports about mail: signet report read.

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "cli/report_read.hpp"
#include "cli/subcommands.hpp"

namespace cli {
namespace {

void add_read(CLI::App& group, Chosen& chosen) {
  const auto kept = std::make_shared<ReportReadOptions>();
  ReportReadOptions& options = *kept;
  CLI::App* command = group.add_subcommand("read", "sum up aggregate reports that came in: who sends as you, and what fails");
  command->add_flag("--json", options.json, "print JSON");
  command->add_option("FILE", options.files, "XML, gzip, zip, or a mail with one of these; - is standard input")->required();
  command->footer(
      "All files are summed up; what cannot be read is said on standard error and hides no other.\n"
      "Exit status: 0 all were read; 65 one is no report, or refused; 66 one cannot be opened; 64 usage.");
  options.is_coloured = wants_colour();
  command->callback([&chosen, kept] { chosen = [kept] { return run_report_read(*kept, std::cout, std::cerr); }; });
}

}  // namespace

void add_report_commands(CLI::App& app, Chosen& chosen) {
  CLI::App* group = app.add_subcommand("report", "DMARC aggregate reports");
  group->require_subcommand(1);
  add_read(*group, chosen);
}

}  // namespace cli
