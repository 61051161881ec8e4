#include "auth/message_check.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "auth/results.hpp"
#include "auth/spf_inputs.hpp"
#include "base/text.hpp"
#include "dkim/body_hashes.hpp"
#include "dkim/signer.hpp"
#include "dmarc/discovery.hpp"
#include "dns/inquiry.hpp"

namespace auth {
namespace {

using Clock = std::chrono::steady_clock;
using SpfInquiry = std::shared_ptr<dns::Inquiry<spf::Verdict>>;
using DmarcInquiry = std::shared_ptr<dns::Inquiry<dmarc::Discovery>>;

constexpr std::string_view results_field = "Authentication-Results";
// Fields claiming to be our results that are taken out; each deletion costs the MTA a walk over its header.
// A message with more is refused: what was left in would be taken for ours.
constexpr std::size_t max_forged_results = 100;

std::chrono::microseconds since(base::SteadyTime start) {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
}

}  // namespace

struct MessageCheck::State {
  State(const Context& c, std::shared_ptr<const Options> o, Envelope e)
      : context(c), options(std::move(o)), header(options->max_header_octets), from_fields(options->max_header_octets) {
    report.envelope = std::move(e);
    report.is_monitor = options->is_monitor;
    report.role = find_role(report.envelope, options->roles);
  }

  Context context;
  std::shared_ptr<const Options> options;
  base::SteadyTime started = Clock::now();
  base::SteadyTime header_ended{};
  Report report;
  message::HeaderBlock header;
  message::HeaderBlock from_fields;  // apart, so that a flood of other fields cannot push the author out of sight
  std::size_t results_fields = 0;    // Authentication-Results seen so far
  std::vector<std::size_t> forged;   // which of them claim to be ours, from 1; the first max_forged_results
  bool is_flooded = false;           // more than that do
  spf::Input mail_from_input;
  SpfInquiry spf_helo, spf_mail_from;
  dkim::BodyHashes hashes;
  std::unique_ptr<dkim::Verifier> verifier;
  std::unique_ptr<dkim::Signer> signer;
  std::vector<DmarcInquiry> dmarc, dmarc_by_list;  // the latter for shadow mode

  [[nodiscard]] const std::string& authserv_id() const {
    return options->authserv_id.empty() ? report.envelope.connection.mta_name : options->authserv_id;
  }
  [[nodiscard]] base::SteadyTime whole_deadline(base::SteadyTime finishing) const { return finishing + options->waits.whole; }

  void start_spf();
  void prepare_signing();
  void start_verifying();
  void start_dmarc(const base::Domain& author);
  [[nodiscard]] DmarcInquiry start_discovery(const base::Domain& author,
                                             std::shared_ptr<const dmarc::PublicSuffixList> list) const;
  void collect_spf(base::SteadyTime deadline);
  void collect_dmarc(base::SteadyTime deadline);
  [[nodiscard]] std::vector<dmarc::Verdict> evaluate(const std::vector<DmarcInquiry>& inquiries, base::SteadyTime until) const;
  void find_indirect_flow();
  void judge(base::SteadyTime finishing);
  void sign();
  [[nodiscard]] Facts facts() const;
  [[nodiscard]] std::string explanation(base::SteadyTime deadline);
  void plan_judged_changes();
  void insert(std::string_view name, std::string value);
  void compare_with_old_chain();
};

// ---- at MAIL FROM -----------------------------------------------------------------------------------------------

/// Both identities at once: HELO (RFC 7208 §2.3) and MAIL FROM, which with a null reverse-path is
/// postmaster@HELO (§2.4): the same check, made once.
void MessageCheck::State::start_spf() {
  const message::ReversePath& path = report.envelope.reverse_path;
  if (!report.envelope.connection.client) return;
  const auto start = [&](const spf::Input& input, SpfCheck& check) {
    check.domain = input.domain;
    const auto trace = options->keeps_evidence ? std::make_shared<spf::Trace>() : nullptr;
    check.trace = trace;
    return dns::Inquiry<spf::Verdict>::start(context.resolver, [input, trace, limits = options->spf](dns::View& view) {
      return spf::check_host(view, input, limits, trace.get());
    });
  };
  const auto inputs = make_spf_inputs(report.envelope, authserv_id(), context.now());
  spf_helo = start(inputs.helo, report.spf_helo);
  mail_from_input = inputs.mail_from;
  spf_mail_from = spf_helo;
  report.spf_mail_from = report.spf_helo;
  if (path.is_null) return;
  spf_mail_from = start(mail_from_input, report.spf_mail_from);
}

// ---- at the end of the header -----------------------------------------------------------------------------------

void MessageCheck::State::prepare_signing() {
  if (options->is_monitor && !options->shadow.is_on) {
    report.sign_reason = "monitor-mode";
    return;
  }
  if (report.is_header_truncated) {
    report.sign_reason = "header-too-large";
    return;
  }
  if (report.author.status != message::AuthorStatus::ok) {
    report.sign_reason = report.author.status == message::AuthorStatus::missing ? "no-from" : "from-unusable";
    return;
  }
  Signers signers;
  for (const auto& address : report.author.addresses)
    if (signers = options->signing_table.find(address); !signers.keys.empty()) break;
  if (signers.keys.empty()) {
    report.sign_reason = signers.why_none;
    return;
  }
  for (const auto& key : signers.keys)
    report.signatures.push_back(
        {key.domain.text(), key.selector, key.key.type() == dkim::KeyType::rsa ? "rsa-sha256" : "ed25519-sha256"});
  report.sign_reason = "shadow-mode";
  if (options->shadow.is_on) return;
  signer = std::make_unique<dkim::Signer>(header, std::move(signers.keys), options->sign, context.now(), hashes);
}

void MessageCheck::State::start_verifying() {
  verifier = std::make_unique<dkim::Verifier>(header, report.author.domains, options->dkim, context.now(), hashes);
  verifier->start(context.resolver);
  for (const auto& author : report.author.domains) start_dmarc(author);
}

void MessageCheck::State::start_dmarc(const base::Domain& author) {
  dmarc.push_back(start_discovery(author, options->suffix_list));
  if (options->shadow.suffix_list) dmarc_by_list.push_back(start_discovery(author, options->shadow.suffix_list));
}

DmarcInquiry MessageCheck::State::start_discovery(const base::Domain& author,
                                                  std::shared_ptr<const dmarc::PublicSuffixList> list) const {
  dmarc::DiscoveryInput input{author, {}, verifier->candidate_domains(), std::move(list)};
  if (const auto domain = base::Domain::parse(mail_from_input.domain)) input.spf_identifiers.push_back(*domain);
  return dns::Inquiry<dmarc::Discovery>::start(
      context.resolver, [input](dns::View& view) { return dmarc::discover(view, input); }, dmarc::max_answer_octets);
}

// ---- at the end of the message ----------------------------------------------------------------------------------

void MessageCheck::State::collect_spf(base::SteadyTime deadline) {
  const base::SteadyTime until = std::min(deadline, started + options->waits.spf);
  if (spf_helo) report.spf_helo.verdict = spf_helo->collect(until);
  if (spf_mail_from) report.spf_mail_from.verdict = spf_mail_from->collect(until);
}

dmarc::IdentifierState state_of(bool passed, bool unknown) {
  return passed ? dmarc::IdentifierState::passed : unknown ? dmarc::IdentifierState::unknown : dmarc::IdentifierState::failed;
}

/// SPF for DMARC is MAIL FROM, with a null reverse-path postmaster@HELO; a HELO pass beside another MAIL
/// FROM never counts (RFC 9989 §4.4.2; CVE-2019-20790).
std::vector<dmarc::Verdict> MessageCheck::State::evaluate(const std::vector<DmarcInquiry>& inquiries,
                                                          base::SteadyTime until) const {
  std::optional<dmarc::Identifier> spf_identifier;
  const spf::Result spf_result = report.spf_mail_from.verdict.result;
  if (const auto domain = base::Domain::parse(report.spf_mail_from.domain))
    spf_identifier = {*domain, state_of(spf_result == spf::Result::pass, spf_result == spf::Result::temperror)};
  std::vector<dmarc::Identifier> signers;
  for (const auto& outcome : report.dkim)
    if (outcome.signing_domain)
      signers.push_back(
          {*outcome.signing_domain, state_of(outcome.result == dkim::Result::pass, outcome.result == dkim::Result::temperror)});
  const std::uint32_t sample = options->suffix_list ? context.draw() : 0;
  std::vector<dmarc::Verdict> verdicts;
  for (const auto& inquiry : inquiries)
    verdicts.push_back(dmarc::evaluate(inquiry->collect(until), spf_identifier, signers, context.log, sample));
  return verdicts;
}

void MessageCheck::State::collect_dmarc(base::SteadyTime deadline) {
  report.dmarc_by_author = evaluate(dmarc, std::min(deadline, header_ended + options->waits.dmarc));
  if (!report.dmarc_by_author.empty()) report.dmarc = dmarc::combine(report.dmarc_by_author);
}

void MessageCheck::State::find_indirect_flow() {
  Authenticated authenticated;
  authenticated.client = report.envelope.connection.client;
  if (report.spf_mail_from.verdict.result == spf::Result::pass)
    if (const auto domain = base::Domain::parse(report.spf_mail_from.domain)) authenticated.spf_domain = *domain;
  for (const auto& outcome : report.dkim)
    if (outcome.result == dkim::Result::pass && outcome.signing_domain)
      authenticated.signing_domains.push_back(*outcome.signing_domain);
  report.indirect = find_indirect(authenticated, header, options->forwarders);
}

Facts MessageCheck::State::facts() const {
  Facts out;
  out.author = report.author.status;
  out.dmarc = report.dmarc;
  out.spf_mail_from = report.spf_mail_from.verdict.result;
  out.spf_domain = report.spf_mail_from.domain;
  out.indirect = report.indirect;
  out.is_flooded = is_flooded;
  const auto& exempt = options->exempt_from_domains;
  const auto is_exempt = [&](const base::Domain& d) { return std::find(exempt.begin(), exempt.end(), d) != exempt.end(); };
  const auto& domains = report.author.domains;
  out.from_is_exempt = !domains.empty() && std::all_of(domains.begin(), domains.end(), is_exempt);
  return out;
}

/// The domain's own words for an SPF fail; asked for only now that they will be sent.
std::string MessageCheck::State::explanation(base::SteadyTime deadline) {
  const spf::Verdict& verdict = report.spf_mail_from.verdict;
  if (verdict.explanation_domain.empty()) return {};
  const auto inquiry = dns::Inquiry<std::string>::start(
      context.resolver, [input = mail_from_input, verdict](dns::View& view) { return spf::explain(view, input, verdict); });
  return inquiry->collect(std::min(deadline, Clock::now() + options->waits.spf));
}

void MessageCheck::State::judge(base::SteadyTime finishing) {
  const base::SteadyTime deadline = whole_deadline(finishing);
  collect_spf(deadline);
  report.dkim = verifier->finish(hashes, std::min(deadline, header_ended + options->waits.dkim));
  collect_dmarc(deadline);
  find_indirect_flow();
  Facts found = facts();
  report.disposition = decide(found, options->decision);
  if (report.disposition.reason == "spf-fail") {
    found.spf_explanation = explanation(deadline);
    report.disposition = decide(found, options->decision);
  }
  report.waited_on_dns = since(finishing);
  plan_judged_changes();
}

void MessageCheck::State::sign() {
  report.disposition.reason = report.role.reason;
  if (!signer) return;
  const auto values = signer->finish(hashes);
  for (auto value = values.rbegin(); value != values.rend(); ++value) insert("DKIM-Signature", *value);
  report.sign_reason = "signed";
}

void MessageCheck::State::insert(std::string_view name, std::string value) {
  value.erase(std::remove(value.begin(), value.end(), '\r'), value.end());  // the MTA wants bare LF at folds
  report.changes.push_back({Change::Kind::insert_at_top, std::string(name), 0, std::move(value)});
}

/// Forged results go from the highest index down: deleting one renumbers those below it. Ours goes on top.
void MessageCheck::State::plan_judged_changes() {
  if (options->shadow.is_on) return;
  for (auto instance = forged.rbegin(); instance != forged.rend(); ++instance)
    report.changes.push_back({Change::Kind::delete_field, std::string(results_field), *instance, {}});
  if (report.disposition.action == Action::tag && !options->is_monitor)
    insert(options->tag_field,
           fmt::format(" {}; policy-domain={}", report.disposition.reason,
                       report.dmarc && report.dmarc->policy_domain ? report.dmarc->policy_domain->text() : "none"));
  if (options->writes_received_spf && !options->is_monitor)
    insert("Received-SPF", " " + message::format_received_spf(make_received_spf(report, authserv_id())));
  message::FormatOptions format;
  format.smtputf8 = report.envelope.is_smtputf8;
  report.authentication_results = message::format_authentication_results(make_results(report, authserv_id()), format);
  insert(results_field, " " + report.authentication_results);
}

void MessageCheck::State::compare_with_old_chain() {
  std::vector<std::string> ids = options->shadow.authserv_ids;
  if (ids.empty()) ids.push_back(authserv_id());
  const auto by_list = evaluate(dmarc_by_list, header_ended + options->waits.dmarc);
  report.shadow = compare_with_old(report, read_old_results(header, ids),
                                   by_list.empty() ? std::nullopt : std::optional(dmarc::combine(by_list)));
}

// ---- the face ---------------------------------------------------------------------------------------------------

MessageCheck::MessageCheck(const Context& context, std::shared_ptr<const Options> options, Envelope envelope) {
  state_ = std::make_unique<State>(context, std::move(options), std::move(envelope));
  if (role() == Role::judge) state_->start_spf();
}

MessageCheck::~MessageCheck() = default;

Role MessageCheck::role() const { return state_->report.role.role; }

void MessageCheck::set_queue_id(std::string_view queue_id) { state_->report.envelope.queue_id = queue_id; }

void MessageCheck::add_field(std::string_view name, std::string_view value) {
  State& s = *state_;
  if (role() == Role::pass) return;
  s.header.add(name, value);
  const std::string_view trimmed = base::trim(name);
  if (base::iequals(trimmed, "From")) s.from_fields.add(name, value);
  if (!base::iequals(trimmed, results_field)) return;
  ++s.results_fields;
  if (!message::claims_authserv_id(value, s.authserv_id())) return;
  if (s.forged.size() < max_forged_results)
    s.forged.push_back(s.results_fields);
  else
    s.is_flooded = true;
}

void MessageCheck::end_of_header() {
  State& s = *state_;
  s.header_ended = Clock::now();
  s.report.is_header_truncated = s.header.is_truncated();
  s.report.author = message::find_author(s.from_fields);
  if (role() == Role::judge) s.start_verifying();
  if (role() == Role::sign) s.prepare_signing();
}

bool MessageCheck::wants_body() const { return !state_->hashes.is_empty(); }

void MessageCheck::add_body(std::string_view chunk) { state_->hashes.update(chunk); }

Report MessageCheck::finish() {
  State& s = *state_;
  s.hashes.finish();
  switch (role()) {
    case Role::judge:
      s.judge(Clock::now());
      break;
    case Role::sign:
      s.sign();
      break;
    case Role::pass:
      s.report.disposition.reason = s.report.role.reason;
      break;
  }
  if (s.options->shadow.is_on && role() != Role::pass) s.compare_with_old_chain();
  s.report.total = since(s.started);
  return std::move(s.report);
}

}  // namespace auth
