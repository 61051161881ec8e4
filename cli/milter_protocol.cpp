#include "cli/milter_protocol.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <span>

namespace cli {
namespace {

constexpr std::size_t number_octets = 4;

constexpr std::array<MilterEventRule, 10> event_rules{{
    {MilterEvent::connect, milter_step::no_connect, milter_step::unanswered_connect, 2},
    {MilterEvent::helo, milter_step::no_helo, milter_step::unanswered_helo, 2},
    {MilterEvent::mail, milter_step::no_mail, milter_step::unanswered_mail, 2},
    {MilterEvent::rcpt, milter_step::no_rcpt, milter_step::unanswered_rcpt, 2},
    {MilterEvent::data, milter_step::no_data, milter_step::unanswered_data, 4},
    {MilterEvent::header, milter_step::no_headers, milter_step::unanswered_header, 2},
    {MilterEvent::end_of_header, milter_step::no_end_of_header, milter_step::unanswered_end_of_header, 2},
    {MilterEvent::body, milter_step::no_body, milter_step::unanswered_body, 2},
    {MilterEvent::end_of_message, 0, 0, 2},
    {MilterEvent::unknown, milter_step::no_unknown, milter_step::unanswered_unknown, 3},
}};

// Both in the order of their bits.
constexpr std::array<std::string_view, 9> action_names{
    "add headers",    "change body", "add recipients", "delete recipients",
    "change headers", "quarantine",  "change sender",  "add recipients with parameters",
    "choose macros"};
constexpr std::array<std::string_view, 21> step_names{"no connect",
                                                      "no helo",
                                                      "no mail",
                                                      "no rcpt",
                                                      "no body",
                                                      "no headers",
                                                      "no end of header",
                                                      "no header reply",
                                                      "no unknown",
                                                      "no data",
                                                      "skip",
                                                      "refused rcpts",
                                                      "no connect reply",
                                                      "no helo reply",
                                                      "no mail reply",
                                                      "no rcpt reply",
                                                      "no data reply",
                                                      "no unknown reply",
                                                      "no end of header reply",
                                                      "no body reply",
                                                      "header leading space"};

std::vector<std::string_view> names_of(std::uint32_t flags, std::span<const std::string_view> names) {
  std::vector<std::string_view> out;
  for (std::size_t bit = 0; bit < names.size(); ++bit)
    if ((flags >> bit & 1U) != 0) out.push_back(names[bit]);
  return out;
}

}  // namespace

const MilterEventRule& rule_of(MilterEvent event) {
  const auto* rule = std::find_if(event_rules.begin(), event_rules.end(), [&](const auto& r) { return r.event == event; });
  if (rule == event_rules.end()) throw std::logic_error("an event without a rule");
  return *rule;
}

std::string_view to_text(MilterEvent event) {
  switch (event) {
    case MilterEvent::abort:
      return "ABORT";
    case MilterEvent::body:
      return "BODY";
    case MilterEvent::connect:
      return "CONNECT";
    case MilterEvent::macros:
      return "MACROS";
    case MilterEvent::end_of_message:
      return "END-OF-MESSAGE";
    case MilterEvent::helo:
      return "HELO";
    case MilterEvent::quit_new_connection:
      return "QUIT-NEW-CONNECTION";
    case MilterEvent::header:
      return "HEADER";
    case MilterEvent::mail:
      return "MAIL";
    case MilterEvent::end_of_header:
      return "END-OF-HEADER";
    case MilterEvent::negotiate:
      return "NEGOTIATION";
    case MilterEvent::quit:
      return "QUIT";
    case MilterEvent::rcpt:
      return "RCPT";
    case MilterEvent::data:
      return "DATA";
    case MilterEvent::unknown:
      return "UNKNOWN-COMMAND";
  }
  return "?";
}

std::vector<std::string_view> milter_action_names(std::uint32_t actions) { return names_of(actions, action_names); }

std::vector<std::string_view> milter_step_names(std::uint32_t steps) { return names_of(steps, step_names); }

MilterError::MilterError(Kind kind, MilterEvent during, const std::string& text)
    : std::runtime_error(fmt::format("milter at {}: {}", to_text(during), text)), kind_(kind) {}

void append_number(std::string& data, std::uint32_t number) {
  for (unsigned shift = 32; shift > 0; shift -= 8) data += static_cast<char>(number >> (shift - 8U) & 0xffU);
}

void append_string(std::string& data, std::string_view text) {
  data += text.substr(0, text.find('\0'));
  data += '\0';
}

std::string encode_packet(char code, std::string_view data) {
  std::string packet;
  packet.reserve(number_octets + 1 + data.size());
  append_number(packet, static_cast<std::uint32_t>(data.size() + 1));
  packet += code;
  packet += data;
  return packet;
}

std::uint32_t MilterPacketReader::number() {
  if (rest_.size() < number_octets)
    throw MilterError(MilterError::Kind::protocol, during_, "the filter's packet is too short for a number");
  std::uint32_t value = 0;
  for (const char octet : rest_.substr(0, number_octets)) value = value << 8U | static_cast<unsigned char>(octet);
  rest_.remove_prefix(number_octets);
  return value;
}

std::string MilterPacketReader::string() {
  const std::size_t end = rest_.find('\0');
  if (end == std::string_view::npos)
    throw MilterError(MilterError::Kind::protocol, during_, "the filter's packet has a string without its NUL");
  std::string text(rest_.substr(0, end));
  rest_.remove_prefix(end + 1);
  return text;
}

void MilterPacketReader::expect_end() const {
  if (!rest_.empty())
    throw MilterError(MilterError::Kind::protocol, during_,
                      fmt::format("the filter's packet has {} octets too many", rest_.size()));
}

}  // namespace cli
