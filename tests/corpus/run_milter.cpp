// The milter/ corpora: a connection, an envelope and a message through the whole of auth/, under the source's
// configuration said in our options. Of the source's results those of spf, dkim and dmarc are compared (the corpora's
// README: the layout and the x- methods are that program's own; iprev, RFC 8601 §2.7.3, is no method of ours).

#include <fmt/format.h>
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "auth/configure.hpp"
#include "auth/message_check.hpp"
#include "base/text.hpp"
#include "message/authentication_results.hpp"
#include "message/message_file.hpp"
#include "tests/corpus/case.hpp"
#include "tests/corpus/report.hpp"
#include "tests/corpus/zone.hpp"

namespace corpus {
namespace {

using Json = nlohmann::json;
using message::MethodResult;

// Between the youngest t= and the oldest x= that such messages have.
constexpr base::UnixTime some_time{std::chrono::seconds{1700000000}};

/// What a file's `configs` says in words, as settings of ours. The source's default keeps p=reject from refusing.
const std::map<std::string, std::string> settings_of = {
    {"", ""},
    {"normal", "reject = \"never\"\nquarantine = \"hold\"\n"},
    {"dmarc_reject", "quarantine = \"hold\"\n[forwarders]\nnetworks = [\"99.123.123.123\"]\n"},
    {"dmarc_reject_wl", "quarantine = \"hold\"\n"},
    {"dryrun", "mode = \"monitor\"\n"},
    {"hide_none", ""},
};

/// The source's ip_map: clients that stand for another.
struct Mapped {
  const char *network, *client, *helo;
};
constexpr Mapped client_map[] = {
    {"4.3.2.1/32", "74.125.82.171", "mail-we0-f171.google.com"},
    {"5.4.3.0/24", "74.125.82.171", "mail-we0-f171.google.com"},
};

auth::Envelope make_envelope(const Json& test) {
  auth::Envelope out;
  auth::Connection& connection = out.connection;
  connection.client = base::IpAddress::parse(text_of(test, "client_ip")).value();
  connection.client_name = text_of(test, "client_name");
  connection.helo = text_of(test, "helo");
  for (const Mapped& mapped : client_map)
    if (base::IpNetwork::parse(mapped.network).value().contains(*connection.client)) {
      connection.client = base::IpAddress::parse(mapped.client).value();
      connection.helo = mapped.helo;
    }
  connection.mta_name = "test.module";
  out.reverse_path = message::parse_reverse_path(text_of(test, "mailfrom"));
  return out;
}

/// Whatever the client: the source checks DKIM of its own and its trusted clients too, so nobody is exempt here.
auth::Report run(const std::string& settings, const Json& zone, const Json& test, const std::string& octets) {
  ZoneResolver resolver(zone);
  base::NullLog log;
  auth::Options options = auth::configure(conf::parse(settings, "the case's configuration")).options;
  options.roles = {};
  const auth::Context context{resolver, log, [] { return some_time; }};
  const message::MessageFile file = message::parse_message_file(octets);
  auth::MessageCheck check(context, std::make_shared<const auth::Options>(std::move(options)), make_envelope(test));
  for (std::size_t i = 0; i < file.header.size(); ++i) check.add_field(file.header[i].name, file.header[i].value);
  check.end_of_header();
  check.add_body(file.body);
  return check.finish();
}

/// Properties that both sides state must agree; a property that only one of them states is its own business.
bool agrees(const Json& expected, const MethodResult& ours) {
  if (ours.method != text_of(expected, "method") || ours.result != text_of(expected, "result")) return false;
  return std::all_of(ours.properties.begin(), ours.properties.end(), [&](const message::Property& property) {
    const auto stated = expected.find(property.ptype + '.' + property.property);
    return stated == expected.end() || !stated->is_string() || *stated == "" ||
           base::iequals(stated->get<std::string>(), property.value);
  });
}

/// Each expected result of a method we have needs one of ours for itself. What is missing; empty: nothing.
std::string missing_results(const Json& expected, std::vector<MethodResult> ours) {
  static const std::set<std::string> methods = {"spf", "dkim", "dmarc"};
  for (const Json& result : expected) {
    if (methods.count(text_of(result, "method")) == 0) continue;
    const auto found = std::find_if(ours.begin(), ours.end(), [&](const MethodResult& own) { return agrees(result, own); });
    if (found == ours.end()) return result.dump();
    ours.erase(found);
  }
  return {};
}

std::string difference(const Json& expected, const auth::Report& report) {
  if (states(expected, "reply")) {
    const auto& reply = report.disposition.reply;
    const std::string code = as_text(expected.at("reply"));
    return reply && reply->code == code ? "" : "reply " + code;
  }
  if (flag_of(expected, "quarantine") && report.disposition.action != auth::Action::hold) return "quarantine";
  const std::string spf = text_of(expected, "received_spf");
  if (!spf.empty() && spf != spf::to_text(report.spf_mail_from.verdict.result)) return "received_spf " + spf;
  const auto results = message::parse_authentication_results(report.authentication_results);
  if (!results) return "Authentication-Results that parse";
  return missing_results(list_of(expected, "results"), results->results);
}

/// rsa-sha1 is never verified; sources from before RFC 8301 pass, and act on, what we call permerror.
bool rests_on_sha1(const auth::Report& report) {
  return std::any_of(report.dkim.begin(), report.dkim.end(),
                     [](const dkim::Outcome& outcome) { return outcome.algorithm == "rsa-sha1"; });
}

/// Where the source makes something of what the standards have no meaning for: what they say. Empty: nowhere.
std::string_view section_at_odds(const auth::Report& report, const Json& test) {
  if (rests_on_sha1(report)) return "RFC 8301 §3.1";
  if (report.author.status == message::AuthorStatus::several_fields) return "RFC 5322 §3.6";
  return message::parse_reverse_path(text_of(test, "mailfrom")).is_unparsable ? "RFC 5321 §4.1.2" : "";
}

void run_case(const Json& file, const std::filesystem::path& folder, const Json& test, Report& report) {
  const auto settings = settings_of.find(text_of(test, "config"));
  if (!base::IpAddress::parse(text_of(test, "client_ip")))
    return report.skipped(text_of(test, "id"), "not the address of a client");
  if (settings == settings_of.end()) return report.skipped(text_of(test, "id"), "no settings of ours for this configuration");
  const Json zone = file.value("zone", Json::object());
  const auth::Report got = run(settings->second, zone, test, read_octets(folder / test.at("file").get<std::string>()));
  Outcome outcome;
  outcome.expected = difference(test.at("expected"), got);
  outcome.is_right = outcome.expected.empty();
  outcome.got = fmt::format("{} {}", auth::to_text(got.disposition.action), got.authentication_results);
  const std::string_view odds = section_at_odds(got, test);
  outcome.is_disputed = !odds.empty();
  outcome.section = outcome.is_disputed ? odds : "RFC 8601 §2.7";
  settle(test, outcome, report);
}

}  // namespace

void run_milter(const std::filesystem::path& path, Report& report) {
  const Json file = Json::parse(read_octets(path));
  run_cases(
      list_of(file, "cases"), [&](const Json& test) { run_case(file, path.parent_path(), test, report); }, report);
}

}  // namespace corpus
