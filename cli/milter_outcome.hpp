#pragma once
// What a filter answered to one event: its verdict, and at the end of the message what it wants changed.
// Reads responses; carries nothing out (that is milter_delivery.hpp).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/milter_protocol.hpp"

namespace cli {

enum class MilterVerdict {
  proceed,             // the next event, please; at the end of the message: deliver it
  accept,              // deliver, without asking the filter any more
  reject,              // 5xx, the MTA's words
  tempfail,            // 4xx, the MTA's words
  discard,             // the client hears 250 and nothing is delivered
  reply,               // 4xx or 5xx, the filter's words
  shutdown,            // 421 and the SMTP connection ends
  connection_failure,  // the same, asked for by another name
};

[[nodiscard]] std::string_view to_text(MilterVerdict verdict);

/// What the SMTP client hears.
struct SmtpReply {
  int code = 0;          // 0: nothing is said
  std::string enhanced;  // RFC 2034: "5.7.1"; empty: none given
  std::string text;      // lines separated by LF

  friend bool operator==(const SmtpReply&, const SmtpReply&) = default;
};

enum class ChangeKind {
  add_header,
  insert_header,
  change_header,
  delete_header,
  replace_body,
  add_recipient,
  delete_recipient,
  change_sender,
};

[[nodiscard]] std::string_view to_text(ChangeKind kind);

struct MilterChange {
  ChangeKind kind = ChangeKind::add_header;
  std::uint32_t index = 0;  // as sent: insert counts fields from 0, change and delete fields of that name from 1
  std::string name;         // of the header field
  std::string value;        // header: as sent, folds are bare LF; an address; the whole new body
  std::string parameters;   // ESMTP parameters of an address

  friend bool operator==(const MilterChange&, const MilterChange&) = default;
};

struct MilterOutcome {
  MilterVerdict verdict = MilterVerdict::proceed;
  SmtpReply reply;
  std::optional<std::string> quarantine;  // the reason given
  std::vector<MilterChange> changes;      // in the order they were asked for
  bool skip = false;                      // no more events of this kind for now
  std::size_t progress_count = 0;         // "still working" said so often

  [[nodiscard]] bool is_final() const { return verdict != MilterVerdict::proceed; }
  [[nodiscard]] bool refuses() const { return reply.code != 0; }
  /// The SMTP connection ends with this: a shutdown, or a reply of 421 (RFC 5321 §3.8).
  [[nodiscard]] bool ends_connection() const { return reply.code == 421; }
};

/// Gathers the responses to one event, until the one that is its verdict.
class MilterOutcomeReader {
 public:
  static constexpr std::size_t max_responses = 10'000;
  static constexpr std::size_t max_octets = std::size_t{64} << 20U;  // of all responses together

  explicit MilterOutcomeReader(MilterEvent event) : event_(event) {}
  /// True: that was the verdict, outcome() is complete. Throws MilterError (protocol) on a response that is unknown,
  /// malformed, out of place or beyond the limits.
  bool add(const MilterPacket& packet);
  [[nodiscard]] MilterOutcome take() { return std::move(outcome_); }

 private:
  bool add_verdict(MilterResponse response, MilterPacketReader& data);
  void add_change(MilterResponse response, MilterPacketReader& data);
  void add_header_change(MilterResponse response, MilterPacketReader& data);
  void add_address_change(MilterResponse response, MilterPacketReader& data);
  void replace_body(std::string_view chunk);
  void count(std::size_t octets);
  void decide(MilterVerdict verdict, MilterPacketReader& data);

  MilterEvent event_;
  MilterOutcome outcome_;
  std::size_t responses_ = 0;
  std::size_t octets_ = 0;
};

/// Reads "550 5.7.1 text", also of several lines ("550-…", CRLF between). "%%" means "%", and "%" nothing, because
/// Sendmail reads it as a format. Throws MilterError (protocol).
[[nodiscard]] SmtpReply parse_smtp_reply(std::string_view reply, MilterEvent during);

}  // namespace cli
