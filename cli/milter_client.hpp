#pragma once
// One connection to a filter, driven event by event as an MTA drives it. It keeps to what the filter negotiated
// (events it does not want, answers it does not give, SKIP) and knows nothing of SMTP sessions: MilterSession
// does. Beside the events, any octets can be sent and the socket closed at any moment, for hostile and load tests.
//
// Every function throws MilterError; after that the connection is of no more use, except to close it.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/milter_outcome.hpp"
#include "cli/milter_stream.hpp"

namespace cli {

/// What the MTA can do; the filter chooses from it.
struct MilterOffer {
  std::uint32_t version = 6;
  std::uint32_t actions = milter_action::all;
  std::uint32_t steps = milter_step::all;
};

/// The groups of macros a filter can choose, by their numbers in the protocol.
enum class MacroStage : std::uint32_t { connect, helo, mail, rcpt, data, end_of_message, end_of_header };

struct MilterNegotiation {
  std::uint32_t version = 0;
  std::uint32_t actions = 0;
  std::uint32_t steps = 0;
  std::map<MacroStage, std::string> macros;  // names the filter wants instead of the MTA's list

  [[nodiscard]] bool leading_space() const { return (steps & milter_step::leading_space) != 0; }
  friend bool operator==(const MilterNegotiation&, const MilterNegotiation&) = default;
};

struct MilterMacro {
  std::string name;  // as it is sent: "i", "{auth_type}"
  std::string value;
};
using MilterMacros = std::vector<MilterMacro>;

/// The SMTP client.
struct MilterPeer {
  std::string name;     // empty: unknown, "[ADDRESS]" is sent
  std::string address;  // IPv4, IPv6, the path of a Unix socket (a `/` first), or empty: nothing is known
  std::uint16_t port = 0;
};

// For whoever sends otherwise than with a MilterClient: the packet that offers, what is made of the answer (throws
// MilterError: protocol), and the data of events' packets.
[[nodiscard]] std::string encode_negotiation(const MilterOffer& offer);
[[nodiscard]] MilterNegotiation decode_negotiation(const MilterPacket& packet);
[[nodiscard]] std::string encode_connect(const MilterPeer& peer);
[[nodiscard]] std::string encode_arguments(std::span<const std::string> arguments);  // of helo, mail, rcpt
[[nodiscard]] std::string encode_header(std::string_view name, std::string_view value, bool leading_space);
[[nodiscard]] std::string encode_macros(MilterEvent event, const MilterMacros& macros);

class MilterClient {
 public:
  static constexpr std::size_t chunk_octets = 65535;  // of a body in one event

  /// Connects; see open_milter_socket.
  explicit MilterClient(const std::string& address, MilterTimeouts timeouts = {});
  /// Owns the socket.
  explicit MilterClient(int connected_socket, MilterTimeouts timeouts = {}) : stream_(connected_socket, timeouts) {}

  /// First of all. Fails if the filter chose a version or an action that was not offered.
  const MilterNegotiation& negotiate(const MilterOffer& offer = {});
  [[nodiscard]] const MilterNegotiation& negotiation() const { return negotiation_; }

  // The events. The macros are sent first, also when the filter does not want the event, as Postfix does.
  MilterOutcome connect(const MilterPeer& peer, const MilterMacros& macros = {});
  MilterOutcome helo(std::string_view name, const MilterMacros& macros = {});
  /// arguments: "<address>", then ESMTP parameters.
  MilterOutcome mail(std::span<const std::string> arguments, const MilterMacros& macros = {});
  MilterOutcome rcpt(std::span<const std::string> arguments, const MilterMacros& macros = {});
  MilterOutcome data(const MilterMacros& macros = {});
  /// value: all that follows the colon, with CRLF or LF folds; its first space goes unless the filter wants it.
  MilterOutcome header(std::string_view name, std::string_view value, const MilterMacros& macros = {});
  MilterOutcome end_of_header(const MilterMacros& macros = {});
  /// Any size; sent in chunks, until the filter has seen enough or gives a verdict.
  MilterOutcome body(std::string_view octets, const MilterMacros& macros = {});
  MilterOutcome end_of_message(const MilterMacros& macros = {});
  MilterOutcome unknown(std::string_view command, const MilterMacros& macros = {});

  /// The message is over (RSET, or a reply that ended it); the next mail() may follow. Never answered.
  void abort();
  /// The session is over; the connection is closed.
  void quit();
  /// The session is over, another connect() may follow on the same socket.
  void quit_new_connection();

  // Below the protocol.
  void send_packet(char code, std::string_view data = {});  // at once
  void send_raw(std::string_view octets);                   // at once
  [[nodiscard]] MilterPacket receive_packet();
  void close() { stream_.close(); }  // whatever state it is in; what was not yet written is lost
  [[nodiscard]] bool is_open() const { return stream_.is_open(); }

 private:
  MilterOutcome send_event(MilterEvent event, std::string_view data, const MilterMacros& macros);
  void send_macros(MilterEvent event, const MilterMacros& macros);
  void send_command(MilterEvent event);
  MilterOutcome await_verdict(MilterEvent event);
  void check(const MilterOffer& offer) const;

  MilterStream stream_;
  MilterNegotiation negotiation_;
  std::optional<MilterEvent> skipped_;  // no more of these until another event is sent
};

}  // namespace cli
