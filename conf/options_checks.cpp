// Options of the checks: SPF, DKIM, DMARC, and who is treated otherwise.

#include "conf/list_kinds.hpp"
#include "conf/option_groups.hpp"

namespace conf::groups {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr seconds most_timeout{120};

bool is_refusing_spf_result(std::string_view text) { return text == "fail" || text == "softfail" || text == "permerror"; }

Option dmarc_fallback(std::string_view key, Fallback Dmarc::*field, std::string_view help) {
  return kinds::choice<Settings, Fallback>(
      key, [field](auto& s) -> auto& { return s.dmarc.*field; }, {{"defer", Fallback::defer}, {"accept", Fallback::accept}},
      help);
}

std::vector<Option> dmarc_discovery() {
  return {
      kinds::choice<Settings, Discovery>(
          "dmarc.discovery", [](auto& s) -> auto& { return s.dmarc.discovery; },
          {{"treewalk", Discovery::treewalk}, {"psl", Discovery::psl}},
          "How policy records and Organizational Domains are found: \"treewalk\" as RFC 9989 §4.10 says, \"psl\" by a public "
          "suffix list as the old RFC 7489 said, with pct and without np, psd and t. Only for comparison."),
      kinds::with_position(
          kinds::text(
              "dmarc.psl-file", [](auto& s) -> auto& { return s.dmarc.psl_file; }, "the path of a file, or \"\"",
              kinds::when_or_empty(is_path),
              "The list for \"psl\", as publicsuffix.org publishes it. Empty: the system's list or the one built into libpsl, "
              "the newer of the two. A relative path starts at the folder of this file."),
          [](auto& s) -> auto& { return s.dmarc.psl_file_position; })};
}

std::vector<Option> dmarc_outcome() {
  const auto text = [](auto& s) -> auto& { return s.dmarc.reject_text; };
  return {
      kinds::duration(
          "dmarc.timeout", [](auto& s) -> auto& { return s.dmarc.timeout; }, seconds{1}, most_timeout,
          "How long the policy record is waited for."),
      dmarc_fallback(
          "dmarc.on-temperror", &Dmarc::on_temperror,
          "What happens when the policy is quarantine or reject and the DNS fails for something that might have passed. "
          "\"accept\" lets a forger by who makes the DNS fail."),
      dmarc_fallback("dmarc.on-unknown-policy", &Dmarc::on_unknown_policy,
                     "What happens when the policy itself could not be had. \"defer\" holds up all mail of a domain whose DNS "
                     "is broken."),
      kinds::text(
          "dmarc.reject-text", text, "at most 200 ASCII characters in which %d, %p and %% are the only uses of %",
          kinds::when_or_empty(is_reject_text),
          "The text of a refusal: %d is the From domain, %p the domain of the policy, %% one %. Empty: a text of our own "
          "that says the same. Name a page here where senders find help."),
      kinds::text(
          "dmarc.tag-field", [](auto& s) -> auto& { return s.dmarc.tag_field; },
          "the name of a header field, at most 64 characters", kinds::when(is_field_name),
          "The field that quarantine = \"tag\" adds, for filters to file on.")};
}

}  // namespace

std::vector<Option> spf() {
  return {
      kinds::duration(
          "spf.timeout", [](auto& s) -> auto& { return s.spf.timeout; }, seconds{1}, most_timeout,
          "How long one check may take; then it is a temperror. RFC 7208 §4.6.4 wants at least 20s; less may suit a server "
          "that would rather not wait for slow domains."),
      kinds::number(
          "spf.max-void-lookups", [](auto& s) -> auto& { return s.spf.max_void_lookups; }, 0, 20, "",
          "Lookups of one check that may find nothing; one more is a permerror. RFC 7208 §4.6.4 says 2."),
      kinds::boolean(
          "spf.received-spf", [](auto& s) -> auto& { return s.spf.received_spf; },
          "Whether the MAIL FROM result is also written as a Received-SPF field, for filters that read that one. "
          "Authentication-Results says the same and more."),
      kinds::list(
          "spf.reject", [](auto& s) -> auto& { return s.spf.reject; },
          {"a list of SPF results", "\"fail\", \"softfail\" or \"permerror\""}, kinds::when(is_refusing_spf_result),
          kinds::text_itself,
          "Results of the MAIL FROM check that refuse a message by themselves, whatever DMARC says: \"fail\", \"softfail\", "
          "\"permerror\". Forwarded mail often fails SPF, so leave it empty unless you know better.")};
}

std::vector<Option> dkim() {
  return {
      kinds::number(
          "dkim.max-signatures", [](auto& s) -> auto& { return s.dkim.max_signatures; }, 1, 100, "",
          "Signatures of one message that are looked at; those beyond are reported as policy."),
      kinds::number(
          "dkim.max-verified", [](auto& s) -> auto& { return s.dkim.max_verified; }, 1, 100, "",
          "Signatures of one message that are verified, those of the From domain first."),
      kinds::number(
          "dkim.min-rsa-bits", [](auto& s) -> auto& { return s.dkim.min_rsa_bits; }, 1024, 8192, "bits",
          "RSA keys with fewer bits are a permerror. RFC 8301 §3.2 forbids fewer than 1024."),
      kinds::boolean(
          "dkim.accept-short-length", [](auto& s) -> auto& { return s.dkim.accept_short_length; },
          "Whether a signature passes that covers only the beginning of the body (l=). Anybody can add to such a message, so "
          "leave it false."),
      kinds::duration(
          "dkim.clock-drift", [](auto& s) -> auto& { return s.dkim.clock_drift; }, seconds{0}, hours{24},
          "How far the signer's clock may be off before a signature counts as expired or from the future."),
      kinds::duration(
          "dkim.timeout", [](auto& s) -> auto& { return s.dkim.timeout; }, seconds{1}, most_timeout,
          "How long keys are waited for; a key missing then is a temperror.")};
}

std::vector<Option> dmarc() {
  auto options = dmarc_discovery();
  for (auto& option : dmarc_outcome()) options.push_back(std::move(option));
  return options;
}

std::vector<Option> exempt() {
  return {kinds::domains(
      "exempt.from-domains", [](auto& s) -> auto& { return s.exempt.from_domains; },
      "From domains, exactly as written, whose mail is judged as always but never refused, deferred or quarantined by DMARC.")};
}

std::vector<Option> forwarders() {
  return {
      kinds::networks(
          "forwarders.networks", [](auto& s) -> auto& { return s.forwarders.networks; },
          "Addresses of servers that forward mail to your users, such as those of an alumni association."),
      kinds::domains(
          "forwarders.domains", [](auto& s) -> auto& { return s.forwarders.domains; },
          "Domains of such servers. A message counts as theirs only when SPF or a DKIM signature passed for the domain or one "
          "below it.")};
}

}  // namespace conf::groups
