#include "cli/verify.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "cli/log_text.hpp"
#include "cli/report_json.hpp"
#include "cli/report_text.hpp"

namespace cli {
namespace {

constexpr int json_indent = 2;

auth::Envelope envelope_of(const VerifyOptions& options) {
  auth::Envelope envelope;
  if (!options.ip.empty()) envelope.connection.client = read_address("--ip", options.ip);
  envelope.connection.helo = options.helo;
  envelope.reverse_path = message::parse_reverse_path(options.from);
  envelope.is_smtputf8 = true;  // for a terminal, not for a 7-bit hop
  return envelope;
}

/// What MAIL FROM and d= domains DMARC had to align, as auth/ names them.
dmarc::DiscoveryInput discovery_input(const auth::Report& report, const base::Domain& author, const auth::Options& rules) {
  dmarc::DiscoveryInput input{author, {}, {}, rules.suffix_list};
  if (const auto domain = base::Domain::parse(report.spf_mail_from.domain)) input.spf_identifiers.push_back(*domain);
  for (const auto& outcome : report.dkim)
    if (outcome.signing_domain) input.dkim_identifiers.push_back(*outcome.signing_domain);
  return input;
}

VerdictFindings find_verdict(const VerifyOptions& options) {
  auth::Options rules = load_options(options.sources, auth::Role::judge);
  rules.keeps_evidence = rules.dkim.keeps_evidence = true;
  const std::string octets = read_message_file(options.file);
  StderrLog log;
  const auto resolver = open_resolver(options.sources, log);
  VerdictFindings found;
  found.limits = rules.spf;
  found.report = run_message(*resolver, log, time_of(options.sources), rules, envelope_of(options), octets);
  const auto deadline = std::chrono::steady_clock::now() + rules.waits.dmarc;
  for (const auto& verdict : found.report.dmarc_by_author)
    found.by_author.push_back(
        start_dmarc_finding(*resolver, discovery_input(found.report, verdict.author, rules))->collect(deadline));
  return found;
}

/// How the message came: what the line says, unless the command line says otherwise.
void take_envelope(VerifyOptions& options, const LogLine& line) {
  const auto take = [&](std::string& value, std::string_view key) {
    const std::string_view logged = line.find(key);
    if (!value.empty() || logged == "unknown") return;
    if (is_cut(logged))
      throw std::invalid_argument(fmt::format("--queue-id: the log holds only a part of {}=, say it yourself", key));
    value = logged;
  };
  take(options.ip, "client");
  take(options.helo, "helo");
  if (!options.has_from) take(options.from, "sender");
  if (!options.sources.now && line.time) options.sources.now = line.time->time_since_epoch().count();
}

}  // namespace

int run_verify(VerifyOptions options, std::ostream& out, std::ostream& notes) {
  if (options.file.empty() && options.queue_id.empty())
    throw std::invalid_argument("FILE: found none and no --queue-id, expected one of the two");
  nlohmann::json described;
  if (!options.queue_id.empty()) {
    const auto logged = find_in_log(options.log, options.queue_id);
    if (!logged) {
      notes << fmt::format("signet: no line of the log has qid={}\n", options.queue_id);
      return exit_not_logged;
    }
    if (!options.json) out << explain_log_line(*logged);
    described["log"] = to_json(*logged);
    take_envelope(options, logged->line);
  }
  if (!options.file.empty()) {
    const VerdictFindings found = find_verdict(options);
    if (!options.json) out << explain_verdict(found, options.shows_canonical, Paint{options.is_coloured});
    described.update(to_json(found, options.shows_canonical));
  }
  if (options.json) out << described.dump(json_indent) << '\n';
  return 0;
}

}  // namespace cli
