#pragma once
// The words of the milter protocol, version 6, as an MTA and a filter say them: the octets that name events
// and responses, the negotiation flags, and the packing of packets. No sockets and no states here; and no
// libmilter, whose own view is the filter's.

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cli {

/// What the MTA sends.
enum class MilterEvent : char {
  abort = 'A',
  body = 'B',
  connect = 'C',
  macros = 'D',
  end_of_message = 'E',
  helo = 'H',
  quit_new_connection = 'K',  // QUIT, but the socket stays for the next SMTP connection
  header = 'L',
  mail = 'M',
  end_of_header = 'N',
  negotiate = 'O',
  quit = 'Q',
  rcpt = 'R',
  data = 'T',
  unknown = 'U',
};

/// What the filter answers.
enum class MilterResponse : char {
  add_recipient = '+',
  delete_recipient = '-',
  add_recipient_with_parameters = '2',
  shutdown = '4',
  accept = 'a',
  replace_body = 'b',
  proceed = 'c',
  discard = 'd',
  change_sender = 'e',
  connection_failure = 'f',
  add_header = 'h',
  insert_header = 'i',
  change_header = 'm',
  negotiate = 'O',
  progress = 'p',
  quarantine = 'q',
  reject = 'r',
  skip = 's',
  tempfail = 't',
  reply_code = 'y',
};

/// What a filter may ask to change.
namespace milter_action {
inline constexpr std::uint32_t add_headers = 0x001, change_body = 0x002, add_recipients = 0x004, delete_recipients = 0x008,
                               change_headers = 0x010, quarantine = 0x020, change_sender = 0x040,
                               add_recipients_with_parameters = 0x080, choose_macros = 0x100, all = 0x1ff;
}

/// What a filter may ask of the conversation: events it does not want, events it does not answer.
namespace milter_step {
inline constexpr std::uint32_t no_connect = 0x01, no_helo = 0x02, no_mail = 0x04, no_rcpt = 0x08, no_body = 0x10,
                               no_headers = 0x20, no_end_of_header = 0x40, unanswered_header = 0x80, no_unknown = 0x100,
                               no_data = 0x200, skip = 0x400, refused_rcpts = 0x800, unanswered_connect = 0x1000,
                               unanswered_helo = 0x2000, unanswered_mail = 0x4000, unanswered_rcpt = 0x8000,
                               unanswered_data = 0x10000, unanswered_unknown = 0x20000, unanswered_end_of_header = 0x40000,
                               unanswered_body = 0x80000, leading_space = 0x100000, all = 0x1fffff;
}

/// How one event of a session is negotiated.
struct MilterEventRule {
  MilterEvent event;
  std::uint32_t unwanted;       // the step that leaves it out; 0: always sent
  std::uint32_t unanswered;     // the step that leaves out its answer; 0: always answered
  std::uint32_t since_version;  // a filter of an older version never sees it
};

/// The rule of a connect, helo, mail, rcpt, data, header, end_of_header, body, end_of_message or unknown event.
[[nodiscard]] const MilterEventRule& rule_of(MilterEvent event);
[[nodiscard]] std::string_view to_text(MilterEvent event);
/// The names of the flags that are set, lowest bit first.
[[nodiscard]] std::vector<std::string_view> milter_action_names(std::uint32_t actions);
[[nodiscard]] std::vector<std::string_view> milter_step_names(std::uint32_t steps);

/// Why a conversation with a filter came to an end that the protocol does not know. what() names the event.
class MilterError : public std::runtime_error {
 public:
  enum class Kind { address, connection, closed, timeout, protocol };
  MilterError(Kind kind, MilterEvent during, const std::string& text);
  [[nodiscard]] Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

struct MilterPacket {
  char code = 0;  // a MilterEvent or MilterResponse, or anything a hostile peer likes
  std::string data;
};

/// Length, code, data. Any octets.
[[nodiscard]] std::string encode_packet(char code, std::string_view data);
void append_number(std::string& data, std::uint32_t number);
/// A string with its NUL; it ends at its first NUL, as a C string would.
void append_string(std::string& data, std::string_view text);

/// Takes a packet's data apart. Each function throws MilterError (protocol) when the data has no such thing.
class MilterPacketReader {
 public:
  /// Borrows from data.
  MilterPacketReader(std::string_view data, MilterEvent during) : rest_(data), during_(during) {}
  [[nodiscard]] std::uint32_t number();
  [[nodiscard]] std::string string();  // up to its NUL, which must be there
  [[nodiscard]] std::string_view rest() { return std::exchange(rest_, {}); }
  [[nodiscard]] bool is_empty() const { return rest_.empty(); }
  void expect_end() const;

 private:
  std::string_view rest_;
  MilterEvent during_;
};

}  // namespace cli
