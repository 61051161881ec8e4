#pragma once
// One connection to a filter, down which prepared packets go. Every function throws cli::MilterError.

#include <optional>
#include <span>
#include <string>

#include "bench/load/script.hpp"

namespace load {

/// A filter to send to, and what it negotiates: always the same, or packets could not be prepared.
struct Filter {
  std::string socket;
  cli::MilterNegotiation negotiation;
};

/// Asks it once.
[[nodiscard]] Filter meet_filter(const std::string& socket);

class Channel {
 public:
  /// Connects and negotiates. Fails (protocol) if the outcome is another than before.
  explicit Channel(const Filter& filter);

  /// Sends packets until a verdict comes; the last answer, or "continue" when none was due.
  cli::MilterOutcome play(std::span<const Packet> packets);
  /// Sends one, and hears nothing.
  void send_unheard(const Packet& packet);
  void abort() { queue(cli::MilterEvent::abort); }
  /// Ends the session and the connection.
  void quit();
  void flush() { stream_.flush(cli::MilterEvent::body); }
  void close() { stream_.close(); }

 private:
  void queue(cli::MilterEvent event);
  cli::MilterOutcome await_verdict(cli::MilterEvent event);

  cli::MilterStream stream_;
  std::optional<cli::MilterEvent> skipped_;
};

}  // namespace load
