#include "cli/milter_session.hpp"

#include <algorithm>

namespace cli {
namespace {

bool is_refused(const MessageOutcome& result, const std::string& address) {
  const auto is_it = [&](const RefusedRecipient& one) { return one.address == address; };
  return std::any_of(result.refused.begin(), result.refused.end(), is_it);
}

bool is_session_event(MilterEvent event) { return event == MilterEvent::connect || event == MilterEvent::helo; }

}  // namespace

struct MilterSession::Transaction {
  const SessionMessage& message;
  MilterEvent last;
  MessageOutcome result{};
};

bool MessageOutcome::is_delivered() const {
  return !outcome.refuses() && outcome.verdict != MilterVerdict::discard && !accepted.empty();
}

MilterSession::MilterSession(MilterClient& client, SessionSettings settings)
    : client_(client), settings_(completed(std::move(settings))), macros_(settings_) {}

MilterMacros MilterSession::macros_for(MilterEvent event) const { return macros_.before(event, client_.negotiation()); }

std::string MilterSession::smtp_argument(const std::string& address) const {
  return settings_.is_local_submission ? address : '<' + address + '>';
}

bool MilterSession::settle_session(MilterEvent event, const MilterOutcome& outcome) {
  // A filter cannot discard a connection; Postfix goes on as if it had said continue.
  const bool of_session = is_session_event(event) && outcome.verdict != MilterVerdict::discard;
  if (!outcome.is_final() || !(of_session || outcome.ends_connection())) return false;
  session_verdict_ = MessageOutcome{event, outcome, {}, {}};
  session_verdict_->outcome.changes.clear();
  client_.close();
  return true;
}

MilterOutcome MilterSession::open(const MilterOffer& offer) {
  client_.negotiate(offer);
  MilterOutcome outcome = client_.connect(settings_.client, macros_for(MilterEvent::connect));
  if (settle_session(MilterEvent::connect, outcome)) return outcome;
  outcome = client_.helo(settings_.helo, macros_for(MilterEvent::helo));
  settle_session(MilterEvent::helo, outcome);
  return outcome;
}

bool MilterSession::goes_on(Transaction& transaction, MilterEvent event, MilterOutcome outcome) {
  if (transaction.result.outcome.quarantine && !outcome.quarantine)
    outcome.quarantine = std::move(transaction.result.outcome.quarantine);
  transaction.result.event = event;
  transaction.result.outcome = std::move(outcome);
  if (settle_session(event, transaction.result.outcome)) return false;
  return !transaction.result.outcome.is_final() && event != transaction.last;
}

bool MilterSession::send_mail(Transaction& transaction) {
  const SessionMessage& message = transaction.message;
  macros_.set_queue_id(settings_.is_local_submission ? message.queue_id : std::string());
  macros_.set_sender(message.envelope.sender);
  std::vector<std::string> arguments{smtp_argument(message.envelope.sender)};
  arguments.insert(arguments.end(), message.mail_parameters.begin(), message.mail_parameters.end());
  return goes_on(transaction, MilterEvent::mail, client_.mail(arguments, macros_for(MilterEvent::mail)));
}

bool MilterSession::send_recipients(Transaction& transaction) {
  MessageOutcome& result = transaction.result;
  for (const std::string& address : transaction.message.envelope.recipients) {
    macros_.set_recipient(address);
    const std::vector<std::string> arguments{smtp_argument(address)};
    MilterOutcome outcome = client_.rcpt(arguments, macros_for(MilterEvent::rcpt));
    if (outcome.refuses() && !outcome.ends_connection()) {
      result.refused.push_back(RefusedRecipient{address, outcome});
      continue;
    }
    macros_.set_queue_id(transaction.message.queue_id);
    const bool next = goes_on(transaction, MilterEvent::rcpt, std::move(outcome));
    if (!next && result.outcome.is_final()) return false;
  }
  if (result.refused.size() < transaction.message.envelope.recipients.size()) return transaction.last != MilterEvent::rcpt;
  if (!result.refused.empty()) goes_on(transaction, MilterEvent::rcpt, result.refused.back().outcome);
  return false;
}

bool MilterSession::send_header(Transaction& transaction) {
  const message::HeaderBlock& header = transaction.message.content->header;
  const MilterMacros macros = macros_for(MilterEvent::header);
  for (std::size_t i = 0; i < header.size(); ++i) {
    goes_on(transaction, MilterEvent::header, client_.header(header[i].name, header[i].value, macros));
    if (transaction.result.outcome.is_final()) return false;
  }
  return transaction.last != MilterEvent::header &&
         goes_on(transaction, MilterEvent::end_of_header, client_.end_of_header(macros_for(MilterEvent::end_of_header)));
}

MessageOutcome MilterSession::run(const SessionMessage& message, MilterEvent last) {
  Transaction transaction{message, last};
  if (session_verdict_) {
    transaction.result = *session_verdict_;
  } else {
    send_message(transaction);
    if (client_.is_open()) client_.abort();
  }
  MessageOutcome& result = transaction.result;
  if (!result.outcome.refuses())
    for (const std::string& address : message.envelope.recipients)
      if (!is_refused(result, address)) result.accepted.push_back(address);
  return std::move(result);
}

void MilterSession::send_message(Transaction& transaction) {
  if (!send_mail(transaction) || !send_recipients(transaction)) return;
  if (!goes_on(transaction, MilterEvent::data, client_.data(macros_for(MilterEvent::data)))) return;
  if (!send_header(transaction)) return;
  send_body(transaction);
}

void MilterSession::send_body(Transaction& transaction) {
  const MilterMacros macros = macros_for(MilterEvent::body);
  if (goes_on(transaction, MilterEvent::body, client_.body(transaction.message.content->body, macros)))
    goes_on(transaction, MilterEvent::end_of_message, client_.end_of_message(macros));
}

void MilterSession::close() {
  if (client_.is_open()) client_.quit();
}

}  // namespace cli
