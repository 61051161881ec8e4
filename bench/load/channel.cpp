#include "bench/load/channel.hpp"

namespace load {

using cli::MilterEvent;

namespace {

constexpr cli::MilterTimeouts timeouts;

/// Negotiates and leaves at once.
cli::MilterNegotiation ask(const std::string& socket) {
  cli::MilterClient client(socket);
  cli::MilterNegotiation negotiation = client.negotiate();
  client.quit();
  return negotiation;
}

}  // namespace

Filter meet_filter(const std::string& socket) { return {socket, ask(socket)}; }

Channel::Channel(const Filter& filter) : stream_(cli::open_milter_socket(filter.socket, timeouts.connect), timeouts) {
  stream_.queue(cli::encode_negotiation({}), MilterEvent::negotiate);
  if (cli::decode_negotiation(stream_.receive(MilterEvent::negotiate)) != filter.negotiation)
    throw cli::MilterError(cli::MilterError::Kind::protocol, MilterEvent::negotiate,
                           "the filter wants something else this time");
}

cli::MilterOutcome Channel::play(std::span<const Packet> packets) {
  for (const Packet& packet : packets) {
    if (skipped_ == packet.event) continue;
    skipped_.reset();
    stream_.queue(packet.octets, packet.event);
    if (!packet.body.empty()) stream_.queue(packet.body, packet.event);
    if (!packet.is_answered) continue;
    cli::MilterOutcome outcome = await_verdict(packet.event);
    if (outcome.is_final() || &packet == &packets.back()) return outcome;
  }
  return {};
}

cli::MilterOutcome Channel::await_verdict(MilterEvent event) {
  cli::MilterOutcomeReader reader(event);
  while (!reader.add(stream_.receive(event))) {
  }
  cli::MilterOutcome outcome = reader.take();
  if (outcome.skip) skipped_ = event;
  return outcome;
}

void Channel::send_unheard(const Packet& packet) {
  stream_.queue(packet.octets, packet.event);
  stream_.flush(packet.event);
}

void Channel::queue(MilterEvent event) {
  skipped_.reset();
  stream_.queue(cli::encode_packet(static_cast<char>(event), {}), event);
}

void Channel::quit() {
  queue(MilterEvent::quit);
  stream_.flush(MilterEvent::quit);
  stream_.close();
}

}  // namespace load
