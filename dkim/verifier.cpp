#include "dkim/verifier.hpp"

#include <algorithm>
#include <map>

#include "base/tag_list.hpp"
#include "base/text.hpp"
#include "dkim/header_hash.hpp"
#include "dkim/published_keys.hpp"
#include "dkim/signature.hpp"
#include "dns/inquiry.hpp"

namespace dkim {
namespace {

constexpr std::string_view signature_field = "DKIM-Signature";
constexpr std::size_t max_described_octets = 256;  // of a d=, s=, i= or a= that goes into logs and results
constexpr std::size_t described_signature_octets = 8;

constexpr std::string_view body_mismatch = "body hash did not verify";
constexpr std::string_view signature_mismatch = "signature did not verify";
constexpr std::string_view too_many = "too many signatures";

/// A signature that may come to pass.
struct Candidate {
  std::size_t outcome = 0;  // where its outcome stands
  Signature signature;
  Digest header_digest{};
  BodyHashes::Id body_hash = 0;
  dns::Question question;
};

struct Judgement {
  Result result;
  std::string_view reason;
};

/// The first octets of b=, white space removed.
std::string first_octets(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (base::is_fws(c)) continue;
    if (out.size() == described_signature_octets) break;
    out += c;
  }
  return out;
}

/// Fills in what the field says of itself, as far as it can be read, also when it is not a valid signature.
void describe(Outcome& outcome, std::string_view value) {
  const auto list = base::TagList::parse(value);
  if (!list) return;
  const auto text = [&](std::string_view name) {
    return std::string(list->find(name).value_or(std::string_view()).substr(0, max_described_octets));
  };
  outcome.domain = text("d");
  outcome.selector = text("s");
  outcome.identity = text("i");
  outcome.algorithm = text("a");
  outcome.signature_start = first_octets(list->find("b").value_or(std::string_view()));
  if (auto domain = base::Domain::parse(list->find("d").value_or(std::string_view()))) {
    outcome.domain = domain->text();
    outcome.signing_domain = std::move(*domain);
  }
  if (outcome.identity.empty() && !outcome.domain.empty()) outcome.identity = "@" + outcome.domain;
}

/// 0: an Author Domain itself; 1: above or below one; 2: another.
int distance(const base::Domain& domain, std::span<const base::Domain> authors) {
  int least = 2;
  for (const base::Domain& author : authors) {
    if (domain == author) return 0;
    if (domain.is_below(author) || author.is_below(domain)) least = 1;
  }
  return least;
}

/// Whether a signature's t= and x= make it unacceptable now; empty: no.
std::string_view find_time_fault(const Signature& signature, const VerifyPolicy& policy, base::UnixTime now) {
  const auto time_of = [](std::uint64_t seconds) { return static_cast<std::int64_t>(seconds); };  // at most 12 digits
  const std::int64_t present = now.time_since_epoch().count();
  const std::int64_t drift = policy.clock_drift.count();
  if (signature.expiration && time_of(*signature.expiration) < present - drift) return "signature expired";
  if (signature.timestamp && time_of(*signature.timestamp) > present + drift) return "signature made in the future";
  return {};
}

}  // namespace

std::string_view to_text(Result result) {
  switch (result) {
    case Result::none:
      return "none";
    case Result::pass:
      return "pass";
    case Result::fail:
      return "fail";
    case Result::policy:
      return "policy";
    case Result::neutral:
      return "neutral";
    case Result::temperror:
      return "temperror";
    case Result::permerror:
      return "permerror";
  }
  return "?";
}

struct Verifier::State {
  VerifyPolicy policy;
  std::vector<Outcome> outcomes;
  std::vector<Candidate> candidates;  // in the order in which they are verified
  std::map<dns::Question, std::shared_ptr<dns::Inquiry<KeyLookup>>> lookups;
  unsigned verifications = 0;

  static std::unique_ptr<State> make(const message::HeaderBlock& header, std::span<const base::Domain> authors,
                                     const VerifyPolicy& policy, base::UnixTime now, BodyHashes& hashes);
  void settle(std::size_t outcome, Judgement judgement);
  void read(const message::HeaderBlock& header, const FieldIndex& fields, std::size_t field, base::UnixTime now);
  void read_all(const message::HeaderBlock& header, base::UnixTime now);
  void sort(std::span<const base::Domain> authors);
  void want(BodyHashes& hashes);
  [[nodiscard]] const Outcome* find_twin(const Candidate& candidate) const;
  [[nodiscard]] bool body_matches(const Candidate& candidate, const BodyHashes& hashes) const;
  [[nodiscard]] std::optional<Judgement> judge_length(const Candidate& candidate, const BodyHashes& hashes) const;
  Judgement judge(const Candidate& candidate, const BodyHashes& hashes, base::SteadyTime deadline);
  void keep_evidence(const Candidate& candidate, const BodyHashes& hashes, base::SteadyTime deadline) const;
  Judgement try_keys(const Candidate& candidate, const std::vector<const PublishedKey*>& keys);
  std::vector<const PublishedKey*> select_keys(const Candidate& candidate, const PublishedKeys& published,
                                               std::string_view& fault);
};

void Verifier::State::settle(std::size_t outcome, Judgement judgement) {
  outcomes[outcome].result = judgement.result;
  outcomes[outcome].reason = judgement.reason;
}

/// Reads one field: afterwards its outcome is settled, or it is the last candidate.
void Verifier::State::read(const message::HeaderBlock& header, const FieldIndex& fields, std::size_t field,
                           base::UnixTime now) {
  const std::size_t outcome = outcomes.size() - 1;
  const message::Field own = header[field];
  describe(outcomes[outcome], own.value);
  if (policy.keeps_evidence)
    outcomes[outcome].evidence = std::make_shared<Evidence>(Evidence{std::string(own.value), {}, {}, {}, {}, {}});
  auto signature = parse_signature(own.value);
  if (!signature) return settle(outcome, {Result::permerror, signature.error().text});
  outcomes[outcome].selector = signature->selector;
  outcomes[outcome].identity = signature->identity.substr(0, max_described_octets);
  if (const auto fault = find_fault(*signature); !fault.empty()) return settle(outcome, {Result::permerror, fault});
  if (const auto fault = find_time_fault(*signature, policy, now); !fault.empty())
    return settle(outcome, {Result::policy, fault});
  const Canonicalization c = signature->header_canonicalization;
  std::string octets = fields.canonical_fields(signature->signed_fields, c, field);
  append_own_field(octets, own, c);
  if (auto& evidence = outcomes[outcome].evidence) evidence->header_octets = octets;
  signature->signed_fields = {};  // 200 names each take room, and from here on their hash is enough
  dns::Question question = key_question(signature->domain, signature->selector);
  candidates.push_back(Candidate{outcome, std::move(*signature), sha256(octets), 0, std::move(question)});
}

void Verifier::State::read_all(const message::HeaderBlock& header, base::UnixTime now) {
  const std::vector<std::size_t> found = header.find_all(signature_field);
  if (found.empty()) return;
  const FieldIndex fields(header);
  const std::size_t most = std::max<std::size_t>(policy.max_signatures_seen, Verifier::max_outcomes);
  for (const std::size_t field : found) {
    if (outcomes.size() == most) return;
    Outcome& outcome = outcomes.emplace_back();
    outcome.index = outcomes.size() - 1;
    if (header.is_truncated())
      settle(outcome.index, {Result::permerror, "header too large"});
    else if (outcome.index >= policy.max_signatures_seen)
      settle(outcome.index, {Result::policy, too_many});
    else
      read(header, fields, field, now);
  }
}

void Verifier::State::sort(std::span<const base::Domain> authors) {
  std::stable_sort(candidates.begin(), candidates.end(), [&](const Candidate& a, const Candidate& b) {
    return distance(a.signature.domain, authors) < distance(b.signature.domain, authors);
  });
}

/// The body hashes that candidates need. When a short l= cannot pass, the hash of the whole body is all there is to know.
void Verifier::State::want(BodyHashes& hashes) {
  for (Candidate& candidate : candidates) {
    const auto length = policy.accept_short_length ? candidate.signature.length : std::nullopt;
    candidate.body_hash = hashes.want(candidate.signature.body_canonicalization, length);
  }
}

std::unique_ptr<Verifier::State> Verifier::State::make(const message::HeaderBlock& header,
                                                       std::span<const base::Domain> authors, const VerifyPolicy& policy,
                                                       base::UnixTime now, BodyHashes& hashes) {
  auto state = std::make_unique<State>();
  state->policy = policy;
  state->read_all(header, now);
  state->sort(authors);
  state->want(hashes);
  return state;
}

Verifier::Verifier(const message::HeaderBlock& header, std::span<const base::Domain> authors, const VerifyPolicy& policy,
                   base::UnixTime now, BodyHashes& hashes)
    : state_(State::make(header, authors, policy, now, hashes)) {}

Verifier::~Verifier() = default;

std::vector<base::Domain> Verifier::candidate_domains() const {
  std::vector<base::Domain> domains;
  for (const Candidate& candidate : state_->candidates)
    if (std::find(domains.begin(), domains.end(), candidate.signature.domain) == domains.end())
      domains.push_back(candidate.signature.domain);
  return domains;
}

void Verifier::start(dns::Resolver& resolver) {
  for (const Candidate& candidate : state_->candidates) {
    auto& lookup = state_->lookups[candidate.question];
    if (lookup) continue;
    lookup = dns::Inquiry<KeyLookup>::start(
        resolver, [question = candidate.question](dns::View& view) { return look_up_keys(view, question); },
        max_key_answer_octets);
  }
}

/// A field repeated octet for octet has the same header digest (which covers all its tags but b=): its outcome is
/// known already.
const Outcome* Verifier::State::find_twin(const Candidate& candidate) const {
  for (const Candidate& earlier : candidates) {
    if (&earlier == &candidate) return nullptr;
    if (earlier.header_digest == candidate.header_digest && earlier.signature.signature == candidate.signature.signature)
      return &outcomes[earlier.outcome];
  }
  return nullptr;
}

bool Verifier::State::body_matches(const Candidate& candidate, const BodyHashes& hashes) const {
  const Digest& digest = hashes.digest(candidate.body_hash);
  const Octets& expected = candidate.signature.body_hash;
  return std::equal(digest.begin(), digest.end(), expected.begin(), expected.end());
}

/// What l= decides about a signature before its hashes are looked at.
std::optional<Judgement> Verifier::State::judge_length(const Candidate& candidate, const BodyHashes& hashes) const {
  if (!candidate.signature.length) return std::nullopt;
  const std::uint64_t octets = hashes.canonical_octets(candidate.body_hash);
  if (*candidate.signature.length < octets && !policy.accept_short_length)
    return Judgement{Result::policy, "l= leaves part of the body unsigned"};
  return std::nullopt;
}

/// The keys that may be tried, and the first fault of those that may not.
std::vector<const PublishedKey*> Verifier::State::select_keys(const Candidate& candidate, const PublishedKeys& published,
                                                              std::string_view& fault) {
  std::vector<const PublishedKey*> usable;
  Outcome& outcome = outcomes[candidate.outcome];
  fault = published.fault;
  bool is_first_fault = true;
  for (const PublishedKey& key : published.keys) {
    if (usable.size() == policy.max_keys_tried) break;
    const std::string_view key_fault = find_key_fault(key, candidate.signature, policy.min_rsa_bits);
    if (key_fault.empty()) {
      usable.push_back(&key);
    } else if (is_first_fault) {
      fault = key_fault;
      is_first_fault = false;
      outcome.is_testing = key.record.testing;
      outcome.key_bits = key.key ? key.key->bits() : 0;
    }
  }
  return usable;
}

Judgement Verifier::State::try_keys(const Candidate& candidate, const std::vector<const PublishedKey*>& keys) {
  Outcome& outcome = outcomes[candidate.outcome];
  for (const PublishedKey* published : keys) {
    if (verifications == policy.max_signatures_verified) return {Result::policy, too_many};
    ++verifications;
    outcome.is_testing = published->record.testing;
    outcome.key_bits = published->key->bits();
    if (published->key->verify(candidate.header_digest, candidate.signature.signature)) return {Result::pass, {}};
  }
  return {Result::fail, signature_mismatch};
}

/// RFC 6376 §6.1.2, §6.1.3. The public-key operation comes last: it is dear.
Judgement Verifier::State::judge(const Candidate& candidate, const BodyHashes& hashes, base::SteadyTime deadline) {
  const auto found = lookups.find(candidate.question);
  const KeyLookup lookup = found == lookups.end() ? KeyLookup{dns::Status::timeout, nullptr} : found->second->collect(deadline);
  if (dns::is_void(lookup.status)) return {Result::permerror, "no key"};
  const auto length_fault = judge_length(candidate, hashes);
  const bool body_is_whole = length_fault || body_matches(candidate, hashes);
  if (dns::is_failure(lookup.status))  // a body that does not match needs no key to fail
    return body_is_whole ? Judgement{Result::temperror, "key could not be had"} : Judgement{Result::fail, body_mismatch};
  std::string_view fault;
  const auto keys = select_keys(candidate, *lookup.published, fault);
  if (keys.empty()) return {Result::permerror, fault.empty() ? "no key" : fault};
  if (length_fault) return *length_fault;
  if (!body_is_whole) return {Result::fail, body_mismatch};
  const std::optional<std::uint64_t> length = candidate.signature.length;
  if (length && *length > hashes.canonical_octets(candidate.body_hash))
    return {Result::permerror, "l= is larger than the body"};
  return try_keys(candidate, keys);
}

void Verifier::State::keep_evidence(const Candidate& candidate, const BodyHashes& hashes, base::SteadyTime deadline) const {
  Evidence* evidence = outcomes[candidate.outcome].evidence.get();
  if (evidence == nullptr) return;
  const Digest& digest = hashes.digest(candidate.body_hash);
  evidence->body_hash = candidate.signature.body_hash;
  evidence->found_body_hash.assign(digest.begin(), digest.end());
  evidence->key_name = candidate.question.name;
  const auto found = lookups.find(candidate.question);
  if (found != lookups.end()) evidence->key_status = found->second->collect(deadline).status;
}

std::vector<Outcome> Verifier::finish(const BodyHashes& hashes, base::SteadyTime deadline) {
  for (const Candidate& candidate : state_->candidates) {
    Outcome& outcome = state_->outcomes[candidate.outcome];
    if (const Outcome* twin = state_->find_twin(candidate)) {
      const std::size_t index = outcome.index;
      outcome = *twin;
      outcome.index = index;
    } else {
      state_->settle(candidate.outcome, state_->judge(candidate, hashes, deadline));
      state_->keep_evidence(candidate, hashes, deadline);
    }
  }
  return std::move(state_->outcomes);
}

}  // namespace dkim
