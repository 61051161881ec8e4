// Options of the top level: what is done with a message. RFC 9989 §5.4 and §7.4.

#include "conf/list_kinds.hpp"
#include "conf/option_groups.hpp"

namespace conf::groups {
namespace {

using std::chrono::seconds;

constexpr std::int64_t least_header_octets = 4096;
constexpr std::int64_t most_header_octets = 16 * 1024 * 1024;
constexpr seconds most_wait{290};  // Postfix gives up at 300 s (milter_content_timeout)

const kinds::Names<Fallback> fallbacks() { return {{"defer", Fallback::defer}, {"accept", Fallback::accept}}; }

Option mode() {
  return kinds::choice<Settings, Mode>(
      "mode", [](auto& s) -> auto& { return s.mode; },
      {{"enforce", Mode::enforce}, {"monitor", Mode::monitor}, {"shadow", Mode::shadow}},
      "\"enforce\" acts on what is found. \"monitor\" decides and logs the same, but never refuses, defers or "
      "quarantines: only Authentication-Results is added. Start with \"monitor\" on a server that has users. "
      "\"shadow\" runs behind opendkim, opendmarc and the like, changes nothing at all and logs where its verdicts differ from "
      "theirs: `signet shadow` sums them up.");
}

Option authserv_id() {
  const auto read = [](std::string_view text) { return text.empty() ? std::optional(std::string()) : read_authserv_id(text); };
  return kinds::text(
      "authserv-id", [](auto& s) -> auto& { return s.authserv_id; },
      "a domain or other token, or \"\" for the mail server's name", read,
      "Who speaks in Authentication-Results (RFC 8601 §2.5). Fields of others that claim this name are removed. "
      "Empty: the mail server's own name. Give several servers of one site the same name.");
}

Option quarantine() {
  return kinds::choice<Settings, QuarantineBy>(
      "quarantine", [](auto& s) -> auto& { return s.quarantine; },
      {{"tag", QuarantineBy::tag}, {"hold", QuarantineBy::hold}, {"reject", QuarantineBy::reject}},
      "How to quarantine. \"tag\" delivers the message with an added field (dmarc.tag-field) that a filter can file "
      "on; \"hold\" puts it into the mail server's hold queue, which somebody must then look after; \"reject\" "
      "refuses it.");
}

Option reject() {
  return kinds::choice<Settings, HonourReject>(
      "reject", [](auto& s) -> auto& { return s.reject; },
      {{"unless-indirect", HonourReject::unless_indirect}, {"always", HonourReject::always}, {"never", HonourReject::never}},
      "What p=reject of the From domain does. \"unless-indirect\" refuses, but quarantines where the message seems to "
      "come by a mailing list or a known forwarder (RFC 9989 §7.4); \"always\" refuses; \"never\" quarantines.");
}

Option bad_from() {
  return kinds::choice<Settings, BadFrom>(
      "bad-from", [](auto& s) -> auto& { return s.bad_from; }, {{"reject", BadFrom::reject}, {"accept", BadFrom::accept}},
      "What happens to a message whose From field is missing, repeated or unreadable. No policy can apply to it, so "
      "\"accept\" lets anybody by.");
}

Option on_internal_error() {
  return kinds::choice<Settings, Fallback>(
      "on-internal-error", [](auto& s) -> auto& { return s.on_internal_error; }, fallbacks(),
      "What happens to a message when Signet itself fails (no memory, a defect). \"defer\" lets the sender try again; "
      "\"accept\" delivers it unchecked.");
}

Option relays() {
  return kinds::networks(
      "relays", [](auto& s) -> auto& { return s.relays; },
      "Servers of yours that hand over mail which they have checked or signed already: a backup server, a gateway, a "
      "content filter. Mail from them is neither judged nor signed.");
}

Option max_header_octets() {
  return kinds::number(
      "max-header-octets", [](auto& s) -> auto& { return s.max_header_octets; }, least_header_octets, most_header_octets,
      "octets", "The most header of one message that is looked at. Keep it at or above the mail server's own limit.");
}

Option max_wait() {
  return kinds::duration(
      "max-wait", [](auto& s) -> auto& { return s.max_wait; }, seconds{1}, most_wait,
      "The longest that one message waits for the DNS at its end, all checks together. Keep it below the mail server's "
      "patience: milter_content_timeout of Postfix is 300 s.");
}

}  // namespace

std::vector<Option> top() {
  return {mode(),   authserv_id(),       quarantine(), reject(), bad_from(), on_internal_error(),
          relays(), max_header_octets(), max_wait()};
}

}  // namespace conf::groups
