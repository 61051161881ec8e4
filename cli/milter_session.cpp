#include "cli/milter_session.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace cli {
namespace {

/// Postfix's lists as it ships (milter_connect_macros and so on), in the order of MacroStage; a list that the filter
/// chose goes before.
constexpr std::array<std::string_view, 7> standard_macros{
    "j {daemon_name} {daemon_addr} v _",
    "{tls_version} {cipher} {cipher_bits} {cert_subject} {cert_issuer}",
    "i {auth_type} {auth_authen} {auth_author} {mail_addr} {mail_host} {mail_mailer}",
    "i {rcpt_addr} {rcpt_host} {rcpt_mailer}",
    "i",
    "i",
    "i"};

MacroStage stage_of(MilterEvent event) {
  switch (event) {
    case MilterEvent::connect:
      return MacroStage::connect;
    case MilterEvent::helo:
      return MacroStage::helo;
    case MilterEvent::mail:
      return MacroStage::mail;
    case MilterEvent::rcpt:
      return MacroStage::rcpt;
    case MilterEvent::data:
      return MacroStage::data;
    case MilterEvent::header:
    case MilterEvent::end_of_header:
      return MacroStage::end_of_header;
    default:
      return MacroStage::end_of_message;
  }
}

std::string in_braces(std::string_view name) { return name.starts_with('{') ? std::string(name) : fmt::format("{{{}}}", name); }

std::string address_macro(const MilterPeer& peer) {
  return peer.address.find(':') == std::string::npos ? peer.address : "IPv6:" + peer.address;
}

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

MilterSession::MilterSession(MilterClient& client, SessionSettings settings) : client_(client), settings_(std::move(settings)) {
  if (settings_.is_local_submission) settings_.client = MilterPeer{"localhost", "127.0.0.1", 0};
  MilterPeer& peer = settings_.client;
  if (peer.name.empty()) peer.name = "unknown";
  const bool has_name = peer.name != "unknown" || peer.address.empty();
  if (settings_.helo.empty()) settings_.helo = has_name ? peer.name : '[' + peer.address + ']';
  if (settings_.daemon_name.empty()) settings_.daemon_name = settings_.host_name;
  set_session_macros();
}

void MilterSession::set(const std::string& name, const std::string& value) {
  macros_.erase(name);
  if (!value.empty()) macros_[name] = value;
}

void MilterSession::set_session_macros() {
  const MilterPeer& client = settings_.client;
  set("{j}", settings_.host_name);
  set("{v}", settings_.mta_version);
  set("{_}", fmt::format("{} [{}]", client.name, client.address));
  set("{daemon_name}", settings_.daemon_name);
  set("{daemon_addr}", settings_.daemon_address);
  set("{client_name}", client.name);
  set("{client_ptr}", client.name);
  set("{client_addr}", address_macro(client));
  set("{client_port}", std::to_string(client.port));
  if (settings_.login.empty()) return;
  set("{auth_type}", settings_.auth_type);
  set("{auth_authen}", settings_.login);
}

void MilterSession::set_address_macros(const std::string& kind, const std::string& address) {
  macros_[fmt::format("{{{}_addr}}", kind)] = address;
  if (settings_.is_local_submission) return;
  const std::size_t at = address.rfind('@');
  const std::string host = at == std::string::npos ? settings_.host_name : address.substr(at + 1);
  macros_[fmt::format("{{{}_host}}", kind)] = host;
  macros_[fmt::format("{{{}_mailer}}", kind)] = at == std::string::npos ? "local" : "smtp";
}

MilterMacros MilterSession::macros_for(MilterEvent event) const {
  const MacroStage stage = stage_of(event);
  const auto chosen = client_.negotiation().macros.find(stage);
  const std::string_view names = chosen != client_.negotiation().macros.end()
                                     ? std::string_view(chosen->second)
                                     : standard_macros[static_cast<std::size_t>(stage)];
  std::string spaced(names);
  for (char& c : spaced)
    if (c == ',' || base::is_fws(c)) c = ' ';
  MilterMacros macros;
  for (const std::string_view name : base::split(spaced, ' ')) {
    const auto value = macros_.find(in_braces(name));
    if (value != macros_.end()) macros.push_back(MilterMacro{std::string(name), value->second});
  }
  return macros;
}

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
  set("{i}", settings_.is_local_submission ? message.queue_id : std::string());
  set_address_macros("mail", message.envelope.sender);
  std::vector<std::string> arguments{smtp_argument(message.envelope.sender)};
  arguments.insert(arguments.end(), message.mail_parameters.begin(), message.mail_parameters.end());
  return goes_on(transaction, MilterEvent::mail, client_.mail(arguments, macros_for(MilterEvent::mail)));
}

bool MilterSession::send_recipients(Transaction& transaction) {
  MessageOutcome& result = transaction.result;
  for (const std::string& address : transaction.message.envelope.recipients) {
    set_address_macros("rcpt", address);
    const std::vector<std::string> arguments{smtp_argument(address)};
    MilterOutcome outcome = client_.rcpt(arguments, macros_for(MilterEvent::rcpt));
    if (outcome.refuses() && !outcome.ends_connection()) {
      result.refused.push_back(RefusedRecipient{address, outcome});
      continue;
    }
    set("{i}", transaction.message.queue_id);
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
