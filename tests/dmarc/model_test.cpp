// Random trees of records against a slow and obvious model, written from the sequential text of RFC 9989 §4.10.
// A failing name is any of the things it could hold: the model walks through every such world, and what differs between
// worlds is not known.

#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>

#include "dmarc/evaluation.hpp"
#include "tests/dmarc/kept_log.hpp"
#include "tests/support/map_resolver.hpp"

namespace {

using Labels = std::vector<std::string>;  // of a name, left to right

struct Entry {
  enum Kind { nothing, no_data, one, several, failure } kind = nothing;
  char psd = 'u';
  std::string p, sp, np;  // as written; "" is not there
  bool has_rua = false, is_strict = false, is_testing = false;
};
using World = std::map<std::string, Entry>;  // by the name without _dmarc

struct Trial {
  World world;
  std::string author;
  char existence = 'y';                                                     // y, n, or ? (a failure)
  std::vector<std::pair<std::string, dmarc::IdentifierState>> identifiers;  // the first is SPF's
};

Labels labels_of(const std::string& name) {
  Labels labels{""};
  for (const char c : name) {
    if (c == '.')
      labels.emplace_back();
    else
      labels.back() += c;
  }
  return labels;
}

std::string name_of(const Labels& labels) {
  std::string name;
  for (const auto& label : labels) name += (name.empty() ? "" : ".") + label;
  return name;
}

// ---- the model

const Entry* record_at(const World& world, const std::string& name) {
  const auto found = world.find(name);
  return found != world.end() && found->second.kind == Entry::one ? &found->second : nullptr;
}

/// Steps 1 to 7: the names at which the walk found a record, in order.
std::vector<std::string> walk(const World& world, const std::string& start) {
  std::vector<std::string> found;
  Labels target = labels_of(start);
  for (bool is_first = true; !target.empty(); is_first = false) {
    if (const Entry* record = record_at(world, name_of(target))) {
      found.push_back(name_of(target));
      if (record->psd != 'u') break;
    }
    const std::size_t x = target.size();
    target.erase(target.begin());
    if (is_first && x >= 8)
      while (target.size() > 7) target.erase(target.begin());
  }
  return found;
}

std::string one_below(const std::string& name, const std::string& suffix) {
  Labels labels = labels_of(name);
  while (labels.size() > labels_of(suffix).size() + 1) labels.erase(labels.begin());
  return name_of(labels);
}

/// §4.10.2, the choice among what a walk found. `sought` is the name whose Organizational Domain it is.
std::string choose(const World& world, const std::vector<std::string>& found, const std::string& sought) {
  for (const auto& name : found) {
    if (world.at(name).psd == 'n') return name;
    if (world.at(name).psd == 'y' && name != sought) return one_below(sought, name);
  }
  return found.empty() ? sought : found.back();
}

std::string organization(const World& world, const std::string& name) { return choose(world, walk(world, name), name); }

/// §4.10.1: the name whose record applies; "" for none.
std::string policy_name(const World& world, const std::string& author) {
  if (record_at(world, author)) return author;
  Labels start = labels_of(author);
  const std::size_t x = start.size();
  start.erase(start.begin());
  while (x > 8 && start.size() > 7) start.erase(start.begin());
  if (start.empty()) return "";
  const auto found = walk(world, name_of(start));
  const std::string chosen = choose(world, found, author);
  for (const auto& name : found)
    if (name == chosen) return name;
  return !found.empty() && world.at(found.back()).psd == 'y' ? found.back() : "";
}

std::vector<World> all_worlds(const World& world) {
  std::vector<World> worlds{world};
  for (const auto& [name, entry] : world) {
    if (entry.kind != Entry::failure) continue;
    std::vector<World> next;
    for (const World& known : worlds)
      for (const char content : {'-', 'u', 'y', 'n'}) {
        next.push_back(known);
        Entry& filled = next.back()[name];
        filled.kind = content == '-' ? Entry::nothing : Entry::one;
        filled.psd = content;
      }
    worlds = next;
  }
  return worlds;
}

bool is_policy(const std::string& text) { return text == "none" || text == "quarantine" || text == "reject"; }

struct Expected {
  std::string result, policy_name, policy;
};

std::string policy_of(const Entry& record, bool is_inherited, char existence) {
  const bool is_faulty =
      !is_policy(record.p) || (!record.sp.empty() && !is_policy(record.sp)) || (!record.np.empty() && !is_policy(record.np));
  if (is_faulty) return record.has_rua ? "none" : "unusable";
  if (!is_inherited) return record.p;
  if (existence == 'n' && !record.np.empty()) return record.np;
  return record.sp.empty() ? record.p : record.sp;
}

/// How the result comes about from what is aligned in every world and in some world.
std::string result_of(const Trial& trial, const std::vector<World>& worlds, bool is_strict) {
  bool is_pass = false, is_unknown = false;
  for (const auto& [name, state] : trial.identifiers) {
    std::size_t count = 0;
    for (const World& world : worlds)
      if (name == trial.author || (!is_strict && organization(world, name) == organization(world, trial.author))) ++count;
    if (state == dmarc::IdentifierState::passed && count == worlds.size()) is_pass = true;
    if (state != dmarc::IdentifierState::failed && count > 0) is_unknown = true;
  }
  return is_pass ? "pass" : is_unknown ? "temperror" : "fail";
}

Expected expect(const Trial& trial) {
  const std::vector<World> worlds = all_worlds(trial.world);
  std::set<std::string> names;
  for (const World& world : worlds) names.insert(policy_name(world, trial.author));
  if (names.size() > 1) return {"temperror", "", ""};
  const std::string name = *names.begin();
  if (name.empty()) return {"none", "", ""};
  const Entry& record = trial.world.at(name);
  const std::string policy = policy_of(record, name != trial.author, trial.existence);
  if (policy == "unusable") return {"permerror", name, ""};
  return {result_of(trial, worlds, record.is_strict), name, policy};
}

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

std::string random_name(Dice& dice, std::size_t most_labels) {
  std::string name = dice.one_in(20) ? "net" : "com";
  for (std::size_t n = dice.roll(most_labels); n > 0; --n) name = std::string(1, dice.one_in(4) ? 'b' : 'a') + "." + name;
  return name;
}

/// Above, below or beside the author.
std::string random_relative(Dice& dice, const std::string& author) {
  Labels labels = labels_of(author);
  for (std::size_t n = dice.roll(labels.size()); n > 0; --n) labels.erase(labels.begin());
  std::string name = name_of(labels);
  for (std::size_t n = dice.roll(3); n > 0; --n) name = std::string(1, dice.one_in(2) ? 'b' : 'a') + "." + name;
  return dice.one_in(10) ? random_name(dice, 5) : name;
}

Entry random_entry(Dice& dice, bool may_fail) {
  Entry entry;
  entry.kind = dice.pick({Entry::nothing, Entry::nothing, Entry::nothing, Entry::no_data, Entry::one, Entry::one, Entry::one,
                          Entry::several, may_fail ? Entry::failure : Entry::one});
  entry.psd = dice.pick({'u', 'u', 'u', 'y', 'n'});
  entry.p = dice.pick<const char*>({"none", "quarantine", "reject", "reject", "bad", ""});
  entry.sp = dice.pick<const char*>({"", "", "", "none", "quarantine", "reject", "bad"});
  entry.np = dice.pick<const char*>({"", "", "", "none", "quarantine", "reject", "bad"});
  entry.has_rua = dice.one_in(2);
  entry.is_strict = dice.one_in(5);
  entry.is_testing = dice.one_in(5);
  return entry;
}

Trial random_trial(unsigned seed) {
  Dice dice(seed);
  Trial trial;
  trial.author = random_name(dice, 11);
  trial.existence = dice.pick({'y', 'n', '?'});
  std::vector<std::string> names{trial.author};
  for (std::size_t n = dice.roll(4); n > 0; --n) {
    const std::string name = random_relative(dice, trial.author);
    names.push_back(name);
    trial.identifiers.emplace_back(name, dice.pick({dmarc::IdentifierState::passed, dmarc::IdentifierState::passed,
                                                    dmarc::IdentifierState::failed, dmarc::IdentifierState::unknown}));
  }
  std::size_t failures = 0;
  const bool is_sparse = dice.one_in(2);
  for (const auto& name : names)
    for (Labels labels = labels_of(name); !labels.empty(); labels.erase(labels.begin())) {
      if (trial.world.contains(name_of(labels)) || (is_sparse && dice.one_in(2))) continue;
      const Entry entry = random_entry(dice, failures < 4);
      if (entry.kind == Entry::failure) ++failures;
      trial.world[name_of(labels)] = entry;
    }
  return trial;
}

std::string text_of(const Entry& entry) {
  std::string text = "v=DMARC1";
  for (const auto& [tag, value] : {std::pair{"p", entry.p}, {"sp", entry.sp}, {"np", entry.np}})
    if (!value.empty()) text += std::string("; ") + tag + "=" + value;
  if (entry.psd != 'u') text += std::string("; psd=") + entry.psd;
  if (entry.has_rua) text += "; rua=mailto:a@example.org";
  if (entry.is_strict) text += "; aspf=s; adkim=s";
  if (entry.is_testing) text += "; t=y";
  return text;
}

void fill(test::MapResolver& resolver, const Trial& trial) {
  for (const auto& [name, entry] : trial.world) {
    const std::string full = "_dmarc." + name;
    if (entry.kind == Entry::no_data) resolver.fail(full, dns::Type::txt, dns::Status::no_data);
    if (entry.kind == Entry::nothing) resolver.fail(full, dns::Type::txt, dns::Status::no_such_name);
    if (entry.kind == Entry::failure) resolver.fail(full, dns::Type::txt, dns::Status::timeout);
    if (entry.kind == Entry::one) resolver.txt(full, {"other text", text_of(entry)});
    if (entry.kind == Entry::several) resolver.txt(full, {text_of(entry), text_of(entry)});
  }
  resolver.fail(trial.author, dns::Type::a,
                trial.existence == 'y'   ? dns::Status::no_data
                : trial.existence == 'n' ? dns::Status::no_such_name
                                         : dns::Status::server_failure);
}

// ---- the comparison

base::Domain domain(const std::string& text) { return base::Domain::parse(text).value(); }

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
      spf = dmarc::Identifier{domain(name), state};
    else
      dkim.push_back({domain(name), state});
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

void check_trial(const Trial& trial, bool is_deferred) {
  test::MapResolver resolver;
  fill(resolver, trial);
  resolver.defer(is_deferred);
  const auto input = input_of(trial);
  auto inquiry = dns::Inquiry<dmarc::Discovery>::start(resolver, [&](dns::View& view) { return dmarc::discover(view, input); });
  int rounds = 0;
  for (; !inquiry->is_done() && rounds < 4; ++rounds) resolver.answer_all();
  CHECK(rounds <= 2);  // the walks, then what depends on them
  CHECK(resolver.asked().size() <= 8 * (1 + trial.identifiers.size()) + 1);
  const dmarc::Verdict verdict = evaluate(trial, inquiry->collect({}));
  const Expected expected = expect(trial);
  CHECK(dmarc::to_text(verdict.result) == expected.result);
  CHECK((verdict.policy_domain ? verdict.policy_domain->text() : "") == expected.policy_name);
  CHECK(verdict.is_policy_known == !expected.policy.empty());
  if (!verdict.is_policy_known) return;
  CHECK(dmarc::to_text(verdict.published_policy) == expected.policy);
  const bool is_testing = trial.world.at(expected.policy_name).is_testing;
  CHECK(dmarc::to_text(verdict.policy) == (is_testing ? lowered(expected.policy) : expected.policy));
  if (verdict.organizational_domain) CHECK(verdict.organizational_domain->text() == organization(trial.world, trial.author));
}

}  // namespace

TEST_CASE("dmarc: random trees of records give what the RFC's sequential text gives", "[dmarc]") {
  std::map<std::string, int> seen;
  for (unsigned seed = 1; seed <= 3000; ++seed) {
    const Trial trial = random_trial(seed);
    INFO("seed " << seed << "\n" << describe(trial));
    check_trial(trial, seed % 2 == 0);
    ++seen[expect(trial).result];
  }
  for (const char* result : {"none", "pass", "fail", "temperror", "permerror"}) CHECK(seen[result] > 100);  // it tests all
}
