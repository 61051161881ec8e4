#pragma once
// What Postfix tells a filter beside the events: which macros go before which event, and their values.

#include <map>
#include <string>

#include "cli/milter_client.hpp"

namespace cli {

struct SessionSettings {
  MilterPeer client;                    // ignored for a local submission
  std::string helo;                     // empty: the client's name, or its address in brackets
  std::string host_name;                // {j}: the MTA's name
  std::string daemon_name;              // empty: host_name
  std::string daemon_address;           // empty: not sent
  std::string login;                    // {auth_authen}; empty: not authenticated
  std::string auth_type = "PLAIN";      // with a login
  std::string mta_version = "Postfix";  // {v}
  /// Not from the network but by sendmail(1): the client is localhost [127.0.0.1], addresses have no brackets, and
  /// the queue id is known from MAIL on (over SMTP: from the second RCPT or DATA on).
  bool is_local_submission = false;
};

/// The same with what Postfix fills in itself: the client of a local submission, names that were left empty.
[[nodiscard]] SessionSettings completed(SessionSettings settings);

class SessionMacros {
 public:
  /// settings: completed.
  explicit SessionMacros(const SessionSettings& settings);

  void set_sender(const std::string& address) { set_address("mail", address); }
  void set_recipient(const std::string& address) { set_address("rcpt", address); }
  void set_queue_id(const std::string& id) { set("{i}", id); }  // empty: not known yet

  /// Those that are known, of the filter's own list for this event if it has chosen one, else of Postfix's.
  [[nodiscard]] MilterMacros before(MilterEvent event, const MilterNegotiation& negotiation) const;

 private:
  void set(const std::string& name, const std::string& value);
  void set_address(const std::string& kind, const std::string& address);

  std::map<std::string, std::string> values_;  // by name in braces
  std::string host_name_;
  bool is_local_submission_;
};

}  // namespace cli
