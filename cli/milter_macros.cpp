#include "cli/milter_macros.hpp"

#include <fmt/format.h>
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

}  // namespace

SessionSettings completed(SessionSettings settings) {
  if (settings.is_local_submission) settings.client = MilterPeer{"localhost", "127.0.0.1", 0};
  MilterPeer& peer = settings.client;
  if (peer.name.empty()) peer.name = "unknown";
  const bool has_name = peer.name != "unknown" || peer.address.empty();
  if (settings.helo.empty()) settings.helo = has_name ? peer.name : '[' + peer.address + ']';
  if (settings.daemon_name.empty()) settings.daemon_name = settings.host_name;
  return settings;
}

SessionMacros::SessionMacros(const SessionSettings& settings)
    : host_name_(settings.host_name), is_local_submission_(settings.is_local_submission) {
  const MilterPeer& client = settings.client;
  set("{j}", settings.host_name);
  set("{v}", settings.mta_version);
  set("{_}", fmt::format("{} [{}]", client.name, client.address));
  set("{daemon_name}", settings.daemon_name);
  set("{daemon_addr}", settings.daemon_address);
  set("{client_name}", client.name);
  set("{client_ptr}", client.name);
  set("{client_addr}", address_macro(client));
  set("{client_port}", std::to_string(client.port));
  if (settings.login.empty()) return;
  set("{auth_type}", settings.auth_type);
  set("{auth_authen}", settings.login);
}

void SessionMacros::set(const std::string& name, const std::string& value) {
  values_.erase(name);
  if (!value.empty()) values_[name] = value;
}

void SessionMacros::set_address(const std::string& kind, const std::string& address) {
  values_[fmt::format("{{{}_addr}}", kind)] = address;
  if (is_local_submission_) return;
  const std::size_t at = address.rfind('@');
  const std::string host = at == std::string::npos ? host_name_ : address.substr(at + 1);
  values_[fmt::format("{{{}_host}}", kind)] = host;
  values_[fmt::format("{{{}_mailer}}", kind)] = at == std::string::npos ? "local" : "smtp";
}

MilterMacros SessionMacros::before(MilterEvent event, const MilterNegotiation& negotiation) const {
  const MacroStage stage = stage_of(event);
  const auto chosen = negotiation.macros.find(stage);
  const std::string_view names =
      chosen != negotiation.macros.end() ? std::string_view(chosen->second) : standard_macros[static_cast<std::size_t>(stage)];
  std::string spaced(names);
  for (char& c : spaced)
    if (c == ',' || base::is_fws(c)) c = ' ';
  MilterMacros macros;
  for (const std::string_view name : base::split(spaced, ' ')) {
    const auto value = values_.find(in_braces(name));
    if (value != values_.end()) macros.push_back(MilterMacro{std::string(name), value->second});
  }
  return macros;
}

}  // namespace cli
