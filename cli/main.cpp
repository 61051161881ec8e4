// signet: the tool a person uses at a terminal. Reads the command line; the work is in the other files here.

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

#include "cli/commands.hpp"
#include "cli/dmarc.hpp"
#include "cli/import.hpp"
#include "cli/reload.hpp"
#include "cli/send.hpp"
#include "conf/load.hpp"
#include "conf/options.hpp"

namespace {

void add_sources(CLI::App& command, cli::Sources& sources) {
  command.add_option("-c,--config", sources.config, "configuration file (default: that of an empty file)");
  auto* zone = command.add_option("--zone-file", sources.zone_file, "answer DNS questions from this zone file alone");
  command.add_option("--dns", sources.dns, "ask this DNS server, ADDRESS or ADDRESS:PORT")->excludes(zone);
  command.add_option("--time", sources.now, "the time to go by, in seconds since 1970 (default: now)");
}

void add_verify(CLI::App& app, cli::VerifyOptions& options) {
  CLI::App* command = app.add_subcommand("verify", "authenticate a saved message and explain the verdict");
  add_sources(*command, options.sources);
  command->add_option("--ip", options.ip, "address of the client that sent it");
  command->add_option("--helo", options.helo, "name the client gave in HELO or EHLO");
  command->add_option("--from", options.from, "MAIL FROM address; leave it out for the null sender");
  command->add_flag("--json", options.json, "print the report as JSON");
  command->add_option("FILE", options.file, "the message; - for standard input")->required();
}

void add_sign(CLI::App& app, cli::SignOptions& options) {
  CLI::App* command = app.add_subcommand("sign", "sign a saved message by the configuration's rules");
  add_sources(*command, options.sources);
  command->add_flag("--json", options.json, "print the report as JSON instead of the message");
  command->add_option("FILE", options.file, "the message; - for standard input")->required();
}

void add_dmarc(CLI::App& app, cli::DmarcOptions& options) {
  CLI::App* command = app.add_subcommand("dmarc", "explain which policy applies to a From domain, by RFC 9989 and by RFC 7489");
  add_sources(*command, options.sources);
  command->add_option("--identifier", options.identifiers, "say whether a pass for this domain is aligned; may be repeated");
  command->add_option("--psl-file", options.psl_file, "public suffix list for RFC 7489 (default: the system's)");
  command->add_flag("--json", options.json, "print JSON");
  command->add_option("DOMAIN", options.domain, "the From domain")->required();
}

void add_send_client(CLI::App& command, cli::SendOptions& options) {
  command.add_option("--ip", options.client_ip, "address of the client")->capture_default_str();
  command.add_option("--name", options.client_name, "host name of the client");
  command.add_option("--port", options.client_port, "port of the client")->capture_default_str();
  command.add_option("--helo", options.helo, "name the client gave in HELO or EHLO");
  command.add_option("--auth", options.auth, "login name: the client authenticated itself");
  command.add_flag("--local", options.is_local_submission, "as mail from sendmail(1) reaches non_smtpd_milters");
  command.add_option("--daemon-name", options.daemon_name, "macro {daemon_name}");
  command.add_option("--mta-name", options.authserv_name, "macro {j}");
}

void add_send(CLI::App& app, cli::SendOptions& options, std::int64_t& timeout) {
  CLI::App* command = app.add_subcommand("send", "play messages through a running milter as an MTA would");
  command->add_option("--socket", options.socket, "inet:PORT@HOST, inet6:PORT@HOST or unix:PATH")->required();
  add_send_client(*command, options);
  command->add_option("--from", options.from, "MAIL FROM address; leave it out for the null sender");
  command->add_option("--rcpt", options.rcpts, "a recipient; may be repeated")->default_val("postmaster@localhost");
  command->add_option("--mail-parameter", options.mail_parameters,
                      "ESMTP parameter of MAIL, such as SMTPUTF8; may be repeated");
  command->add_option("--queue-id", options.queue_id, "macro {i}")->capture_default_str();
  command->add_option("--timeout", timeout, "seconds to wait for each reply")
      ->capture_default_str()
      ->check(CLI::Range(1, 3600));
  command->add_option("--deliver", options.deliver, "write the message as it would be delivered to this file");
  command->add_flag("--json", options.json, "print JSON, one object per message");
  command->add_option("FILE", options.files, "messages; all in one session")->required();
}

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

void add_import(CLI::App& app, cli::ImportOptions& options) {
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
}

void add_reload(CLI::App& app, cli::ReloadOptions& options) {
  CLI::App* command = app.add_subcommand("reload", "have a running signetd read its configuration and keys again");
  auto* config = command->add_option("-c,--config", options.config, "configuration file whose control.socket is asked");
  config->capture_default_str();
  command->add_option("--socket", options.socket, "path of the control socket; no configuration is read")->excludes(config);
  command->footer(
      "Prints signetd's answer. Exit status: 0 everything is in force; 1 something is wrong, the answer says what, and all "
      "stays\n"
      "as it was; 69 nobody answers; 78 the configuration file is wrong or names no control.socket.");
}

/// Where the configuration says that signetd listens, unless the command line says it.
cli::ReloadOptions with_socket(cli::ReloadOptions options) {
  if (!options.socket.empty()) return options;
  options.socket = conf::load(options.config).control.socket;
  if (options.socket.empty()) throw conf::Error({options.config, 0, 0}, "found no control.socket, expected the path of one");
  return options;
}

void add_config(CLI::App& app, std::string& file) {
  CLI::App* command = app.add_subcommand("config", "print every setting in force, as TOML");
  command->add_option("FILE", file, "configuration file; leave it out for the commented sample file");
}

int show_config(const std::string& file) {
  std::cout << (file.empty() ? conf::sample_file() : conf::show(conf::load(file)));
  return 0;
}

int run(int argc, char** argv) {
  CLI::App app("signet: SPF, DKIM and DMARC at a terminal");
  app.set_version_flag("--version", std::string("signet ") + SIGNET_VERSION);
  app.require_subcommand(1);
  cli::VerifyOptions verify;
  cli::SignOptions sign;
  cli::DmarcOptions dmarc;
  cli::SendOptions send;
  cli::ImportOptions import;
  cli::ReloadOptions reload;
  std::int64_t timeout = send.timeout.count();
  std::string config_file;
  add_verify(app, verify);
  add_sign(app, sign);
  add_dmarc(app, dmarc);
  add_send(app, send, timeout);
  add_import(app, import);
  add_reload(app, reload);
  add_config(app, config_file);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : cli::exit_usage;
  }
  send.timeout = std::chrono::seconds{timeout};
  dmarc.is_coloured = ::isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
  if (app.got_subcommand("verify")) return cli::run_verify(verify, std::cout);
  if (app.got_subcommand("sign")) return cli::run_sign(sign, std::cout, std::cerr);
  if (app.got_subcommand("dmarc")) return cli::run_dmarc(dmarc, std::cout);
  if (app.got_subcommand("reload")) return cli::run_reload(with_socket(reload), std::cout, std::cerr);
  if (app.got_subcommand("import")) return cli::run_import(import, std::cout, std::cerr);
  if (app.got_subcommand("config")) return show_config(config_file);
  return cli::run_send(send, std::cout);
}

int fail(const char* text, int status) {
  fmt::print(stderr, "signet: {}\n", text);
  return status;
}

}  // namespace

int main(int argc, char** argv) try { return run(argc, argv); } catch (const conf::Error& error) {
  return fail(error.what(), conf::exit_bad_configuration);
} catch (const cli::FileError& error) {
  return fail(error.what(), cli::exit_no_input);
} catch (const std::invalid_argument& error) {
  return fail(error.what(), cli::exit_usage);
} catch (const std::exception& error) {
  return fail(error.what(), cli::exit_software);
}
