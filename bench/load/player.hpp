#pragma once
// Plays messages to filters as Postfix would, and checks what they say to each.

#include <functional>
#include <list>
#include <string>
#include <vector>

#include "bench/load/channel.hpp"
#include "bench/load/policy.hpp"
#include "bench/load/score.hpp"

namespace load {

/// A message and its packets for each filter that it goes through.
struct PreparedMail {
  const Mail* mail = nullptr;
  std::vector<Script> scripts;
};

/// Where messages go: a policy server, if there is one, then the filters one after the other; each sees the fields as
/// those before have left them.
struct Route {
  std::vector<Filter> filters;              // at least one
  std::vector<std::string> policy_command;  // empty: none
};

[[nodiscard]] PreparedMail prepare(const Mail& mail, const Route& route);

class Player {
 public:
  /// Borrows all.
  Player(const Route& route, Score& score) : route_(route), score_(score) {}

  /// One session with these messages; nothing is thrown, a failure is scored.
  void play(const std::vector<const PreparedMail*>& messages) noexcept;
  /// The same, but before and between them others begin that are aborted or left with their connection, in one of
  /// three ways by the number of the turn.
  void play_rudely(const std::vector<const PreparedMail*>& messages, std::size_t turn) noexcept;

  /// Half of one message's content; then `wait` is called, and the connections are closed when it returns.
  void hold(const PreparedMail& prepared, const std::function<void()>& wait) noexcept;

 private:
  struct Session;
  void play_session(const std::vector<const PreparedMail*>& messages, bool is_rude);
  void play_message(Session& session, const PreparedMail& prepared, Score::Duration waited);
  void abandon_message(Session& session, const Script& script, cli::MilterEvent last);
  void abandon_session(const PreparedMail& prepared, std::size_t turn);
  [[nodiscard]] cli::MilterOutcome send_message(Session& session, const PreparedMail& prepared) const;
  void score_failure(const PreparedMail& prepared, const std::exception& error);

  const Route& route_;
  Score& score_;
};

}  // namespace load
