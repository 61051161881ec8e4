#include "bench/load/script.hpp"

#include <algorithm>

namespace load {

using cli::MilterEvent;

namespace {

const std::string recipient = "dora@receiver.example";
constexpr std::uint16_t client_port = 40000;

cli::SessionSettings settings_of(const Mail& mail) {
  cli::SessionSettings settings;
  settings.client = {"client.example", mail.kind->client, client_port};
  settings.helo = mail.helo;
  settings.host_name = "mx.receiver.example";
  settings.daemon_name = mail.kind->daemon_name;
  return settings;
}

/// How the packet begins whose last `more` octets follow by themselves.
std::string head_of_packet(char code, const std::string& data, std::size_t more) {
  std::string head;
  cli::append_number(head, static_cast<std::uint32_t>(1 + data.size() + more));
  return head + code + data;
}

class Writer {
 public:
  Writer(const Mail& mail, const cli::MilterNegotiation& negotiation)
      : negotiation_(negotiation), settings_(cli::completed(settings_of(mail))), macros_(settings_) {}

  void add_opening() {
    add(MilterEvent::connect, cli::encode_connect(settings_.client));
    add(MilterEvent::helo, cli::encode_arguments({&settings_.helo, 1}));
  }
  void add_envelope(const Mail& mail);
  void add_content(const message::MessageFile& message);

  std::vector<Packet> packets;

 private:
  void add(MilterEvent event, const std::string& data, std::string_view body = {});

  const cli::MilterNegotiation& negotiation_;
  const cli::SessionSettings settings_;
  cli::SessionMacros macros_;
};

void Writer::add(MilterEvent event, const std::string& data, std::string_view body) {
  const cli::MilterEventRule& rule = cli::rule_of(event);
  if (negotiation_.version < rule.since_version) return;
  const std::string macros = cli::encode_macros(event, macros_.before(event, negotiation_));
  Packet packet{event, cli::encode_packet(static_cast<char>(MilterEvent::macros), macros), {}, false};
  if ((negotiation_.steps & rule.unwanted) == 0) {
    packet.octets += head_of_packet(static_cast<char>(event), data, body.size());
    packet.body = body;
    packet.is_answered = (negotiation_.steps & rule.unanswered) == 0;
  }
  packets.push_back(std::move(packet));
}

void Writer::add_envelope(const Mail& mail) {
  const std::string sender = '<' + mail.sender + '>', to = '<' + recipient + '>';
  macros_.set_sender(mail.sender);
  add(MilterEvent::mail, cli::encode_arguments({&sender, 1}));
  macros_.set_recipient(recipient);
  add(MilterEvent::rcpt, cli::encode_arguments({&to, 1}));
  macros_.set_queue_id(mail.queue_id);
  add(MilterEvent::data, {});
}

void Writer::add_content(const message::MessageFile& message) {
  const auto& header = message.header;
  for (std::size_t i = 0; i < header.size(); ++i)
    add(MilterEvent::header, cli::encode_header(header[i].name, header[i].value, negotiation_.leading_space()));
  add(MilterEvent::end_of_header, {});
  std::string_view body = message.body;
  while (!body.empty()) {
    const std::string_view chunk = body.substr(0, cli::MilterClient::chunk_octets);
    add(MilterEvent::body, {}, chunk);
    body.remove_prefix(chunk.size());
  }
  add(MilterEvent::end_of_message, {});
}

}  // namespace

Script::Script(const Mail& mail, const cli::MilterNegotiation& negotiation) {
  Writer writer(mail, negotiation);
  writer.add_opening();
  opening_ = writer.packets.size();
  writer.add_envelope(mail);
  content_ = writer.packets.size();
  writer.add_content(mail.content);
  packets_ = std::move(writer.packets);
}

std::span<const Packet> Script::content_up_to(MilterEvent last) const {
  const auto all = content();
  const auto at = std::find_if(all.begin(), all.end(), [&](const Packet& packet) { return packet.event == last; });
  return all.first(static_cast<std::size_t>(at - all.begin()) + (at == all.end() ? 0 : 1));
}

}  // namespace load
