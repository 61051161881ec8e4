#pragma once
// The kinds of message that a load is made of, and what the filter must say to each.

#include <string>
#include <vector>

#include "message/message_file.hpp"

namespace load {

struct Kind {
  std::string name;
  message::MessageFile content;
  std::string client;       // address of the SMTP client
  std::string sender;       // of the envelope
  std::string daemon_name;  // the listener's name, by which a filter may know its own site's mail
  std::string verdict;      // as cli::to_text says it
  int code = 0;             // of the reply; 0: none
  std::string inserted;     // a text that the inserted fields hold
};

/// Reads a JSON array of objects with these names; instead of content `file`, a path. Throws std::runtime_error.
[[nodiscard]] std::vector<Kind> read_kinds(const std::string& path);

}  // namespace load
