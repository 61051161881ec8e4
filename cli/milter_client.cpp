#include "cli/milter_client.hpp"

#include <fmt/format.h>

#include "base/ip_address.hpp"
#include "cli/milter_delivery.hpp"

namespace cli {
namespace {

constexpr std::uint32_t oldest_version = 2;

// How the kind of an address is written (the protocol's SMFIA_ values).
constexpr char family_unknown = 'U', family_unix = 'L', family_v4 = '4', family_v6 = '6';

char family_of(const MilterPeer& peer) {
  if (peer.address.starts_with('/')) return family_unix;
  const auto address = base::IpAddress::parse(peer.address);
  if (!address) return family_unknown;
  return peer.address.find(':') == std::string::npos ? family_v4 : family_v6;
}

std::string name_of(const MilterPeer& peer) {
  if (!peer.name.empty() && peer.name != "unknown") return peer.name;
  return peer.address.empty() ? "unknown" : '[' + peer.address + ']';
}

void read_macro_lists(MilterPacketReader& reader, std::map<MacroStage, std::string>& macros) {
  constexpr auto last = static_cast<std::uint32_t>(MacroStage::end_of_header);
  while (!reader.is_empty()) {
    const std::uint32_t stage = reader.number();
    std::string names = reader.string();
    if (stage <= last) macros[static_cast<MacroStage>(stage)] = std::move(names);
  }
}

}  // namespace

std::string encode_negotiation(const MilterOffer& offer) {
  std::string data;
  append_number(data, offer.version);
  append_number(data, offer.actions);
  append_number(data, offer.steps);
  return encode_packet(static_cast<char>(MilterEvent::negotiate), data);
}

MilterNegotiation decode_negotiation(const MilterPacket& packet) {
  if (packet.code != static_cast<char>(MilterResponse::negotiate))
    throw MilterError(MilterError::Kind::protocol, MilterEvent::negotiate, "the filter answered something else");
  MilterPacketReader reader(packet.data, MilterEvent::negotiate);
  MilterNegotiation negotiation;
  negotiation.version = reader.number();
  negotiation.actions = reader.number();
  negotiation.steps = reader.number();
  read_macro_lists(reader, negotiation.macros);
  return negotiation;
}

std::string encode_connect(const MilterPeer& peer) {
  std::string data;
  append_string(data, name_of(peer));
  const char family = family_of(peer);
  data += family;
  if (family != family_unknown) {
    const unsigned port = family == family_unix ? 0 : peer.port;
    data += static_cast<char>(port >> 8U);
    data += static_cast<char>(port & 0xffU);
    append_string(data, peer.address);
  }
  return data;
}

std::string encode_arguments(std::span<const std::string> arguments) {
  std::string data;
  for (const std::string& argument : arguments) append_string(data, argument);
  return data;
}

std::string encode_header(std::string_view name, std::string_view value, bool leading_space) {
  if (!leading_space && value.starts_with(' ')) value.remove_prefix(1);
  std::string data;
  append_string(data, name);
  append_string(data, with_lf(value));
  return data;
}

std::string encode_macros(MilterEvent event, const MilterMacros& macros) {
  std::string data(1, static_cast<char>(event));
  for (const MilterMacro& macro : macros) {
    append_string(data, macro.name);
    append_string(data, macro.value);
  }
  return data;
}

MilterClient::MilterClient(const std::string& address, MilterTimeouts timeouts)
    : stream_(open_milter_socket(address, timeouts.connect), timeouts) {}

const MilterNegotiation& MilterClient::negotiate(const MilterOffer& offer) {
  stream_.queue(encode_negotiation(offer), MilterEvent::negotiate);
  negotiation_ = decode_negotiation(stream_.receive(MilterEvent::negotiate));
  check(offer);
  return negotiation_;
}

void MilterClient::check(const MilterOffer& offer) const {
  if (negotiation_.version < oldest_version || negotiation_.version > offer.version)
    throw MilterError(MilterError::Kind::protocol, MilterEvent::negotiate,
                      fmt::format("the filter speaks version {}, offered was {}", negotiation_.version, offer.version));
  if ((negotiation_.actions & ~offer.actions) != 0)
    throw MilterError(MilterError::Kind::protocol, MilterEvent::negotiate,
                      fmt::format("the filter wants actions {:#x}, offered were {:#x}", negotiation_.actions, offer.actions));
}

MilterOutcome MilterClient::connect(const MilterPeer& peer, const MilterMacros& macros) {
  return send_event(MilterEvent::connect, encode_connect(peer), macros);
}

MilterOutcome MilterClient::helo(std::string_view name, const MilterMacros& macros) {
  std::string data;
  append_string(data, name);
  return send_event(MilterEvent::helo, data, macros);
}

MilterOutcome MilterClient::mail(std::span<const std::string> arguments, const MilterMacros& macros) {
  return send_event(MilterEvent::mail, encode_arguments(arguments), macros);
}

MilterOutcome MilterClient::rcpt(std::span<const std::string> arguments, const MilterMacros& macros) {
  return send_event(MilterEvent::rcpt, encode_arguments(arguments), macros);
}

MilterOutcome MilterClient::data(const MilterMacros& macros) { return send_event(MilterEvent::data, {}, macros); }

MilterOutcome MilterClient::header(std::string_view name, std::string_view value, const MilterMacros& macros) {
  return send_event(MilterEvent::header, encode_header(name, value, negotiation_.leading_space()), macros);
}

MilterOutcome MilterClient::end_of_header(const MilterMacros& macros) {
  return send_event(MilterEvent::end_of_header, {}, macros);
}

MilterOutcome MilterClient::body(std::string_view octets, const MilterMacros& macros) {
  MilterOutcome outcome;
  while (!octets.empty() && !outcome.is_final() && skipped_ != MilterEvent::body) {
    const std::string_view chunk = octets.substr(0, chunk_octets);
    outcome = send_event(MilterEvent::body, chunk, macros);
    octets.remove_prefix(chunk.size());
  }
  return outcome;
}

MilterOutcome MilterClient::end_of_message(const MilterMacros& macros) {
  return send_event(MilterEvent::end_of_message, {}, macros);
}

MilterOutcome MilterClient::unknown(std::string_view command, const MilterMacros& macros) {
  std::string data;
  append_string(data, command);
  return send_event(MilterEvent::unknown, data, macros);
}

MilterOutcome MilterClient::send_event(MilterEvent event, std::string_view data, const MilterMacros& macros) {
  const MilterEventRule& rule = rule_of(event);
  if (negotiation_.version < rule.since_version || skipped_ == event) return {};
  skipped_.reset();
  send_macros(event, macros);
  if ((negotiation_.steps & rule.unwanted) != 0) return {};
  stream_.queue(encode_packet(static_cast<char>(event), data), event);
  if ((negotiation_.steps & rule.unanswered) != 0) return {};
  return await_verdict(event);
}

void MilterClient::send_macros(MilterEvent event, const MilterMacros& macros) {
  stream_.queue(encode_packet(static_cast<char>(MilterEvent::macros), encode_macros(event, macros)), event);
}

MilterOutcome MilterClient::await_verdict(MilterEvent event) {
  MilterOutcomeReader reader(event);
  while (!reader.add(stream_.receive(event))) {
  }
  MilterOutcome outcome = reader.take();
  if (outcome.skip) skipped_ = event;
  return outcome;
}

void MilterClient::send_command(MilterEvent event) {
  skipped_.reset();
  stream_.queue(encode_packet(static_cast<char>(event), {}), event);
  stream_.flush(event);
}

void MilterClient::abort() { send_command(MilterEvent::abort); }

void MilterClient::quit() {
  send_command(MilterEvent::quit);
  close();
}

void MilterClient::quit_new_connection() { send_command(MilterEvent::quit_new_connection); }

void MilterClient::send_packet(char code, std::string_view data) { send_raw(encode_packet(code, data)); }

void MilterClient::send_raw(std::string_view octets) {
  stream_.queue(octets, MilterEvent::unknown);
  stream_.flush(MilterEvent::unknown);
}

MilterPacket MilterClient::receive_packet() { return stream_.receive(MilterEvent::unknown); }

}  // namespace cli
