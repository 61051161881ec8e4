// opendmarc.conf to settings. Without one, nothing acted on DMARC, and nothing shall.

#include <fmt/format.h>

#include "base/text.hpp"
#include "conf/syntax.hpp"
#include "migrate/data_set.hpp"
#include "migrate/hosts.hpp"
#include "migrate/mapping.hpp"
#include "migrate/option_table.hpp"

namespace migrate {
namespace {

constexpr Bounds lookup_seconds{1, 120};

/// "%s" becomes "%d"; every other "%" stands for itself.
std::string read_reject_string(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
    } else if (text.substr(i).starts_with("%s")) {
      out += "%d";
      ++i;
    } else {
      out += "%%";
    }
  }
  return out;
}

void map_refusals(const OldSettings& old, Context& context) {
  Draft& draft = context.draft;
  const Cited rejects = old.value("RejectFailures", "false");
  const std::string why = old.is_present() ? rejects.why : "no opendmarc was there: nothing acted on DMARC";
  const bool is_on = old.is_on("RejectFailures");
  draft.set_text("reject", is_on ? "always" : "never", why);
  for (const auto* key : {"dmarc.on-temperror", "dmarc.on-unknown-policy"})
    draft.set_text(key, is_on ? "defer" : "accept", why);
  if (is_on)
    context.findings.note(
        rejects.place,
        "every p=reject is obeyed as before; reject = \"unless-indirect\" would spare mailing lists (RFC 9989 §7.4)");
  else
    context.findings.note(rejects.place,
                          "nothing is refused for DMARC, as before; a failure is marked with the field "
                          "X-Signet-Quarantine. When you trust it: reject = \"unless-indirect\"");
}

void map_quarantine(const OldSettings& old, Context& context) {
  const Cited hold = old.value("HoldQuarantinedMessages", "false");
  const bool is_on = old.is_on("HoldQuarantinedMessages");
  context.draft.set_text("quarantine", is_on ? "hold" : "tag", old.is_present() ? hold.why : "no opendmarc was there");
  if (is_on && !old.is_on("RejectFailures"))
    context.findings.warn(hold.place,
                          "mail that fails p=reject was accepted; with reject = \"never\" it is held as p=quarantine is");
}

void map_reject_string(const OldSettings& old, Context& context) {
  const auto* setting = old.find("RejectString");
  if (setting == nullptr) return;
  const std::string text = read_reject_string(setting->value);
  if (conf::is_reject_text(text))
    context.draft.set_text("dmarc.reject-text", text, cite(*setting));
  else
    context.findings.problem(setting->place, "RejectString is too long or not ASCII: refusals have the default text");
}

void map_ignored_hosts(const OldSettings& old, Context& context) {
  const auto* setting = old.find("IgnoreHosts");
  if (setting == nullptr) return;
  const OldSetting file{setting->name, "file:" + setting->value, setting->place};
  const auto set = read_data_set(file, "", context.findings);
  if (!set) return;
  for (const auto& host : read_networks(*set, "IgnoreHosts", context.findings)) {
    if (context.draft.contains("sign.networks", host.network.text())) continue;  // signed, and so not judged
    if (host.network.address.is_loopback()) continue;  // as a relay, mail submitted there would not be signed
    context.draft.add_text("relays", host.network.text(), host.why);
    context.findings.warn(setting->place,
                          fmt::format("mail from {} is neither judged nor signed now; opendkim and policyd-spf still "
                                      "checked it",
                                      host.network.text()));
  }
}

void map_ignored_domains(const OldSettings& old, Context& context) {
  const auto* setting = old.find("IgnoreMailFrom");
  if (setting == nullptr) return;
  for (const std::string_view part : base::split(setting->value, ',')) {
    if (const auto domain = conf::read_domain(base::trim(part)))
      context.draft.add_text("exempt.from-domains", *domain, cite(*setting));
    else
      context.findings.problem(setting->place,
                               fmt::format("IgnoreMailFrom: {} is no domain name", conf::printable_words(part)));
  }
}

void map_suffix_list(const OldSettings& old, Context& context) {
  if (!old.is_present()) return;
  const auto* list = old.find("PublicSuffixList");
  const std::string text =
      "policies are found by the tree walk of RFC 9989, which needs no list, and pct= is no longer looked at; "
      "`signet dmarc DOMAIN` shows where that differs";
  context.findings.note(list == nullptr ? Place{old.program(), 0} : list->place, text);
  if (list == nullptr) return;
  if (conf::is_path(list->value))
    context.draft.set_text("dmarc.psl-file", list->value, cite(*list) + " (only for discovery = \"psl\")");
}

}  // namespace

void map_opendmarc(const OldSettings& old, Context& context) {
  report_unmapped(old, opendmarc_options(), context);
  map_refusals(old, context);
  map_quarantine(old, context);
  map_reject_string(old, context);
  map_ignored_hosts(old, context);
  map_ignored_domains(old, context);
  map_suffix_list(old, context);
  if (const auto* wait = old.find("DNSTimeout"))  // 0: for ever
    map_seconds({wait->value == "0" ? "120" : wait->value, cite(*wait), wait->place, false}, "dmarc.timeout", lookup_seconds,
                context);
}

}  // namespace migrate
