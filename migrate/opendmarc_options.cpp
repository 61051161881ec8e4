// The options of opendmarc.conf(5) 1.4.2, and of older releases.
// What our settings can say instead is in opendmarc.cpp; here stands what becomes of each option, in the order of names.

#include <array>

#include "migrate/option_table.hpp"

namespace migrate {
namespace {

constexpr std::array<OptionRow, 47> rows = {{
    {"AuthservID", Fate::mapped, "authserv-id"},
    {"AuthservIDWithJobID", Fate::dropped,
     "the name must be the same for all messages, or nobody could tell which results are ours"},
    {"AutoRestart", Fate::harmless, "systemd restarts the service"},
    {"AutoRestartCount", Fate::harmless, "systemd restarts the service"},
    {"AutoRestartRate", Fate::harmless, "systemd restarts the service"},
    {"Background", Fate::harmless, "the daemon stays in the foreground; systemd puts it into the background"},
    {"BaseDirectory", Fate::harmless, "paths are written absolute"},
    {"ChangeRootDirectory", Fate::dropped,
     "there is no chroot; the systemd unit confines the service. Paths of the old configuration may have been meant inside it: "
     "check them"},
    {"CopyFailuresTo", Fate::dropped, "no copies are sent; quarantine = \"hold\" keeps such mail for you"},
    {"DNSTimeout", Fate::mapped, "dmarc.timeout"},
    {"DomainWhitelist", Fate::dropped, "ARC is not evaluated: name such forwarders under forwarders.domains"},
    {"DomainWhitelistFile", Fate::dropped, "ARC is not evaluated: name such forwarders under forwarders.domains"},
    {"DomainWhitelistSize", Fate::harmless, "lists grow as they must"},
    {"EnableCoredumps", Fate::harmless, "systemd-coredump keeps dumps"},
    {"FailureReports", Fate::dropped, "no failure reports are sent (they tell strangers about your users' mail)"},
    {"FailureReportsBcc", Fate::dropped, "no failure reports are sent"},
    {"FailureReportsOnNone", Fate::dropped, "no failure reports are sent"},
    {"FailureReportsSentBy", Fate::dropped, "no failure reports are sent"},
    {"ForensicReports", Fate::dropped, "no failure reports are sent"},
    {"ForensicReportsBcc", Fate::dropped, "no failure reports are sent"},
    {"ForensicReportsOnNone", Fate::dropped, "no failure reports are sent"},
    {"ForensicReportsSentBy", Fate::dropped, "no failure reports are sent"},
    {"HistoryFile", Fate::dropped, "no aggregate reports are made yet"},
    {"HoldQuarantinedMessages", Fate::mapped, "quarantine"},
    {"IgnoreAuthenticatedClients", Fate::harmless, "mail of whoever logged in is never judged"},
    {"IgnoreHosts", Fate::mapped, "relays"},
    {"IgnoreMailFrom", Fate::mapped, "exempt.from-domains"},
    {"IgnoreMailTo", Fate::dropped, "it kept recipients out of reports, which are not made yet"},
    {"MilterDebug", Fate::harmless, "log.level = \"debug\" says more"},
    {"PidFile", Fate::harmless, "systemd knows the process"},
    {"PublicSuffixList", Fate::mapped, "dmarc.psl-file"},
    {"RecordAllMessages", Fate::dropped, "no aggregate reports are made yet"},
    {"RejectFailures", Fate::mapped, "reject, dmarc.on-temperror, dmarc.on-unknown-policy"},
    {"RejectMultiValueFrom", Fate::dropped, "several authors are each evaluated, and the strictest policy counts"},
    {"RejectString", Fate::mapped, "dmarc.reject-text"},
    {"ReportCommand", Fate::harmless, "no reports are sent"},
    {"RequiredHeaders", Fate::mapped, "bad-from"},
    {"Socket", Fate::mapped, "milter.socket: a new one, so that both can run for a while"},
    {"SoftwareHeader", Fate::dropped, "mail does not say which filters it passed"},
    {"SPFIgnoreResults", Fate::harmless, "SPF is checked here, never read from a field"},
    {"SPFSelfValidate", Fate::harmless, "SPF is checked here, never read from a field"},
    {"Syslog", Fate::mapped, "log.target"},
    {"SyslogFacility", Fate::mapped, "log.facility"},
    {"TestDNSData", Fate::dropped, "it was for testing; dns.zone-file serves that"},
    {"TrustedAuthservIDs", Fate::harmless, "results of other programs are not read: nothing in a field is believed"},
    {"UMask", Fate::harmless, "milter.socket-mode says who may use a unix socket"},
    {"UserID", Fate::harmless, "the systemd unit says who the service runs as"},
}};

}  // namespace

std::span<const OptionRow> opendmarc_options() { return rows; }

}  // namespace migrate
