#include "bench/load/player.hpp"

#include <fmt/format.h>
#include <optional>
#include <utility>

#include "cli/milter_delivery.hpp"

namespace load {
namespace {

using Clock = std::chrono::steady_clock;

bool is_expected(std::string_view verdict, cli::MilterVerdict found) {
  if (verdict == "delivered") return found == cli::MilterVerdict::proceed || found == cli::MilterVerdict::accept;
  return cli::to_text(found) == verdict;
}

/// Empty when the outcome is what this kind of message must get.
std::string find_fault(const Kind& kind, const cli::MilterOutcome& outcome) {
  std::string inserted;
  for (const auto& change : outcome.changes) inserted += change.name + ":" + change.value + "\n";
  if (is_expected(kind.verdict, outcome.verdict) && outcome.reply.code == kind.code &&
      inserted.find(kind.inserted) != std::string::npos)
    return {};
  return fmt::format("{}: found {} {} \"{}\" and fields \"{}\", expected {} {} and \"{}\"", kind.name,
                     cli::to_text(outcome.verdict), outcome.reply.code, outcome.reply.text, inserted, kind.verdict, kind.code,
                     kind.inserted);
}

/// The message as the next filter is to see it.
Mail changed(const Mail& mail, const std::vector<cli::MilterChange>& changes, bool leading_space) {
  const cli::Delivery delivery = cli::apply_changes({mail.sender, {}}, mail.content, changes, leading_space);
  return {mail.kind, mail.helo, mail.sender, mail.queue_id, message::parse_message_file(delivery.message)};
}

/// A message on its way through the filters.
class Passage {
 public:
  Passage(const PreparedMail& prepared, const Route& route) : prepared_(prepared), route_(route) {}

  /// leading_space: how values of new fields are written.
  void add(cli::MilterOutcome outcome, bool leading_space) {
    new_changes_ = outcome.changes;
    leading_space_ = leading_space;
    std::vector<cli::MilterChange> changes = std::move(total_.changes);
    changes.insert(changes.end(), outcome.changes.begin(), outcome.changes.end());
    total_ = std::move(outcome);
    total_.changes = std::move(changes);
  }

  /// What the i-th filter answers to the content as it is now.
  [[nodiscard]] cli::MilterOutcome send(Channel& channel, std::size_t i) {
    const Mail& before = mail_ ? *mail_ : *prepared_.mail;
    if (!new_changes_.empty()) mail_ = changed(before, std::exchange(new_changes_, {}), leading_space_);
    if (!mail_) return channel.play(prepared_.scripts[i].content());
    return channel.play(Script(*mail_, route_.filters[i].negotiation).content());
  }

  [[nodiscard]] const cli::MilterOutcome& total() const { return total_; }

 private:
  const PreparedMail& prepared_;
  const Route& route_;
  cli::MilterOutcome total_;  // the last verdict, with the changes of all
  std::vector<cli::MilterChange> new_changes_;
  bool leading_space_ = true;
  std::optional<Mail> mail_;  // once it is another
};

}  // namespace

PreparedMail prepare(const Mail& mail, const Route& route) {
  PreparedMail prepared{&mail, {}};
  for (const Filter& filter : route.filters) prepared.scripts.emplace_back(mail, filter.negotiation);
  return prepared;
}

/// The connections of one session.
struct Player::Session {
  Session(const Route& route, const PreparedMail& prepared) {
    if (!route.policy_command.empty()) policy.emplace(route.policy_command);
    for (std::size_t i = 0; i < route.filters.size(); ++i) {
      channels.emplace_back(route.filters[i]);
      channels.back().play(prepared.scripts[i].opening());
    }
  }
  void quit() {
    for (Channel& channel : channels) channel.quit();
  }

  std::optional<PolicyServer> policy;
  std::list<Channel> channels;
};

void Player::play(const std::vector<const PreparedMail*>& messages) noexcept {
  try {
    play_session(messages, false);
  } catch (const std::exception& error) {
    score_failure(*messages.front(), error);
  }
}

void Player::play_rudely(const std::vector<const PreparedMail*>& messages, std::size_t turn) noexcept {
  try {
    abandon_session(*messages.front(), turn);
    play_session(messages, true);
  } catch (const std::exception& error) {
    score_failure(*messages.front(), error);
  }
}

void Player::hold(const PreparedMail& prepared, const std::function<void()>& wait) noexcept {
  try {
    Session session(route_, prepared);
    std::size_t i = 0;
    for (Channel& channel : session.channels) {
      const Script& script = prepared.scripts[i++];
      channel.play(script.envelope());
      channel.play(script.half_of_content());
      channel.flush();
    }
    score_.add_abandoned();
    wait();
  } catch (const std::exception& error) {
    score_failure(prepared, error);
    wait();
  }
}

void Player::score_failure(const PreparedMail& prepared, const std::exception& error) {
  score_.add_failure(fmt::format("{}: {}", prepared.mail->kind->name, error.what()));
}

/// The time to open the session is part of its first message's.
void Player::play_session(const std::vector<const PreparedMail*>& messages, bool is_rude) {
  const auto start = Clock::now();
  Session session(route_, *messages.front());
  Score::Duration waited = Clock::now() - start;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (is_rude && i % 3 == 1)
      abandon_message(session, messages[i]->scripts.front(), i % 2 == 0 ? cli::MilterEvent::header : cli::MilterEvent::body);
    play_message(session, *messages[i], waited);
    waited = {};
  }
  session.quit();
}

void Player::play_message(Session& session, const PreparedMail& prepared, Score::Duration waited) {
  const auto start = Clock::now();
  const cli::MilterOutcome outcome = send_message(session, prepared);
  const Score::Duration took = waited + (Clock::now() - start);
  for (Channel& channel : session.channels) channel.abort();
  std::string fault = find_fault(*prepared.mail->kind, outcome);
  fault.empty() ? score_.add_good(took) : score_.add_failure(std::move(fault));
}

/// As Postfix has it: the envelope goes to all filters at once, the content to one after the other.
cli::MilterOutcome Player::send_message(Session& session, const PreparedMail& prepared) const {
  Passage passage(prepared, route_);
  if (session.policy) passage.add(session.policy->ask(*prepared.mail), true);
  std::vector<cli::MilterOutcome> early;
  for (Channel& channel : session.channels) early.push_back(channel.play(prepared.scripts[early.size()].envelope()));
  std::size_t i = 0;
  for (Channel& channel : session.channels) {
    passage.add(early[i].is_final() ? early[i] : passage.send(channel, i), route_.filters[i].negotiation.leading_space());
    if (passage.total().refuses()) break;
    ++i;
  }
  return passage.total();
}

void Player::abandon_message(Session& session, const Script& script, cli::MilterEvent last) {
  Channel& channel = session.channels.front();
  channel.play(script.envelope());
  channel.play(script.content_up_to(last));
  channel.abort();
  score_.add_abandoned();
}

/// Leaves after MAIL, after the header, or without hearing the verdict.
void Player::abandon_session(const PreparedMail& prepared, std::size_t turn) {
  Session session(route_, prepared);
  Channel& channel = session.channels.front();
  const Script& script = prepared.scripts.front();
  channel.play(script.envelope());
  if (turn % 3 != 0) channel.play(script.content_up_to(cli::MilterEvent::end_of_header));
  if (turn % 3 == 2) channel.send_unheard(script.content().back());
  channel.flush();
  score_.add_abandoned();
}

}  // namespace load
