#include "tests/load/player.hpp"

#include <fmt/format.h>

#include "cli/milter_session.hpp"

namespace load {
namespace {

cli::SessionSettings settings_of(const Kind& kind) {
  cli::SessionSettings settings;
  settings.client = {"client.example", kind.client, 40000};
  settings.helo = "mx.sender.example";
  settings.host_name = "mx.receiver.example";
  settings.daemon_name = kind.daemon_name;
  return settings;
}

cli::SessionMessage message_of(const Kind& kind, std::size_t number) {
  return {{kind.sender, {"dora@receiver.example"}}, {}, fmt::format("4Q{}", number), &kind.content};
}

/// Empty when the outcome is what this kind of message must get.
std::string find_fault(const Kind& kind, const cli::MilterOutcome& outcome) {
  std::string inserted;
  for (const auto& change : outcome.changes) inserted += change.name + ":" + change.value + "\n";
  if (cli::to_text(outcome.verdict) == kind.verdict && outcome.reply.code == kind.code &&
      inserted.find(kind.inserted) != std::string::npos)
    return {};
  return fmt::format("{}: found {} {} \"{}\" and fields \"{}\", expected {} {} and \"{}\"", kind.name,
                     cli::to_text(outcome.verdict), outcome.reply.code, outcome.reply.text, inserted, kind.verdict, kind.code,
                     kind.inserted);
}

}  // namespace

void Score::add_failure(std::string text) {
  ++failed_;
  const std::lock_guard lock(mutex_);
  if (failures_.size() < kept_failures) failures_.push_back(std::move(text));
}

Player::Player(const std::string& socket, const Kind& kind, bool is_rude, Score& score)
    : socket_(socket), kind_(kind), is_rude_(is_rude), score_(score) {}

void Player::play(std::size_t messages) noexcept {
  try {
    if (is_rude_) abandon_connection(messages);
    play_connection(messages);
  } catch (const std::exception& error) {
    score_.add_failure(fmt::format("{}: {}", kind_.name, error.what()));
  }
}

void Player::play_connection(std::size_t messages) {
  cli::MilterClient client(socket_);
  cli::MilterSession session(client, settings_of(kind_));
  session.open();
  for (std::size_t number = 0; number < messages; ++number) {
    const cli::SessionMessage message = message_of(kind_, number);
    if (is_rude_ && number % 3 == 1) {
      session.run(message, number % 2 == 0 ? cli::MilterEvent::header : cli::MilterEvent::body);
      score_.add_abandoned();
    }
    const std::string fault = find_fault(kind_, session.run(message).outcome);
    fault.empty() ? score_.add_good() : score_.add_failure(fault);
  }
  session.close();
}

/// Leaves after MAIL, in the header, or without hearing the verdict.
void Player::abandon_connection(std::size_t after) {
  cli::MilterClient client(socket_);
  client.negotiate();
  client.connect({"client.example", kind_.client, 40000});
  client.helo("mx.sender.example");
  const std::string reverse_path = '<' + kind_.sender + '>';
  client.mail({&reverse_path, 1});
  const auto& header = kind_.content.header;
  for (std::size_t i = 0; i < header.size() && after % 3 != 0; ++i) client.header(header[i].name, header[i].value);
  if (after % 3 == 2) client.end_of_header();
  client.send_packet(static_cast<char>(after % 3 == 2 ? cli::MilterEvent::end_of_message : cli::MilterEvent::macros), "");
  client.close();
  score_.add_abandoned();
}

}  // namespace load
