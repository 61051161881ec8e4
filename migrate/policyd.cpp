// policyd-spf.conf to settings. Without one, nothing was refused for SPF, and nothing shall be: our default.

#include <fmt/format.h>

#include <array>

#include "base/text.hpp"
#include "conf/syntax.hpp"
#include "migrate/data_set.hpp"
#include "migrate/hosts.hpp"
#include "migrate/mapping.hpp"
#include "migrate/option_table.hpp"

namespace migrate {
namespace {

constexpr Bounds check_seconds{1, 120};
constexpr Bounds void_lookups{0, 20};

bool is_test_only(const OldSettings& old) { return old.value("TestOnly", "1").value == "0"; }

/// Which results of MAIL FROM refused: each with the words for it.
void map_mail_from(const OldSettings& old, Context& context) {
  Draft& draft = context.draft;
  const Cited policy = old.value("Mail_From_reject", "Fail");
  draft.open_list("spf.reject", policy.why);
  if (is_test_only(old)) return draft.open_list("spf.reject", old.value("TestOnly", "1").why);
  const auto* no_mail = old.find("No_Mail");
  if (no_mail != nullptr && no_mail->value == "True")
    return context.findings.warn(no_mail->place,
                                 "No_Mail refused only for \"v=spf1 -all\", which Signet does not tell apart: nothing is "
                                 "refused for SPF; spf.reject = [\"fail\"] refuses every fail");
  const bool is_strict = policy.value == "Softfail" || policy.value == "SPF_Not_Pass";
  if (policy.value == "Fail" || is_strict) draft.add_text("spf.reject", "fail", "");
  if (is_strict) draft.add_text("spf.reject", "softfail", "");
  if (policy.value == "SPF_Not_Pass")
    context.findings.warn(policy.place, "neutral does not refuse any more: RFC 7208 §8.2 wants it treated as none");
  if (old.value("PermError_reject", "False").value == "True" && policy.value != "False" && policy.value != "No_Check")
    draft.add_text("spf.reject", "permerror", old.value("PermError_reject", "").why);
}

void warn_of_helo(const OldSettings& old, Context& context) {
  const Cited policy = old.value("HELO_reject", "Fail");
  if (is_test_only(old) || policy.value == "False" || policy.value == "No_Check") return;
  context.findings.warn(policy.place,
                        "the HELO result alone does not refuse any more; it counts for mail with a null sender, and is "
                        "recorded for all (HELO_reject)");
}

void warn_of_temperror(const OldSettings& old, Context& context) {
  const auto* defer = old.find("TempError_Defer");
  if (defer != nullptr && defer->value == "True")
    context.findings.warn(defer->place,
                          "mail is not deferred for SPF alone; dmarc.on-temperror defers where DMARC needs the answer");
}

std::optional<DataSet> read_list(const OldSettings& old, std::string_view name, std::string_view default_value,
                                 Context& context) {
  const Cited cited = old.value(name, default_value);
  if (cited.value.empty()) return std::nullopt;
  return read_data_set({std::string(name), "csl:" + cited.value, cited.place}, "", context.findings);
}

/// Clients that were not checked. Loopback and what signs is not judged anyway.
void map_networks(const OldSettings& old, std::string_view name, std::string_view default_value, Context& context) {
  const auto set = read_list(old, name, default_value, context);
  if (!set) return;
  for (const auto& host : read_networks(*set, name, context.findings)) {
    if (host.network.address.is_loopback() || context.draft.contains("sign.networks", host.network.text()) ||
        context.draft.contains("relays", host.network.text()))
      continue;
    context.draft.add_text("forwarders.networks", host.network.text(), old.value(name, default_value).why);
    context.findings.note(set->entries.front().place,
                          fmt::format("SPF of mail from {} is checked and recorded, but does not refuse; what "
                                      "p=reject would refuse is quarantined",
                                      host.network.text()));
  }
}

void map_domains(const OldSettings& old, Context& context) {
  const auto set = read_list(old, "Domain_Whitelist", "", context);
  if (!set) return;
  for (const auto& entry : set->entries) {
    if (const auto domain = conf::read_domain(entry.key))
      context.draft.add_text("forwarders.domains", *domain, old.value("Domain_Whitelist", "").why);
    else
      context.findings.problem(entry.place,
                               fmt::format("Domain_Whitelist: {} is no domain name", conf::printable_words(entry.key)));
  }
  context.findings.note(set->entries.front().place,
                        "a forwarder counts when SPF or DKIM passed for its domain, no longer by its "
                        "addresses in SPF alone (Domain_Whitelist)");
}

}  // namespace

void map_policyd(const OldSettings& old, Context& context) {
  if (!old.is_present()) return;
  report_unmapped(old, policyd_options(), context);
  map_mail_from(old, context);
  warn_of_helo(old, context);
  warn_of_temperror(old, context);
  map_networks(old, "skip_addresses", "127.0.0.0/8,::ffff:127.0.0.0/104,::1", context);
  map_networks(old, "Whitelist", "", context);
  map_domains(old, context);
  const Cited type = old.value("Header_Type", "SPF");
  context.draft.set_flag("spf.received-spf", type.value == "SPF", type.why);
  if (old.find("Lookup_Time") != nullptr) map_seconds(old.value("Lookup_Time", ""), "spf.timeout", check_seconds, context);
  if (old.find("Void_Limit") != nullptr) map_number(old.value("Void_Limit", ""), "spf.max-void-lookups", void_lookups, context);
}

}  // namespace migrate
