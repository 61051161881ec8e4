#include "cli/milter_outcome.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace cli {
namespace {

constexpr std::size_t code_octets = 3;
constexpr int shutdown_code = 421;

[[noreturn]] void fail(MilterEvent during, const std::string& text) {
  throw MilterError(MilterError::Kind::protocol, during, text);
}

std::string response_name(char code) { return base::printable(std::string_view(&code, 1)); }

/// The words an MTA uses when the filter gives none; Postfix's.
SmtpReply standard_reply(MilterVerdict verdict) {
  switch (verdict) {
    case MilterVerdict::reject:
      return {550, "5.7.1", "Command rejected"};
    case MilterVerdict::tempfail:
      return {451, "4.7.1", "Service unavailable - try again later"};
    case MilterVerdict::shutdown:
    case MilterVerdict::connection_failure:
      return {shutdown_code, "4.7.0", "Service unavailable"};
    default:
      return {};
  }
}

/// "5.7.1" of "5.7.1 text" (RFC 2034 §4: three numbers, the class of the code, then a space); else empty.
std::string_view enhanced_code_of(std::string_view text, char code_class) {
  const std::string_view word = text.substr(0, text.find(' '));
  const auto parts = base::split(word, '.');
  constexpr std::uint64_t most = 999;
  std::uint64_t number = 0;
  const bool numbers =
      std::all_of(parts.begin(), parts.end(), [&](std::string_view part) { return base::parse_number(part, most, number); });
  return parts.size() == 3 && numbers && word.front() == code_class && parts[0].size() == 1 ? word : std::string_view{};
}

std::string without_format(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && ++i == text.size()) break;
    out += text[i];
  }
  return out;
}

bool is_reply_line(std::string_view line, std::string_view code, char separator) {
  return line.size() > code_octets && line.substr(0, code_octets) == code && line[code_octets] == separator &&
         line.find_first_of("\r\n") == std::string_view::npos;
}

}  // namespace

std::string_view to_text(MilterVerdict verdict) {
  switch (verdict) {
    case MilterVerdict::proceed:
      return "continue";
    case MilterVerdict::accept:
      return "accept";
    case MilterVerdict::reject:
      return "reject";
    case MilterVerdict::tempfail:
      return "tempfail";
    case MilterVerdict::discard:
      return "discard";
    case MilterVerdict::reply:
      return "reply";
    case MilterVerdict::shutdown:
      return "shutdown";
    case MilterVerdict::connection_failure:
      return "connection failure";
  }
  return "?";
}

std::string_view to_text(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::add_header:
      return "add_header";
    case ChangeKind::insert_header:
      return "insert_header";
    case ChangeKind::change_header:
      return "change_header";
    case ChangeKind::delete_header:
      return "delete_header";
    case ChangeKind::replace_body:
      return "replace_body";
    case ChangeKind::add_recipient:
      return "add_recipient";
    case ChangeKind::delete_recipient:
      return "delete_recipient";
    case ChangeKind::change_sender:
      return "change_sender";
  }
  return "?";
}

SmtpReply parse_smtp_reply(std::string_view reply, MilterEvent during) {
  if (!reply.empty() && reply.back() == '\0') reply.remove_suffix(1);
  if (reply.find('\0') != std::string_view::npos) fail(during, "a reply code with a NUL in its text");
  const std::string_view code = reply.substr(0, code_octets);
  std::uint64_t number = 0;
  constexpr std::uint64_t least = 400, most = 599;
  if (!base::parse_number(code, most, number) || number < least) fail(during, "a reply code that is neither 4xx nor 5xx");
  SmtpReply out{static_cast<int>(number), {}, {}};
  for (bool last = false; !last;) {
    const std::size_t end = reply.find("\r\n");
    last = end == std::string_view::npos;
    const std::string_view line = reply.substr(0, end);
    if (!is_reply_line(line, code, last ? ' ' : '-')) fail(during, "a malformed reply code \"" + base::printable(line) + '"');
    std::string_view text = line.substr(code_octets + 1);
    const std::string_view enhanced = enhanced_code_of(text, code.front());
    if (!enhanced.empty()) text = text.substr(std::min(enhanced.size() + 1, text.size()));
    if (out.enhanced.empty()) out.enhanced = enhanced;
    out.text += without_format(text) + (last ? "" : "\n");
    reply.remove_prefix(last ? reply.size() : end + 2);
  }
  return out;
}

void MilterOutcomeReader::count(std::size_t octets) {
  octets_ += octets;
  if (++responses_ > max_responses) fail(event_, fmt::format("more than {} responses to one event", max_responses));
  if (octets_ > max_octets) fail(event_, fmt::format("responses of more than {} octets to one event", max_octets));
}

void MilterOutcomeReader::decide(MilterVerdict verdict, MilterPacketReader& data) {
  outcome_.verdict = verdict;
  outcome_.reply = verdict == MilterVerdict::reply ? parse_smtp_reply(data.rest(), event_) : standard_reply(verdict);
  data.expect_end();
}

bool MilterOutcomeReader::add_verdict(MilterResponse response, MilterPacketReader& data) {
  switch (response) {
    case MilterResponse::skip:
      outcome_.skip = true;
      [[fallthrough]];
    case MilterResponse::proceed:
      decide(MilterVerdict::proceed, data);
      return true;
    case MilterResponse::accept:
      decide(MilterVerdict::accept, data);
      return true;
    case MilterResponse::reject:
      decide(MilterVerdict::reject, data);
      return true;
    case MilterResponse::tempfail:
      decide(MilterVerdict::tempfail, data);
      return true;
    case MilterResponse::discard:
      decide(MilterVerdict::discard, data);
      return true;
    case MilterResponse::reply_code:
      decide(MilterVerdict::reply, data);
      return true;
    case MilterResponse::shutdown:
      decide(MilterVerdict::shutdown, data);
      return true;
    case MilterResponse::connection_failure:
      decide(MilterVerdict::connection_failure, data);
      return true;
    default:
      return false;
  }
}

void MilterOutcomeReader::add_header_change(MilterResponse response, MilterPacketReader& data) {
  MilterChange change;
  if (response != MilterResponse::add_header) change.index = data.number();
  change.name = data.string();
  change.value = data.string();
  if (change.name.empty()) fail(event_, "a header change without a field name");
  if (response == MilterResponse::insert_header) change.kind = ChangeKind::insert_header;
  if (response == MilterResponse::change_header)
    change.kind = change.value.empty() ? ChangeKind::delete_header : ChangeKind::change_header;
  outcome_.changes.push_back(std::move(change));
}

void MilterOutcomeReader::add_address_change(MilterResponse response, MilterPacketReader& data) {
  MilterChange change;
  change.kind = response == MilterResponse::change_sender      ? ChangeKind::change_sender
                : response == MilterResponse::delete_recipient ? ChangeKind::delete_recipient
                                                               : ChangeKind::add_recipient;
  change.value = data.string();
  const bool has_parameters =
      response == MilterResponse::change_sender || response == MilterResponse::add_recipient_with_parameters;
  if (has_parameters && !data.is_empty()) change.parameters = data.string();
  outcome_.changes.push_back(std::move(change));
}

void MilterOutcomeReader::replace_body(std::string_view chunk) {
  auto& changes = outcome_.changes;
  if (!changes.empty() && changes.back().kind == ChangeKind::replace_body) {
    changes.back().value += chunk;
    return;
  }
  // Postfix cannot take it up again; a filter that relies on that would lose a body there.
  const auto is_body = [](const MilterChange& change) { return change.kind == ChangeKind::replace_body; };
  if (std::any_of(changes.begin(), changes.end(), is_body)) fail(event_, "a body replacement mixed with other changes");
  MilterChange change;
  change.kind = ChangeKind::replace_body;
  change.value = chunk;
  changes.push_back(std::move(change));
}

void MilterOutcomeReader::add_change(MilterResponse response, MilterPacketReader& data) {
  switch (response) {
    case MilterResponse::add_header:
    case MilterResponse::insert_header:
    case MilterResponse::change_header:
      return add_header_change(response, data);
    case MilterResponse::add_recipient:
    case MilterResponse::add_recipient_with_parameters:
    case MilterResponse::delete_recipient:
    case MilterResponse::change_sender:
      return add_address_change(response, data);
    case MilterResponse::replace_body:
      return replace_body(data.rest());
    default:
      fail(event_, fmt::format("an unknown response '{}'", response_name(static_cast<char>(response))));
  }
}

bool MilterOutcomeReader::add(const MilterPacket& packet) {
  count(packet.data.size());
  MilterPacketReader data(packet.data, event_);
  const auto response = static_cast<MilterResponse>(packet.code);
  if (add_verdict(response, data)) return true;
  if (response == MilterResponse::progress) {
    ++outcome_.progress_count;
  } else if (response == MilterResponse::quarantine) {
    outcome_.quarantine = data.is_empty() ? std::string() : data.string();
  } else {
    if (event_ != MilterEvent::end_of_message)
      fail(event_, fmt::format("response '{}' is for the end of a message only", response_name(packet.code)));
    add_change(response, data);
  }
  data.expect_end();
  return false;
}

}  // namespace cli
