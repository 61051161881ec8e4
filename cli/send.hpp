#pragma once
// `signet send`: plays an MTA to a running filter, with saved messages, and shows what the filter makes of them.

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

namespace cli {

struct SendOptions {
  std::string socket;  // inet:PORT@HOST, inet6:PORT@HOST, unix:PATH, local:PATH
  std::chrono::seconds timeout{60};

  std::string client_ip = "192.0.2.1";
  std::string client_name;  // empty: unknown
  std::uint16_t client_port = 25252;
  std::string helo;                  // empty: the client's name, or its address in brackets
  std::string daemon_name;           // {daemon_name}; empty: authserv_name
  std::string authserv_name;         // {j}, the MTA's host name; empty: mx.example.org
  std::string auth;                  // login name: {auth_authen}, with {auth_type} PLAIN; empty: not authenticated
  bool is_local_submission = false;  // as from sendmail(1): the client is localhost [127.0.0.1]

  std::string from;                          // empty or "<>": the null reverse-path
  std::vector<std::string> rcpts;            // at least one
  std::vector<std::string> mail_parameters;  // ESMTP: "SMTPUTF8"
  std::string queue_id = "4SIGNET";          // {i}; the second message of a session has "-2" behind it

  std::vector<std::string> files;  // each a message; all in one session
  std::string deliver;             // file for the resulting message; of several files "NAME.1", "NAME.2", …
  bool json = false;               // a line with one object per message
};

/// What run_send returns, for the shell: sysexits(3) where they fit.
struct SendStatus {
  static constexpr int delivered = 0;      // every message would be delivered, or held in quarantine
  static constexpr int not_delivered = 1;  // at least one would not
  static constexpr int usage = 64;
  static constexpr int no_input = 66;     // a message file cannot be read
  static constexpr int unavailable = 69;  // no filter there, or it broke the protocol or off the connection
  static constexpr int cannot_create = 73;
};

/// Prints to out: the verdict and each change, or with json per message
///   {file, verdict, at, reply: {code, enhanced, text} | null, quarantine: text | null,
///    changes: [{op, index, name, value, parameters}], refused: [{recipient, reply}],
///    recipients, sender, negotiated: {version, actions, steps}}
/// (of a change only the keys it has), and {error} when there is none to come; nothing follows that.
/// Octets that are not printable are shown as \xNN. Does not throw for what a filter or file does.
int run_send(const SendOptions& options, std::ostream& out);

}  // namespace cli
