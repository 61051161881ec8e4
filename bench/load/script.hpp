#pragma once
// A message as the packets that Postfix sends for it to a filter that negotiated so: what the filter does not want is
// left out. Made once, before anything is measured.

#include <span>
#include <string>
#include <vector>

#include "bench/load/kinds.hpp"
#include "cli/milter_macros.hpp"

namespace load {

struct Packet {
  cli::MilterEvent event;
  std::string octets;     // its macros' packet, and itself but for the part of a body
  std::string_view body;  // borrowed from the message
  bool is_answered = false;
};

class Script {
 public:
  /// Borrows the message's body.
  Script(const Mail& mail, const cli::MilterNegotiation& negotiation);

  [[nodiscard]] std::span<const Packet> opening() const { return std::span(packets_).first(opening_); }
  [[nodiscard]] std::span<const Packet> envelope() const { return std::span(packets_).subspan(opening_, content_ - opening_); }
  [[nodiscard]] std::span<const Packet> content() const { return std::span(packets_).subspan(content_); }
  /// From the header on, the first half of the packets.
  [[nodiscard]] std::span<const Packet> half_of_content() const { return content().first((content().size() + 1) / 2); }
  /// From the header on, up to the first packet of this event, which ends it.
  [[nodiscard]] std::span<const Packet> content_up_to(cli::MilterEvent last) const;

 private:
  std::vector<Packet> packets_;
  std::size_t opening_ = 0, content_ = 0;  // where they end and begin
};

}  // namespace load
