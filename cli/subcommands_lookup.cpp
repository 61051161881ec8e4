// What looks a domain up: signet spf, dkim, dmarc, dns.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <memory>

#include "cli/dkim.hpp"
#include "cli/dmarc.hpp"
#include "cli/dns.hpp"
#include "cli/spf.hpp"
#include "cli/subcommands.hpp"

namespace cli {
namespace {

void add_dmarc(CLI::App& app, Chosen& chosen) {
  const auto kept = std::make_shared<DmarcOptions>();
  DmarcOptions& options = *kept;
  CLI::App* command = app.add_subcommand("dmarc", "explain which policy applies to a From domain, by RFC 9989 and by RFC 7489");
  add_sources(*command, options.sources);
  command->add_option("--identifier", options.identifiers, "say whether a pass for this domain is aligned; may be repeated");
  command->add_option("--psl-file", options.psl_file, "public suffix list for RFC 7489 (default: the system's)");
  command->add_flag("--json", options.json, "print JSON");
  command->add_option("DOMAIN", options.domain, "the From domain")->required();
  options.is_coloured = wants_colour();
  command->callback([&chosen, kept] { chosen = [kept] { return run_dmarc(*kept, std::cout); }; });
}

void add_dkim(CLI::App& app, Chosen& chosen) {
  const auto kept = std::make_shared<DkimOptions>();
  DkimOptions& options = *kept;
  CLI::App* command = app.add_subcommand("dkim", "look up a DKIM key and explain it, tag by tag");
  add_sources(*command, options.sources);
  command->add_flag("--json", options.json, "print JSON");
  command->add_option("SELECTOR", options.selector, "s= of signatures")->required();
  command->add_option("DOMAIN", options.domain, "d= of signatures")->required();
  command->footer(
      "Exit status: 0 signatures can pass by the key; 1 there is no record; 65 it cannot be used: revoked, malformed, too\n"
      "small; 75 the DNS does not answer; 64 usage; 78 configuration.");
  options.is_coloured = wants_colour();
  command->callback([&chosen, kept] { chosen = [kept] { return run_dkim(*kept, std::cout); }; });
}

void add_spf(CLI::App& app, Chosen& chosen) {
  const auto kept = std::make_shared<SpfOptions>();
  SpfOptions& options = *kept;
  CLI::App* command = app.add_subcommand("spf", "check SPF as signetd would, and show every lookup and every term tried");
  add_sources(*command, options.sources);
  command->add_flag("--json", options.json, "print JSON");
  command->add_option("IP", options.ip, "address of the client")->required();
  command->add_option("FROM", options.from, "MAIL FROM: an address, a domain, or \"<>\" for the null sender")->required();
  command->add_option("HELO", options.helo, "name the client gave in HELO or EHLO; is then checked, too");
  command->footer(
      "Exit status, of MAIL FROM (of HELO with \"<>\"): 0 pass; 1 none, neutral, softfail or fail; 65 permerror;\n"
      "75 temperror; 64 usage; 78 configuration.");
  options.is_coloured = wants_colour();
  command->callback([&chosen, kept] { chosen = [kept] { return run_spf(*kept, std::cout); }; });
}

void add_dns(CLI::App& app, Chosen& chosen) {
  const auto kept = std::make_shared<DnsOptions>();
  DnsOptions& options = *kept;
  CLI::App* command = app.add_subcommand("dns", "say which SPF, DKIM and DMARC records a domain has and should have");
  add_sources(*command, options.sources);
  command->add_option(
      "--selector", options.selectors,
      "look at this DKIM selector, too; may be repeated (default: those the configuration signs with, else common "
      "ones)");
  command->add_flag("--json", options.json, "print JSON");
  command->add_option("DOMAIN", options.domain, "the domain")->required();
  command->footer(
      "Exit status: 0 nothing worse than a note; 1 a warning or a problem; 75 the DNS does not answer for the domain;\n"
      "64 usage; 78 configuration.");
  options.is_coloured = wants_colour();
  command->callback([&chosen, kept] { chosen = [kept] { return run_dns(*kept, std::cout); }; });
}

}  // namespace

void add_sources(CLI::App& command, Sources& sources) {
  command.add_option("-c,--config", sources.config, "configuration file (default: that of an empty file)");
  auto* zone = command.add_option("--zone-file", sources.zone_file, "answer DNS questions from this zone file alone");
  command.add_option("--dns", sources.dns, "ask this DNS server, ADDRESS or ADDRESS:PORT")->excludes(zone);
  command.add_option("--time", sources.now, "the time to go by, in seconds since 1970 (default: now)");
}

bool wants_colour() { return ::isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr; }

void add_lookup_commands(CLI::App& app, Chosen& chosen) {
  add_spf(app, chosen);
  add_dkim(app, chosen);
  add_dmarc(app, chosen);
  add_dns(app, chosen);
}

}  // namespace cli
