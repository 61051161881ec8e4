#pragma once
// An SMTP session as Postfix tells it to a filter: which events in which order, with which macros, and what each
// verdict means for the recipient, the message or the whole session. Any number of messages, one after the other.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/milter_client.hpp"
#include "cli/milter_delivery.hpp"
#include "cli/milter_macros.hpp"

namespace cli {

struct SessionMessage {
  MilterEnvelope envelope;
  std::vector<std::string> mail_parameters;  // ESMTP: "BODY=8BITMIME"
  std::string queue_id;
  const message::MessageFile* content = nullptr;  // borrowed
};

struct RefusedRecipient {
  std::string address;
  MilterOutcome outcome;
};

struct MessageOutcome {
  MilterEvent event = MilterEvent::connect;  // the last one, where the verdict came
  MilterOutcome outcome;
  std::vector<RefusedRecipient> refused;
  std::vector<std::string> accepted;  // recipients the message would go to, before the filter's changes

  [[nodiscard]] bool is_delivered() const;
};

class MilterSession {
 public:
  /// Borrows client.
  MilterSession(MilterClient& client, SessionSettings settings);

  /// Negotiates and sends connect and helo. A verdict here is that of all messages.
  MilterOutcome open(const MilterOffer& offer = {});
  /// Sends one message, up to its verdict or up to the event `last`, and then ABORT, as Postfix does after every
  /// message. After a verdict for the whole session nothing is sent and that verdict is returned.
  MessageOutcome run(const SessionMessage& message, MilterEvent last = MilterEvent::end_of_message);
  /// QUIT, unless the connection is closed already.
  void close();

 private:
  struct Transaction;
  bool goes_on(Transaction& transaction, MilterEvent event, MilterOutcome outcome);
  bool send_mail(Transaction& transaction);
  bool send_recipients(Transaction& transaction);
  bool send_header(Transaction& transaction);
  void send_body(Transaction& transaction);
  void send_message(Transaction& transaction);
  bool settle_session(MilterEvent event, const MilterOutcome& outcome);
  [[nodiscard]] MilterMacros macros_for(MilterEvent event) const;
  [[nodiscard]] std::string smtp_argument(const std::string& address) const;

  MilterClient& client_;
  SessionSettings settings_;
  SessionMacros macros_;
  std::optional<MessageOutcome> session_verdict_;  // once there is one
};

}  // namespace cli
