// The evaluator against the model on random trees of records: every level, everything a record can ask for, several
// records, aliases, names that are not there, and failures anywhere.

#include <catch2/catch.hpp>
#include <random>

#include "dmarc/evaluation.hpp"
#include "dns/inquiry.hpp"
#include "dns/zone.hpp"
#include "tests/dmarc/kept_log.hpp"
#include "tests/dmarc/model_suffix.hpp"

namespace {

using model::Entry;
using model::Expected;
using model::Labels;
using model::State;
using model::Trial;

// ---- random trials

class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  std::size_t roll(std::size_t sides) { return engine_() % sides; }
  bool one_in(std::size_t sides) { return roll(sides) == 0; }
  template <class T>
  T pick(std::initializer_list<T> values) {
    return values.begin()[roll(values.size())];
  }

 private:
  std::mt19937 engine_;
};

constexpr std::size_t most_labels = 12;
constexpr std::size_t most_failures = 3;  // the model walks through 4 to this power

std::string random_name(Dice& dice, std::size_t most) {
  std::string name = dice.one_in(20) ? "net" : "com";
  for (std::size_t n = dice.roll(most); n > 0; --n) name = std::string(1, dice.one_in(4) ? 'b' : 'a') + "." + name;
  return name;
}

/// Above, below or beside the author.
std::string random_relative(Dice& dice, const std::string& author) {
  Labels labels = model::labels_of(author);
  for (std::size_t n = dice.roll(labels.size()); n > 0; --n) labels.erase(labels.begin());
  std::string name = model::name_of(labels);
  for (std::size_t n = dice.roll(3); n > 0; --n) name = std::string(1, dice.one_in(2) ? 'b' : 'a') + "." + name;
  return dice.one_in(10) ? random_name(dice, 5) : name;
}

Entry random_entry(Dice& dice, bool may_fail) {
  Entry entry;
  entry.kind = dice.pick({Entry::nothing, Entry::nothing, Entry::nothing, Entry::no_data, Entry::one, Entry::one, Entry::one,
                          Entry::several, may_fail ? Entry::failure : Entry::one});
  entry.psd = dice.pick({'u', 'u', 'u', 'y', 'n'});
  entry.p = dice.pick<const char*>({"none", "quarantine", "reject", "reject", "reject", "bad", ""});
  entry.sp = dice.pick<const char*>({"", "", "", "", "none", "quarantine", "reject", "bad"});
  entry.np = dice.pick<const char*>({"", "", "", "", "none", "quarantine", "reject", "bad"});
  entry.has_rua = dice.one_in(2);
  entry.is_spf_strict = dice.one_in(5);
  entry.is_dkim_strict = dice.one_in(5);
  entry.is_testing = dice.one_in(5);
  entry.has_repeated_tag = dice.one_in(30);
  entry.is_alias = dice.one_in(6);
  return entry;
}

void add_identifiers(Dice& dice, Trial& trial) {
  const std::size_t most = dice.one_in(4) ? dmarc::max_identifiers : 4;
  for (std::size_t n = dice.roll(most + 1); n > 0; --n)
    trial.identifiers.emplace_back(random_relative(dice, trial.author),
                                   dice.pick({State::passed, State::passed, State::failed, State::failed, State::unknown}));
}

/// Something at every name a walk of the author or of an identifier could meet; in a sparse tree at every other.
Trial random_trial(unsigned seed) {
  Dice dice(seed);
  Trial trial;
  trial.author = random_name(dice, most_labels);
  trial.existence = dice.pick({'y', 'n', '?'});
  add_identifiers(dice, trial);
  std::vector<std::string> names{trial.author};
  for (const auto& identifier : trial.identifiers) names.push_back(identifier.first);
  std::size_t failures = 0;
  const bool is_sparse = dice.one_in(2);
  for (const auto& name : names)
    for (Labels labels = model::labels_of(name); !labels.empty(); labels.erase(labels.begin())) {
      if (trial.world.contains(model::name_of(labels)) || (is_sparse && dice.one_in(2))) continue;
      const Entry entry = random_entry(dice, failures < most_failures);
      if (entry.kind == Entry::failure) ++failures;
      trial.world[model::name_of(labels)] = entry;
    }
  return trial;
}

std::string text_of(const Entry& entry) {
  std::string text = "v=DMARC1";
  for (const auto& [tag, value] : {std::pair{"p", entry.p}, {"sp", entry.sp}, {"np", entry.np}})
    if (!value.empty()) text += std::string("; ") + tag + "=" + value;
  if (entry.psd != 'u') text += std::string("; psd=") + entry.psd;
  if (entry.has_rua) text += "; rua=mailto:a@example.org";
  if (entry.is_spf_strict) text += "; aspf=s";
  if (entry.is_dkim_strict) text += "; adkim=s";
  if (entry.is_testing) text += "; t=y";
  if (entry.has_repeated_tag) text += "; x=1; x=2";
  return text;
}

// ---- the DNS of a trial

void add(dns::Zone& zone, const dns::Question& owner, const dns::Answer& answer) { REQUIRE(zone.add(owner, answer)); }

void add_texts(dns::Zone& zone, std::string name, const Entry& entry) {
  dns::Answer answer;
  if (entry.is_alias) {
    answer.names = {"elsewhere." + name};
    add(zone, {name, dns::Type::cname}, answer);
    name = answer.names.front();
    answer.names.clear();
  }
  answer.texts = {"other text", text_of(entry)};
  if (entry.kind == Entry::several) answer.texts.push_back(text_of(entry));
  add(zone, {name, dns::Type::txt}, answer);
}

dns::Zone zone_of(const Trial& trial) {
  dns::Zone zone;
  for (const auto& [name, entry] : trial.world) {
    const std::string full = "_dmarc." + name;
    if (entry.kind == Entry::no_data) zone.add_name(full);
    if (entry.kind == Entry::failure) zone.fail({full, dns::Type::txt}, dns::Status::timeout);
    if (entry.kind == Entry::one || entry.kind == Entry::several) add_texts(zone, full, entry);
  }
  zone.fail({trial.author, dns::Type::a}, trial.existence == 'y'   ? dns::Status::no_data
                                          : trial.existence == 'n' ? dns::Status::no_such_name
                                                                   : dns::Status::server_failure);
  return zone;
}

enum class Way { at_once, in_reverse, at_hand, half_at_hand };

/// Answers at once, or has answers at hand; all others, to surprise, in reverse order when told to.
class Resolver final : public dns::Resolver {
 public:
  Resolver(dns::Zone zone, Way way) : zone_(std::move(zone)), way_(way) {}
  void start(const dns::Question& question, Callback done) override {
    ++asked;
    if (way_ == Way::at_once) return done(zone_.look_up(question));
    waiting_.emplace_back(question, std::move(done));
  }
  [[nodiscard]] dns::AnswerPtr at_hand(const dns::Question& question) override {
    const bool is_there = way_ == Way::at_hand || (way_ == Way::half_at_hand && ++looks_ % 2 == 0);
    if (!is_there) return nullptr;
    ++asked;
    return zone_.look_up(question);
  }
  void answer_all() {
    auto waiting = std::exchange(waiting_, {});
    for (auto entry = waiting.rbegin(); entry != waiting.rend(); ++entry) entry->second(zone_.look_up(entry->first));
  }
  std::size_t asked = 0;

 private:
  dns::Zone zone_;
  const Way way_;
  std::size_t looks_ = 0;
  std::vector<std::pair<dns::Question, Callback>> waiting_;
};

// ---- the comparison

base::Domain domain(const std::string& text) { return base::Domain::parse(text).value(); }

dmarc::IdentifierState to_product(State state) {
  return state == State::passed   ? dmarc::IdentifierState::passed
         : state == State::failed ? dmarc::IdentifierState::failed
                                  : dmarc::IdentifierState::unknown;
}

dmarc::DiscoveryInput input_of(const Trial& trial) {
  dmarc::DiscoveryInput input{domain(trial.author), {}, {}};
  for (std::size_t i = 0; i < trial.identifiers.size(); ++i)
    (i == 0 ? input.spf_identifiers : input.dkim_identifiers).push_back(domain(trial.identifiers[i].first));
  return input;
}

dmarc::Verdict evaluate(const Trial& trial, const dmarc::Discovery& discovery) {
  std::optional<dmarc::Identifier> spf;
  std::vector<dmarc::Identifier> dkim;
  for (const auto& [name, state] : trial.identifiers) {
    if (!spf)
      spf = dmarc::Identifier{domain(name), to_product(state)};
    else
      dkim.push_back({domain(name), to_product(state)});
  }
  test::KeptLog log;
  dmarc::Verdict verdict = dmarc::evaluate(discovery, spf, dkim, log);
  CHECK(log.lines.empty());
  return verdict;
}

std::string describe(const Trial& trial) {
  std::string text = "author " + trial.author + " exists " + trial.existence;
  for (const auto& [name, state] : trial.identifiers)
    text += "\n " + name + " state " + std::to_string(static_cast<int>(state));
  for (const auto& [name, entry] : trial.world)
    text += "\n  " + name + " kind " + std::to_string(entry.kind) + " " + text_of(entry);
  return text;
}

std::string lowered(const std::string& policy) { return policy == "reject" ? "quarantine" : "none"; }

void check_result(const dmarc::Verdict& verdict, const Expected& expected) {
  CHECK(dmarc::to_text(verdict.result) == expected.result);
  CHECK((verdict.policy_domain ? verdict.policy_domain->text() : "") == expected.policy_name);
  CHECK(verdict.is_policy_known == !expected.policy.empty());
  if (verdict.is_policy_known) CHECK(dmarc::to_text(verdict.published_policy) == expected.policy);
}

void check_verdict(const Trial& trial, const dmarc::Verdict& verdict, const Expected& expected) {
  check_result(verdict, expected);
  if (!verdict.is_policy_known) return;
  const bool is_testing = trial.world.at(expected.policy_name).is_testing;
  CHECK(dmarc::to_text(verdict.policy) == (is_testing ? lowered(expected.policy) : expected.policy));
  if (!verdict.organizational_domain) return;
  for (const auto& world : model::completions(trial.world))
    CHECK(verdict.organizational_domain->text() == model::organization(world, trial.author));
}

void check_trial(const Trial& trial, const Expected& expected, Way way) {
  Resolver resolver(zone_of(trial), way);
  const auto input = input_of(trial);
  auto inquiry = dns::Inquiry<dmarc::Discovery>::start(resolver, [&](dns::View& view) { return dmarc::discover(view, input); });
  int rounds = 0;
  for (; !inquiry->is_done() && rounds < 4; ++rounds) resolver.answer_all();
  CHECK(rounds <= 2);  // the walks, then what depends on them
  CHECK(resolver.asked <= 8 * (1 + trial.identifiers.size()) + 1);
  check_verdict(trial, evaluate(trial, inquiry->collect({})), expected);
}

/// What is said in spite of failures must hold whatever the failing names hold and the unknown identifiers come to.
void check_completions(const Trial& trial, const Expected& expected) {
  for (const State state : {State::passed, State::failed})
    for (const auto& world : model::completions(trial.world)) {
      Trial completed = trial;
      completed.world = world;
      for (auto& identifier : completed.identifiers)
        if (identifier.second == State::unknown) identifier.second = state;
      const Expected known = model::expect(completed);
      if (expected.result != "temperror") CHECK(known == expected);
      if (!expected.policy.empty()) CHECK(known.policy == expected.policy);
    }
}

}  // namespace

TEST_CASE("dmarc: random trees of records give what the RFC's sequential text gives", "[dmarc]") {
  std::map<std::string, int> seen;
  for (unsigned seed = 1; seed <= 6000; ++seed) {
    const Trial trial = random_trial(seed);
    const Expected expected = model::expect(trial);
    INFO("seed " << seed << "\n" << describe(trial));
    check_trial(trial, expected, static_cast<Way>(seed % 4));
    if (seed % 4 == 0) check_completions(trial, expected);
    ++seen[expected.result];
  }
  for (const char* result : {"none", "pass", "fail", "temperror", "permerror"}) CHECK(seen[result] > 200);  // it tests all
}

TEST_CASE("dmarc: the same trees, discovered by a suffix list, give what RFC 7489's text gives", "[dmarc]") {
  const auto list = dmarc::PublicSuffixList::parse(model::suffix_rules);
  std::map<std::string, int> seen;
  for (unsigned seed = 1; seed <= 3000; ++seed) {
    const Trial trial = random_trial(seed);
    const Expected expected = model::expect_by_suffix(trial);
    INFO("seed " << seed << "\n" << describe(trial));
    Resolver resolver(zone_of(trial), seed % 2 == 0 ? Way::at_once : Way::at_hand);
    auto input = input_of(trial);
    input.suffix_list = list;
    const auto inquiry =
        dns::Inquiry<dmarc::Discovery>::start(resolver, [&](dns::View& view) { return dmarc::discover(view, input); });
    const dmarc::Verdict verdict = evaluate(trial, inquiry->collect({}));
    check_result(verdict, expected);
    CHECK(verdict.policy == verdict.published_policy);  // neither t nor, without it, pct lowers it
    CHECK(resolver.asked <= 2);
    ++seen[expected.result];
  }
  for (const char* result : {"none", "pass", "fail", "temperror", "permerror"}) CHECK(seen[result] > 100);
}
