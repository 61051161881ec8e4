#pragma once
// The kinds of message that a load is made of, and what the filter must say to each.

#include <optional>
#include <string>
#include <vector>

#include "message/message_file.hpp"

namespace load {

/// How a kind's messages are signed before they are sent.
struct Signing {
  std::string domain;  // d=; "{n}" is the message's number
  std::string selector;
  std::string key;          // the path of a PEM file
  unsigned signatures = 1;  // this many, selectors "selector1", "selector2", … when more than one
};

struct Kind {
  std::string name;
  std::string text;    // the message; in it, in sender, helo and the signing domain "{n}" is the message's number
  std::string client;  // address of the SMTP client
  std::string helo;
  std::string sender;         // of the envelope
  std::string daemon_name;    // the listener's name, by which a filter may know its own site's mail
  std::string verdict;        // as cli::to_text says it, or "delivered": continue or accept
  int code = 0;               // of the reply; 0: none
  std::string inserted;       // a text that the inserted fields hold
  std::size_t first = 0;      // the number of the first message
  std::size_t different = 1;  // so many different ones, numbered, are sent in turn
  std::optional<Signing> signing;
};

/// One message ready to be sent.
struct Mail {
  const Kind* kind = nullptr;
  std::string helo, sender, queue_id;
  message::MessageFile content;
};

/// Reads a JSON array of objects with these names; instead of text `file`, a path. Throws std::runtime_error.
[[nodiscard]] std::vector<Kind> read_kinds(const std::string& path);

/// All different messages of a kind, signed. Borrows the kind. Throws std::runtime_error when the key cannot be used.
[[nodiscard]] std::vector<Mail> make_mail(const Kind& kind);

}  // namespace load
