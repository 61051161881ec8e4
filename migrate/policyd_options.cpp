// The options of policyd-spf.conf(5) 3.0.4, and some that only its source has.
// What our settings can say instead is in policyd.cpp; here stands what becomes of each option, in the order of names.

#include <array>

#include "migrate/option_table.hpp"

namespace migrate {
namespace {

constexpr std::array<OptionRow, 35> rows = {{
    {"Authserv_Id", Fate::mapped, "authserv-id"},
    {"debugLevel", Fate::harmless, "each message leaves one line; log.level says more or less"},
    {"defaultSeedOnly", Fate::dropped, "it is the old name of TestOnly, and policyd-spf ignored it"},
    {"Domain_Whitelist", Fate::mapped, "forwarders.domains"},
    {"Domain_Whitelist_PTR", Fate::dropped,
     "names that a client gives itself prove little: name its addresses under forwarders.networks"},
    {"Header_Type", Fate::mapped, "spf.received-spf"},
    {"HELO_pass_restriction", Fate::dropped, "results do not choose Postfix restrictions"},
    {"HELO_reject", Fate::mapped, "spf.reject, for mail with a null sender"},
    {"HELO_Whitelist", Fate::dropped, "name the addresses of these servers under forwarders.networks"},
    {"Hide_Receiver", Fate::harmless, "no recipient is written into any field"},
    {"InternalHosts", Fate::harmless, "it was for the milter form; sign.networks says which clients are ours"},
    {"IntHosts", Fate::harmless, "policyd-spf set it itself"},
    {"Lookup_Time", Fate::mapped, "spf.timeout"},
    {"MacroList", Fate::harmless, "it was for the milter form; sign.daemons says which listeners are ours"},
    {"Mail_From_pass_restriction", Fate::dropped, "results do not choose Postfix restrictions"},
    {"Mail_From_reject", Fate::mapped, "spf.reject"},
    {"Mock", Fate::harmless, "it worked around how Postfix shows fields of policy services to milters"},
    {"No_Mail", Fate::mapped, "spf.reject"},
    {"Per_User", Fate::dropped, "a message has one verdict for all its recipients"},
    {"PermError_reject", Fate::mapped, "spf.reject"},
    {"PidFile", Fate::harmless, "systemd knows the process"},
    {"Prospective", Fate::dropped, "SPF of outgoing mail is not checked; `signet verify --ip` tells"},
    {"QueueID", Fate::harmless, "log lines have the queue id"},
    {"Reason_Message", Fate::dropped, "refusals by SPF say which domain said what, or give its own explanation"},
    {"Reject_Not_Pass_Domains", Fate::dropped, "SPF has no lists of domains; DMARC protects those that want it"},
    {"skip_addresses", Fate::mapped, "forwarders.networks"},
    {"Socket", Fate::harmless, "it was for the milter form; there is one milter now"},
    {"SPF_Enhanced_Status_Codes", Fate::harmless, "refusals have the codes of RFC 7372"},
    {"TempError_Defer", Fate::mapped, "dmarc.on-temperror"},
    {"TestOnly", Fate::mapped, "spf.reject"},
    {"UMask", Fate::harmless, "milter.socket-mode says who may use a unix socket"},
    {"UserID", Fate::harmless, "the systemd unit says who the service runs as"},
    {"Void_Limit", Fate::mapped, "spf.max-void-lookups"},
    {"Whitelist", Fate::mapped, "forwarders.networks"},
    {"Whitelist_Lookup_Time", Fate::harmless, "lists of addresses need no lookups"},
}};

}  // namespace

std::span<const OptionRow> policyd_options() { return rows; }

}  // namespace migrate
