// What takes saved messages: signet verify, sign, send.

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "cli/commands.hpp"
#include "cli/send.hpp"
#include "cli/subcommands.hpp"
#include "cli/verify.hpp"

namespace cli {
namespace {

void add_verify(CLI::App& app, Chosen& chosen) {
  const auto kept = std::make_shared<VerifyOptions>();
  VerifyOptions& options = *kept;
  CLI::App* command = app.add_subcommand("verify", "authenticate a saved message and explain the verdict");
  add_sources(*command, options.sources);
  command->add_option("--ip", options.ip, "address of the client that sent it");
  command->add_option("--helo", options.helo, "name the client gave in HELO or EHLO");
  auto* from = command->add_option("--from", options.from, "MAIL FROM address; leave it out for the null sender");
  auto* queue_id = command->add_option("--queue-id", options.queue_id,
                                       "explain what signetd logged of this message, and take client, HELO, MAIL FROM and time "
                                       "from there");
  command->add_option("--log", options.log, "the log to search; - for standard input (default: the systemd journal)")
      ->needs(queue_id);
  command->add_flag("--show-canonical", options.shows_canonical, "show what the header hash of each signature is of");
  command->add_flag("--json", options.json, "print the report as JSON");
  command->add_option("FILE", options.file, "the message; - for standard input; may be left out with --queue-id");
  command->footer(
      "Exit status: 0 done, whatever the verdict; 1 no line of the log has the queue id; 64 usage; 66 a file or the journal\n"
      "cannot be read; 78 configuration.");
  options.is_coloured = wants_colour();
  command->callback([&chosen, kept, from] {
    kept->has_from = from->count() != 0;
    chosen = [kept] { return run_verify(*kept, std::cout, std::cerr); };
  });
}

void add_sign(CLI::App& app, Chosen& chosen) {
  const auto kept = std::make_shared<SignOptions>();
  SignOptions& options = *kept;
  CLI::App* command = app.add_subcommand("sign", "sign a saved message by the configuration's rules");
  add_sources(*command, options.sources);
  command->add_flag("--json", options.json, "print the report as JSON instead of the message");
  command->add_option("FILE", options.file, "the message; - for standard input")->required();
  command->callback([&chosen, kept] { chosen = [kept] { return run_sign(*kept, std::cout, std::cerr); }; });
}

void add_send_client(CLI::App& command, SendOptions& options) {
  command.add_option("--ip", options.client_ip, "address of the client")->capture_default_str();
  command.add_option("--name", options.client_name, "host name of the client");
  command.add_option("--port", options.client_port, "port of the client")->capture_default_str();
  command.add_option("--helo", options.helo, "name the client gave in HELO or EHLO");
  command.add_option("--auth", options.auth, "login name: the client authenticated itself");
  command.add_flag("--local", options.is_local_submission, "as mail from sendmail(1) reaches non_smtpd_milters");
  command.add_option("--daemon-name", options.daemon_name, "macro {daemon_name}");
  command.add_option("--mta-name", options.authserv_name, "macro {j}");
}

void add_send(CLI::App& app, Chosen& chosen) {
  const auto kept = std::make_shared<SendOptions>();
  SendOptions& options = *kept;
  const auto timeout = std::make_shared<std::int64_t>(options.timeout.count());
  CLI::App* command = app.add_subcommand("send", "play messages through a running milter as an MTA would");
  command->add_option("--socket", options.socket, "inet:PORT@HOST, inet6:PORT@HOST or unix:PATH")->required();
  add_send_client(*command, options);
  command->add_option("--from", options.from, "MAIL FROM address; leave it out for the null sender");
  command->add_option("--rcpt", options.rcpts, "a recipient; may be repeated")->default_val("postmaster@localhost");
  command->add_option("--mail-parameter", options.mail_parameters,
                      "ESMTP parameter of MAIL, such as SMTPUTF8; may be repeated");
  command->add_option("--queue-id", options.queue_id, "macro {i}")->capture_default_str();
  command->add_option("--timeout", *timeout, "seconds to wait for each reply")
      ->capture_default_str()
      ->check(CLI::Range(1, 3600));
  command->add_option("--deliver", options.deliver, "write the message as it would be delivered to this file");
  command->add_flag("--json", options.json, "print JSON, one object per message");
  command->add_option("FILE", options.files, "messages; all in one session")->required();
  command->callback([&chosen, kept, timeout] {
    kept->timeout = std::chrono::seconds{*timeout};
    chosen = [kept] { return run_send(*kept, std::cout); };
  });
}

}  // namespace

void add_message_commands(CLI::App& app, Chosen& chosen) {
  add_verify(app, chosen);
  add_sign(app, chosen);
  add_send(app, chosen);
}

}  // namespace cli
