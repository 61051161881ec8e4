// opendkim.conf to settings; its keys and tables are in signing_tables.cpp.

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "conf/syntax.hpp"
#include "dkim/signer.hpp"
#include "dns/server_address.hpp"
#include "migrate/data_set.hpp"
#include "migrate/hosts.hpp"
#include "migrate/mapping.hpp"
#include "migrate/option_table.hpp"
#include "migrate/signing.hpp"

namespace migrate {
namespace {

constexpr Bounds rsa_bits{1024, 8192};
constexpr Bounds header_octets{4096, 16'777'216};
constexpr Bounds signatures{1, 100};
constexpr Bounds drift{0, 86'400};
constexpr Bounds lookup_seconds{1, 120};
constexpr Bounds lifetime{3600, 366 * 86'400};

/// opendkim.conf on its way.
class Mapper {
 public:
  Mapper(const OldSettings& old, Context& context)
      : old_(old), draft_(context.draft), findings_(context.findings), context_(context) {
    const auto* base = old.find("BaseDirectory");
    base_directory_ = base == nullptr ? "" : base->value;
  }

  void map_hosts() {
    draft_.open_list("sign.networks", "");
    const auto internal = read("InternalHosts");
    if (!internal) {
      for (const auto* address : {"127.0.0.1", "::1"})
        draft_.add_text("sign.networks", address, "the default of InternalHosts");
    } else {
      for (const auto& host : read_networks(*internal, "InternalHosts", findings_))
        draft_.add_text("sign.networks", host.network.text(), host.why);
    }
    if (const auto peers = read("PeerList"))
      for (const auto& host : read_networks(*peers, "PeerList", findings_))
        draft_.add_text("relays", host.network.text(), host.why);
  }

  void map_daemons() {
    if (const auto set = read("MTA"))
      for (const auto& entry : set->entries) add_daemon(entry.key, entry);
    if (const auto set = read("MacroList"))
      for (const auto& entry : set->entries) map_macro(entry);
  }

  void map_exempt() {
    const auto set = read("ExemptDomains");
    if (!set) return;
    for (const auto& entry : set->entries) {
      if (const auto domain = conf::read_domain(entry.key))
        draft_.add_text("exempt.from-domains", *domain, cite(entry));
      else
        findings_.problem(entry.place, fmt::format("ExemptDomains: {} is no domain name", conf::printable_words(entry.key)));
    }
    findings_.warn(old_.find("ExemptDomains")->place,
                   "mail of these domains was passed over; now it is judged, but never refused "
                   "or quarantined by DMARC, and signed if a rule says so");
  }

  void map_canonicalization() {
    const Cited old = old_.value("Canonicalization", "simple");
    const auto parts = base::split(old.value, '/');
    const std::string header = base::to_lower(base::trim(parts[0]));
    const std::string body = parts.size() > 1 ? base::to_lower(base::trim(parts[1])) : "simple";  // as opendkim does
    const auto is_form = [](std::string_view word) { return word == "simple" || word == "relaxed"; };
    if (parts.size() > 2 || !is_form(header) || !is_form(body))
      return findings_.problem(old.place, fmt::format("{} is no canonicalization", conf::printable_words(old.value)));
    draft_.set_text("sign.header-canonicalization", header, old.why);
    draft_.set_text("sign.body-canonicalization", body, old.why);
  }

  /// SignHeaders replaces the default, or with "*" changes it; OmitHeaders takes away.
  void map_fields() {
    std::vector<std::string> fields = dkim::default_signed_fields();
    const auto wanted = read("SignHeaders");
    if (wanted) fields = apply(*wanted, std::move(fields));
    const auto unwanted = read("OmitHeaders");
    bool is_changed = wanted.has_value();
    for (const auto& entry : unwanted ? unwanted->entries : std::vector<DataEntry>())
      is_changed =
          std::erase_if(fields, [&](const auto& f) { return base::iequals(f, trim_sign(entry.key)); }) != 0 || is_changed;
    if (!is_changed) return;
    const auto is_from = [](const std::string& field) { return field == "from"; };
    if (std::none_of(fields.begin(), fields.end(), is_from)) fields.insert(fields.begin(), "from");
    draft_.open_list("sign.fields", cite(*old_.find(wanted ? "SignHeaders" : "OmitHeaders")));
    for (const auto& field : fields) draft_.add_text("sign.fields", field, "");
  }

  void map_oversigning() {
    const auto set = read("OversignHeaders");
    draft_.open_list("sign.oversign", old_.value("OversignHeaders", "(none)").why);
    for (const auto& name : apply(set.value_or(DataSet{}), {})) draft_.add_text("sign.oversign", name, "");
  }

  void map_verifying() {
    number("ClockDrift", "dkim.clock-drift", drift, true);
    number("SignatureTTL", "sign.lifetime", lifetime, true);
    number("MinimumKeyBits", "dkim.min-rsa-bits", rsa_bits, false);
    map_header_limit();
    if (old_.is_present()) map_number(old_.value("MaximumSignaturesToVerify", "3"), "dkim.max-verified", signatures, context_);
    if (const auto* wait = old_.find("DNSTimeout"))  // 0: for ever
      map_seconds({wait->value == "0" ? "120" : wait->value, cite(*wait), wait->place, false}, "dkim.timeout", lookup_seconds,
                  context_);
  }

  void map_servers() {
    const auto set = read("Nameservers");
    if (!set) return;
    for (const auto& entry : set->entries) {
      if (conf::is_dns_server(entry.key))
        draft_.add_text("dns.servers", entry.key, cite(*old_.find("Nameservers")));
      else
        findings_.problem(entry.place, fmt::format("Nameservers: {} is no address", conf::printable_words(entry.key)));
    }
  }

  void map_internal_error() {
    const Cited old = old_.value("On-InternalError", "tempfail");
    const bool accepts = base::to_lower(old.value).starts_with('a');
    draft_.set_text("on-internal-error", accepts ? "accept" : "defer", old.why);
    if (!accepts && !base::to_lower(old.value).starts_with('t'))
      findings_.warn(old.place, "On-InternalError: a failure of Signet's own defers mail or accepts it; it defers now");
  }

 private:
  std::optional<DataSet> read(std::string_view name) {
    const auto* setting = old_.find(name);
    return setting == nullptr ? std::nullopt : read_data_set(*setting, base_directory_, findings_);
  }

  void number(std::string_view option, std::string_view key, const Bounds& bounds, bool is_seconds) {
    if (old_.find(option) == nullptr) return;
    if (is_seconds)
      map_seconds(old_.value(option, ""), key, bounds, context_);
    else
      map_number(old_.value(option, ""), key, bounds, context_);
  }

  void map_header_limit() {
    const auto* limit = old_.find("MaximumHeaders");
    if (limit == nullptr) return;
    if (limit->value == "0")  // none
      draft_.set("max-header-octets", std::to_string(header_octets.most), cite(*limit));
    else
      map_number(old_.value("MaximumHeaders", ""), "max-header-octets", header_octets, context_);
    findings_.note(limit->place, "mail with a larger header was refused; now its signatures do not count and it is not signed");
  }

  void add_daemon(const std::string& name, const DataEntry& entry) {
    if (conf::is_macro_value(name))
      draft_.add_text("sign.daemons", name, cite(entry));
    else
      findings_.problem(entry.place, fmt::format("{} is no name of a listener", conf::printable_words(name)));
  }

  /// "daemon_name|ORIGINATING|…" or "daemon_name=ORIGINATING".
  void map_macro(const DataEntry& entry) {
    const std::string whole = entry.value.empty() ? entry.key : entry.key + "|" + entry.value;
    const auto parts = base::split(whole, '|');
    if (parts[0] == "daemon_name" || parts[0] == "{daemon_name}") {
      for (std::size_t i = 1; i < parts.size(); ++i) add_daemon(std::string(parts[i]), entry);
      if (parts.size() > 1) return;
    }
    if (parts[0].find("auth_") != std::string_view::npos)
      return findings_.note(entry.place, "MacroList: whoever logged in is signed for anyway");
    findings_.problem(entry.place,
                      fmt::format("MacroList: {} does not decide about signing; give the listener a name in master.cf "
                                  "(-o milter_macro_daemon_name=NAME) and add that to sign.daemons",
                                  conf::printable_words(whole)));
  }

  static std::string_view trim_sign(std::string_view name) {
    return name.starts_with('+') || name.starts_with('-') ? name.substr(1) : name;
  }

  /// The list, or with "*" in it `base` changed by "+name" and "-name"; lower case.
  std::vector<std::string> apply(const DataSet& set, std::vector<std::string> base) {
    const auto is_star = [](const DataEntry& entry) { return entry.key == "*"; };
    if (std::none_of(set.entries.begin(), set.entries.end(), is_star)) base.clear();
    for (const auto& entry : set.entries) {
      const std::string name = base::to_lower(trim_sign(entry.key));
      std::erase(base, name);
      if (is_star(entry) || entry.key.starts_with('-')) continue;
      if (conf::is_signable_field_name(name))
        base.push_back(name);
      else
        findings_.warn(entry.place,
                       fmt::format("{} is not signed any more: it changes on the way", conf::printable_words(name)));
    }
    return base;
  }

  const OldSettings& old_;
  Draft& draft_;
  Findings& findings_;
  Context& context_;
  std::string base_directory_;
};

}  // namespace

void map_opendkim(const OldSettings& old, Context& context) {
  if (!old.is_present()) return;
  report_unmapped(old, opendkim_options(), context);
  Mapper mapper(old, context);
  mapper.map_hosts();
  mapper.map_daemons();
  mapper.map_exempt();
  mapper.map_canonicalization();
  mapper.map_fields();
  mapper.map_oversigning();
  mapper.map_verifying();
  mapper.map_servers();
  mapper.map_internal_error();
  map_signing(old, context);
}

}  // namespace migrate
