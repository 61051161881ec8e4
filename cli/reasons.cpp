#include "cli/reasons.hpp"

#include <algorithm>
#include <span>

namespace cli {
namespace {

struct Meaning {
  std::string_view token, text;
};

constexpr Meaning reasons[] = {
    {"dmarc-pass", "an identifier that passed, SPF's or a signature's, is aligned with the From domain (RFC 9989 §5.3)"},
    {"dmarc-none", "no DMARC policy applies to the From domain, so nothing is asked of us"},
    {"dmarc-permerror", "the DMARC record that applies cannot be used: as if there were none"},
    {"dmarc-temperror", "the DNS did not answer; dmarc.on-temperror and dmarc.on-unknown-policy say whether that defers"},
    {"dmarc-policy-none", "nothing aligned passed, but the policy in force is none: delivered"},
    {"dmarc-quarantine", "nothing aligned passed, and the policy in force is quarantine; `quarantine` says how that is done"},
    {"dmarc-reject", "nothing aligned passed, and the domain asks to reject; `reject` says when that is done (RFC 9989 §7.4)"},
    {"from-exempt", "nothing aligned passed, but exempt.from-domains lists the From domain"},
    {"from-missing", "there is no From field; `bad-from` says what that does"},
    {"from-several-fields", "there is more than one From field; `bad-from` says what that does"},
    {"from-no-address", "the From field has no address with a domain; `bad-from` says what that does"},
    {"from-too-many", "the From field names too many domains; `bad-from` says what that does"},
    {"from-unparsable", "the From field cannot be read; `bad-from` says what that does"},
    {"spf-fail", "SPF of MAIL FROM says fail, and spf.reject lists that"},
    {"spf-softfail", "SPF of MAIL FROM says softfail, and spf.reject lists that"},
    {"spf-permerror", "the SPF records of MAIL FROM cannot be used, and spf.reject lists that"},
    {"forged-results-flood", "more Authentication-Results fields claim to be this server's than are taken out one by one"},
    {"internal-error", "something inside failed; `on-internal-error` says what that does"},
    {"local-submission", "made on this machine: signed, not judged"},
    {"authenticated", "from a client that logged in: signed, not judged"},
    {"sign-daemon", "by a daemon that sign.daemons lists: signed, not judged"},
    {"sign-network", "from a network that sign.networks lists: signed, not judged"},
    {"relay", "from a client that relays lists: passed on as it is"},
};

constexpr Meaning overrides[] = {
    {"local_policy", "by a rule of this server, not by the published policy"},
    {"mailing_list", "the published policy was reject, but the message seems to come by a mailing list"},
    {"trusted_forwarder", "the published policy was reject, but the message came by a known forwarder"},
    {"policy_test_mode", "the domain is testing its policy (t=y), which lowers it one level"},
    {"other", "pct= of the record leaves this message out, which lowers the policy one level (RFC 7489 §6.6.4)"},
};

constexpr Meaning roles[] = {
    {"outside", "from outside: judged"},
    {"local-submission", "made on this machine: to be signed"},
    {"authenticated", "the client logged in: to be signed"},
    {"sign-daemon", "by a daemon that sign.daemons lists: to be signed"},
    {"sign-network", "from a network that sign.networks lists: to be signed"},
    {"relay", "from a client that relays lists: neither judged nor signed"},
};

constexpr Meaning signing_reasons[] = {
    {"signed", "with the keys that follow"},
    {"monitor-mode", "not signed, for in mode \"monitor\" nothing is changed"},
    {"header-too-large", "not signed, for the header is larger than is kept of it"},
    {"no-from", "not signed, for there is no From field"},
    {"from-unusable", "not signed, for the From field cannot be used"},
    {"no-rule-for-domain", "not signed, for no [[sign.rule]] names the From domain"},
};

std::string_view find(std::span<const Meaning> meanings, std::string_view token) {
  const auto found = std::find_if(meanings.begin(), meanings.end(), [token](const Meaning& m) { return m.token == token; });
  return found == meanings.end() ? std::string_view() : found->text;
}

}  // namespace

std::string_view explain_reason(std::string_view token) { return find(reasons, token); }
std::string_view explain_override(std::string_view token) { return find(overrides, token); }
std::string_view explain_role(std::string_view token) { return find(roles, token); }
std::string_view explain_signing_reason(std::string_view token) { return find(signing_reasons, token); }

}  // namespace cli
