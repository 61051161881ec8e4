#include "conf/options.hpp"

#include <array>
#include <iterator>

#include "conf/option_groups.hpp"

namespace conf {
namespace {

constexpr std::array<Table, 15> all_tables = {{
    {"", "What is done with messages."},
    {"daemon", "Whom signetd becomes when root starts it. The service of systemd has a user of its own, and needs none here."},
    {"milter", "The connection with the mail server."},
    {"control", "The socket on which Signet itself is told what to do: `signet reload`."},
    {"metrics", "Figures for Prometheus, and whether all is well: /metrics and /healthz by HTTP."},
    {"log", "Log lines."},
    {"dns", "Questions to the DNS and the memory of their answers."},
    {"spf", "SPF, RFC 7208: may this client send for this domain?"},
    {"dkim", "Verifying DKIM signatures, RFC 6376."},
    {"dmarc", "DMARC, RFC 9989: what does the From domain want done with mail that is not its own?"},
    {"exempt", "Who is never refused."},
    {"forwarders",
     "Servers known to forward mail honestly, which breaks SPF and at times DKIM. Mail that comes by them is quarantined "
     "where p=reject would refuse it (see reject at the top), and spf.reject does not apply to it."},
    {"shadow", "The chain of filters that Signet is compared with where mode is \"shadow\"."},
    {"keys", "Private keys for signing: making, replacing and watching them (signet key)."},
    {"sign", "Signing with DKIM, RFC 6376. Nothing is signed without a [[sign.rule]]."},
}};

std::vector<Option> all_options() {
  using namespace groups;
  std::vector<Option> all;
  for (const auto group : {top, daemon, milter, control, metrics, log, dns, spf, dkim, dmarc, exempt, forwarders, shadow, keys, sign}) {
    auto some = group();
    all.insert(all.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
  }
  return all;
}

}  // namespace

std::span<const Option> options() {
  static const std::vector<Option> all = all_options();
  return all;
}

std::vector<const Option*> differences(const Settings& a, const Settings& b) {
  std::vector<const Option*> found;
  for (const Option& option : options())
    if (option.show(a) != option.show(b)) found.push_back(&option);
  return found;
}

std::span<const Table> tables() { return all_tables; }

std::string_view table_of(std::string_view key) {
  const std::size_t dot = key.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : key.substr(0, dot);
}

std::string_view name_in_table(std::string_view key) { return key.substr(key.rfind('.') + 1); }

}  // namespace conf
