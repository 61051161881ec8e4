#include "cli/spf.hpp"

#include <fmt/format.h>

#include <iterator>
#include <stdexcept>
#include <vector>

#include "auth/spf_inputs.hpp"
#include "cli/spf_text.hpp"
#include "dns/inquiry.hpp"

namespace cli {
namespace {

using nlohmann::json;
using Out = std::back_insert_iterator<std::string>;

constexpr int json_indent = 2;

struct Checked {
  std::string_view identity;
  spf::Input input;
  spf::Verdict verdict;
  spf::Trace trace;
  std::string explanation;  // the domain's words for a fail
};

auth::Envelope envelope_of(const SpfOptions& options) {
  auth::Envelope envelope;
  envelope.connection.client = read_address("IP", options.ip);
  envelope.connection.helo = options.helo;
  const bool is_domain = !options.from.empty() && options.from.find_first_of("@<") == std::string::npos;
  envelope.reverse_path = message::parse_reverse_path(is_domain ? "postmaster@" + options.from : options.from);
  if (envelope.reverse_path.is_null && options.helo.empty())
    throw std::invalid_argument("FROM: found the null sender and no HELO, expected one of the two to check");
  if (!envelope.reverse_path.is_null && !envelope.reverse_path.domain)
    throw std::invalid_argument(fmt::format("FROM: found \"{}\", expected an address with a domain", options.from));
  return envelope;
}

Checked check(dns::Resolver& resolver, std::string_view identity, const spf::Input& input, const auth::Options& rules) {
  using Found = std::pair<spf::Verdict, spf::Trace>;
  const auto deadline = std::chrono::steady_clock::now() + rules.waits.spf;
  const auto look = [input, limits = rules.spf](dns::View& view) -> std::optional<Found> {
    spf::Trace trace;
    auto verdict = spf::check_host(view, input, limits, &trace);
    return verdict ? std::optional(Found(*verdict, trace)) : std::nullopt;
  };
  const auto found = dns::Inquiry<Found>::start(resolver, look)->collect(deadline);
  const auto explain = [input, verdict = found.first](dns::View& view) { return spf::explain(view, input, verdict); };
  return {identity, input, found.first, found.second, dns::Inquiry<std::string>::start(resolver, explain)->collect(deadline)};
}

/// As signetd does: both identities where there are both.
std::vector<Checked> check_all(dns::Resolver& resolver, const auth::Envelope& envelope, const auth::Options& rules,
                               base::UnixTime now) {
  const auto inputs = auth::make_spf_inputs(envelope, rules.authserv_id.empty() ? host_name() : rules.authserv_id, now);
  std::vector<Checked> all;
  if (!envelope.reverse_path.is_null) all.push_back(check(resolver, "MAIL FROM", inputs.mail_from, rules));
  if (!envelope.connection.helo.empty()) all.push_back(check(resolver, "HELO", inputs.helo, rules));
  return all;
}

std::string identity_of(const Checked& checked) {
  const spf::Input& input = checked.input;
  return checked.identity == "HELO" ? input.helo : fmt::format("{}@{}", input.local_part, input.sender_domain);
}

std::string explain(const Checked& checked, const spf::Limits& limits, const Paint& paint) {
  std::string out =
      paint(bold, fmt::format("{} {} from {}", checked.identity, readable(identity_of(checked)), checked.input.client.text()));
  out += "\n" + explain_trace(checked.trace, limits, 2, paint);
  fmt::format_to(Out(out), "  {}\n  {}\n", explain_result(checked.verdict, paint), count_lookups(checked.verdict, limits));
  if (!checked.verdict.explanation_domain.empty())
    fmt::format_to(Out(out), "  exp: {} {}\n", readable(checked.verdict.explanation_domain),
                   checked.explanation.empty() ? "has no text that can be used (RFC 7208 §6.2)"
                                               : fmt::format("says \"{}\"", checked.explanation));
  return out;
}

json describe(const Checked& checked) {
  json out = to_json(checked.verdict);
  out["identity"] = checked.identity == "HELO" ? "helo" : "mailfrom";
  out["client"] = checked.input.client.text();
  out["value"] = readable(identity_of(checked));
  out["steps"] = to_json(checked.trace);
  out["explanation"] = checked.explanation.empty() ? json(nullptr) : json(checked.explanation);
  return out;
}

int status_of(spf::Result result) {
  switch (result) {
    case spf::Result::pass:
      return 0;
    case spf::Result::temperror:
      return exit_spf_temperror;
    case spf::Result::permerror:
      return exit_spf_permerror;
    default:
      return exit_spf_not_pass;
  }
}

}  // namespace

int run_spf(const SpfOptions& options, std::ostream& out) {
  const auth::Envelope envelope = envelope_of(options);
  const auth::Options rules = load_options(options.sources, auth::Role::judge);
  StderrLog log;
  const auto resolver = open_resolver(options.sources, log);
  const std::vector<Checked> all = check_all(*resolver, envelope, rules, time_of(options.sources));
  json described = json::array();
  for (const Checked& checked : all) {
    if (options.json)
      described.push_back(describe(checked));
    else
      out << explain(checked, rules.spf, Paint{options.is_coloured});
  }
  if (options.json) out << json{{"checks", described}}.dump(json_indent) << '\n';
  return status_of(all.front().verdict.result);
}

}  // namespace cli
