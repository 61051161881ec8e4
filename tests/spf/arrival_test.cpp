// The verdict does not depend on when answers arrive, and waiting is as long as the chain of records.

#include <fmt/format.h>
#include <catch2/catch.hpp>
#include <random>

#include "spf/record.hpp"
#include "tests/spf/checking.hpp"

namespace {

class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  unsigned below(unsigned sides) { return static_cast<unsigned>(engine_() % sides); }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[below(static_cast<unsigned>(from.size()))];
  }

 private:
  std::mt19937 engine_;
};

constexpr unsigned domain_count = 7;

std::string domain_name(unsigned i) { return fmt::format("d{}.example", i); }

/// A small name space in which records refer to each other, and to names that are not there or fail.
std::string random_term(Dice& dice) {
  static const std::vector<std::string> qualifiers = {"", "", "+", "-", "~", "?"};
  const std::string name = domain_name(dice.below(domain_count + 1));  // one name more than there are
  switch (dice.below(12)) {
    case 0:
      return dice.pick(qualifiers) + "ip4:192.0.2." + std::to_string(dice.below(6));
    case 1:
      return dice.pick(qualifiers) + "exists:" + name;
    case 2:
      return dice.pick(qualifiers) + "exists:%{l}." + name;
    case 3:
      return dice.pick(qualifiers) + dice.pick<std::string>({"ptr", "ptr:" + name, "exists:%{p}", "include:%{p}"});
    case 4:
      return dice.pick<std::string>({"redirect=", "exp=", "moo="}) + name;
    case 5:
      return dice.pick(qualifiers) + dice.pick<std::string>({"a", "mx", "all", "a:%{d}", "mx:%{o}", "a:x..example"});
    case 6:
    case 7:
      return dice.pick(qualifiers) + "a:" + name + dice.pick<std::string>({"", "", "/30"});
    case 8:
    case 9:
      return dice.pick(qualifiers) + "mx:" + name;
    default:
      return dice.pick(qualifiers) + "include:" + name;
  }
}

std::string random_record(Dice& dice) {
  std::string record = "v=spf1";
  bool has_redirect = false, has_exp = false;
  for (unsigned i = dice.below(6); i > 0; --i) {
    const std::string term = random_term(dice);
    bool* const once = term.starts_with("redirect=") ? &has_redirect : term.starts_with("exp=") ? &has_exp : nullptr;
    if (once != nullptr && std::exchange(*once, true)) continue;
    record += " " + term;
  }
  if (dice.below(60) == 0) record += " nonsense";
  return record;
}

std::vector<std::string> random_addresses(Dice& dice) {
  std::vector<std::string> addresses;
  for (unsigned i = 1 + dice.below(2); i > 0; --i) addresses.push_back(fmt::format("192.0.2.{}", dice.below(6)));
  return addresses;
}

void fill_domain(test::MapResolver& zone, const std::string& name, Dice& dice) {
  if (dice.below(12) != 0) zone.txt(name, {random_record(dice)});
  if (dice.below(4) != 0) zone.a(name, random_addresses(dice));
  if (dice.below(3) == 0) zone.a("strong-bad." + name, {"127.0.0.2"});
  if (dice.below(3) != 0) {
    std::vector<std::pair<unsigned, std::string>> exchanges;
    for (unsigned i = dice.below(4); i > 0; --i)
      exchanges.emplace_back(dice.below(2), domain_name(dice.below(domain_count + 1)));
    zone.mx(name, std::move(exchanges));
  }
  static const std::vector<dns::Type> types = {dns::Type::a, dns::Type::mx, dns::Type::txt};
  if (dice.below(15) == 0) zone.fail(name, dice.pick(types), dns::Status::timeout);
}

void fill(test::MapResolver& zone, unsigned seed) {
  Dice dice(seed);
  for (unsigned i = 0; i < domain_count; ++i) fill_domain(zone, domain_name(i), dice);
  if (dice.below(3) != 0) zone.ptr("1.2.0.192.in-addr.arpa", {domain_name(dice.below(domain_count)), domain_name(1)});
  if (dice.below(8) == 0) zone.fail("1.2.0.192.in-addr.arpa", dns::Type::ptr, dns::Status::server_failure);
}

/// Gives the answers it owes one at a time, in an order of its own. Of a hundred times that it is asked what it has at
/// hand, it has the answer `at_hand` times.
class ShufflingResolver final : public dns::Resolver {
 public:
  ShufflingResolver(dns::Resolver& source, unsigned seed, unsigned at_hand = 0)
      : source_(source), dice_(seed), at_hand_(at_hand) {}
  void start(const dns::Question& question, Callback done) override { waiting_.emplace_back(question, std::move(done)); }
  [[nodiscard]] dns::AnswerPtr at_hand(const dns::Question& question) override {
    dns::AnswerPtr found;
    if (dice_.below(100) < at_hand_) source_.start(question, [&](dns::AnswerPtr answer) { found = std::move(answer); });
    return found;
  }
  [[nodiscard]] bool answer_one() {
    if (waiting_.empty()) return false;
    std::swap(waiting_[dice_.below(static_cast<unsigned>(waiting_.size()))], waiting_.back());
    auto [question, done] = std::move(waiting_.back());
    waiting_.pop_back();
    source_.start(question, std::move(done));
    return true;
  }

 private:
  dns::Resolver& source_;
  Dice dice_;
  unsigned at_hand_;
  std::vector<std::pair<dns::Question, Callback>> waiting_;
};

std::shared_ptr<dns::Inquiry<spf::Verdict>> start(dns::Resolver& resolver, const spf::Input& input, unsigned* runs = nullptr) {
  return dns::Inquiry<spf::Verdict>::start(resolver, [input, runs](dns::View& view) {
    if (runs != nullptr) ++*runs;
    return spf::check_host(view, input, spf::Limits{});
  });
}

spf::Verdict with_rounds(test::MapResolver& zone, const spf::Input& input) {
  zone.defer(true);
  const auto inquiry = start(zone, input);
  for (unsigned round = 0; !inquiry->is_done() && round < 100; ++round) zone.answer_all();
  REQUIRE(inquiry->is_done());
  return inquiry->collect(base::SteadyTime{});
}

spf::Verdict shuffled(test::MapResolver& zone, const spf::Input& input, unsigned seed, unsigned at_hand = 0) {
  ShufflingResolver resolver(zone, seed, at_hand);
  const auto inquiry = start(resolver, input);
  while (!inquiry->is_done() && resolver.answer_one()) {
  }
  REQUIRE(inquiry->is_done());
  return inquiry->collect(base::SteadyTime{});
}

/// Every answer of the name space is known before the first run; the odd name that macros make is added.
spf::Verdict with_all_known(test::MapResolver& zone, const spf::Input& input) {
  dns::Answers answers;
  const auto add = [&](const dns::Question& question) {
    zone.start(question, [&](dns::AnswerPtr answer) { answers.emplace(question, std::move(answer)); });
  };
  for (unsigned i = 0; i <= domain_count; ++i)
    for (const auto type : {dns::Type::a, dns::Type::mx, dns::Type::txt}) {
      add({domain_name(i), type});
      add({"strong-bad." + domain_name(i), type});
    }
  add({"1.2.0.192.in-addr.arpa", dns::Type::ptr});
  for (;;) {
    dns::View view(answers);
    if (const auto verdict = spf::check_host(view, input, spf::Limits{})) return *verdict;
    for (const auto& question : view.wanted()) add(question);
  }
}

/// As long a chain, of mx terms with as many exchanges as are allowed.
void fill_mx_chain(test::MapResolver& zone, unsigned depth) {
  for (unsigned i = 0; i < depth; ++i) {
    std::string record = "v=spf1 include:" + domain_name(i + 1);
    for (unsigned k = i; k < 10; ++k) {
      const std::string name = fmt::format("m{}.{}", k, domain_name(i));
      std::vector<std::pair<unsigned, std::string>> exchanges;
      for (unsigned x = 0; x < 10; ++x) exchanges.emplace_back(x, fmt::format("h{}.{}", x, name));
      for (const auto& exchange : exchanges) zone.a(exchange.second, {"198.51.100.1"});
      zone.mx(name, std::move(exchanges));
      record += " mx:" + name;
    }
    zone.txt(domain_name(i), {record + " -all"});
  }
  zone.txt(domain_name(depth), {"v=spf1 -all"});
}

/// Holds every TXT answer back until nothing else is owed: what makes asking ahead ask for most.
class SlowTextResolver final : public dns::Resolver {
 public:
  explicit SlowTextResolver(dns::Resolver& source) : source_(source) {}
  void start(const dns::Question& question, Callback done) override {
    if (question.type == dns::Type::txt)
      waiting_.emplace_back(question, std::move(done));
    else
      source_.start(question, std::move(done));
  }
  [[nodiscard]] bool answer_texts() {
    auto waiting = std::exchange(waiting_, {});
    for (auto& [question, done] : waiting) source_.start(question, std::move(done));
    return !waiting.empty();
  }

 private:
  dns::Resolver& source_;
  std::vector<std::pair<dns::Question, Callback>> waiting_;
};

/// Every name has a record of ten includes. Answers come newest question first, which reveals most.
class TreeResolver final : public dns::Resolver {
 public:
  void start(const dns::Question& question, Callback done) override { waiting_.emplace_back(question, std::move(done)); }
  [[nodiscard]] bool answer_one() {
    if (waiting_.empty()) return false;
    auto [question, done] = std::move(waiting_.back());
    waiting_.pop_back();
    auto answer = std::make_shared<dns::Answer>();
    answer->status = dns::Status::ok;
    std::string record = "v=spf1";
    for (unsigned i = 0; i < 10; ++i) record += fmt::format(" include:{}.{}", i, question.name);
    answer->texts = {record + " -all"};
    done(std::move(answer));
    return true;
  }

 private:
  std::vector<std::pair<dns::Question, Callback>> waiting_;
};

/// The longest chain: each record includes the next and then names other exchanges.
void fill_chain(test::MapResolver& zone, unsigned depth) {
  for (unsigned i = 0; i < depth; ++i) {
    std::string record = "v=spf1";
    if (i + 1 < depth) record += " include:" + domain_name(i + 1);
    for (unsigned k = i; k < 10; ++k) record += fmt::format(" a:h{}.{}", k, domain_name(i));
    for (unsigned k = i; k < 10; ++k) zone.a(fmt::format("h{}.{}", k, domain_name(i)), {"198.51.100.1"});
    zone.txt(domain_name(i), {record + " -all"});
  }
}

}  // namespace

TEST_CASE("spf arrival: in whatever order answers arrive, the verdict is the same", "[spf]") {
  std::map<spf::Result, unsigned> seen;
  for (unsigned seed = 0; seed < 3000; ++seed) {
    CAPTURE(seed);
    test::MapResolver zone;
    fill(zone, seed);
    const auto input = test::spf_input(domain_name(0), "192.0.2.1");
    const spf::Verdict expected = with_all_known(zone, input);
    ++seen[expected.result];
    CAPTURE(expected.reason);
    CHECK(test::spf_check(zone, input) == expected);
    CHECK(shuffled(zone, input, seed) == expected);
    CHECK(shuffled(zone, input, seed + 1) == expected);
    CHECK(shuffled(zone, input, seed, 50) == expected);
    CHECK(shuffled(zone, input, seed, 90) == expected);
    CHECK(shuffled(zone, input, seed, 100) == expected);
    CHECK(with_rounds(zone, input) == expected);
  }
  for (const auto& [result, count] : seen) {
    CAPTURE(spf::to_text(result));
    CHECK(count > 20);
  }
  CHECK(seen.size() == 7);  // the zones reach every result
}

TEST_CASE("spf arrival: a chain of includes takes as many round trips as it is long, and its end one more", "[spf]") {
  test::MapResolver zone;
  fill_chain(zone, 10);
  zone.defer(true);
  unsigned runs = 0, rounds = 0;
  const auto inquiry = start(zone, test::spf_input(domain_name(0), "192.0.2.1"), &runs);
  for (; !inquiry->is_done() && rounds < 100; ++rounds) zone.answer_all();
  REQUIRE(inquiry->is_done());
  CHECK(inquiry->collect(base::SteadyTime{}).reason == "more than 10 lookup terms");
  CHECK(rounds <= 11);
  CHECK(runs <= 70);
  CHECK(zone.asked().size() <= 70);
}

TEST_CASE("spf arrival: a check whose answers are all at hand is one run, and asks nothing ahead of need", "[spf]") {
  test::MapResolver zone;
  fill_chain(zone, 5);
  zone.a("h4.d4.example", {"192.0.2.1"});
  zone.keep_at_hand(true);
  unsigned runs = 0;
  const auto inquiry = start(zone, test::spf_input(domain_name(0), "192.0.2.1"), &runs);
  REQUIRE(inquiry->is_done());
  CHECK(inquiry->collect(base::SteadyTime{}).result == spf::Result::pass);
  CHECK(runs == 1);
  CHECK(zone.asked().size() == 6);  // five records, and the first address of the last
}

TEST_CASE("spf arrival: asking ahead at its worst stays below what an inquiry may ask", "[spf]") {
  for (const unsigned depth : {1U, 2U, 3U, 5U, 9U, 10U}) {
    CAPTURE(depth);
    test::MapResolver zone;
    fill_mx_chain(zone, depth);
    SlowTextResolver resolver(zone);
    unsigned runs = 0;
    const auto inquiry = start(resolver, test::spf_input(domain_name(0), "192.0.2.1"), &runs);
    while (!inquiry->is_done() && resolver.answer_texts()) {
    }
    REQUIRE(inquiry->is_done());
    CHECK(inquiry->collect(base::SteadyTime{}).reason == "more than 10 lookup terms");
    CHECK(inquiry->question_count() <= 180);
    CHECK(runs <= 40);
  }
}

TEST_CASE("spf arrival: a tree of includes cannot make asking ahead run away", "[spf]") {
  TreeResolver resolver;
  unsigned runs = 0;
  const auto inquiry = start(resolver, test::spf_input("example.com", "192.0.2.1"), &runs);
  while (!inquiry->is_done() && resolver.answer_one()) {
  }
  REQUIRE(inquiry->is_done());
  CHECK(inquiry->collect(base::SteadyTime{}).reason == "more than 10 lookup terms");
  CHECK(inquiry->question_count() <= 180);
  CHECK(runs <= 180);
}

TEST_CASE("spf arrival: the terms of one record are asked for in one round", "[spf]") {
  test::MapResolver zone;
  zone.txt("example.com", {"v=spf1 a:a1.example mx:b.example include:c.example a:a2.example -all"});
  zone.mx("b.example", {{1, "m1.example"}, {2, "m2.example"}});
  zone.txt("c.example", {"v=spf1 a -all"});
  for (const char* name : {"a1.example", "a2.example", "m1.example", "m2.example", "c.example"}) zone.a(name, {"198.51.100.1"});
  zone.defer(true);
  unsigned rounds = 0;
  const auto inquiry = start(zone, test::spf_input("example.com", "192.0.2.1"));
  for (; !inquiry->is_done() && rounds < 100; ++rounds) zone.answer_all();
  CHECK(inquiry->collect(base::SteadyTime{}).reason == "matched -all");
  CHECK(rounds == 3);  // the record; its terms; exchanges and the included record's terms
}

TEST_CASE("spf arrival: what depends on the message is asked for only in its turn", "[spf]") {
  test::MapResolver zone;
  zone.txt("example.com", {"v=spf1 a exists:b.example ptr a:%{l}.example include:%{d} mx redirect=c.example"});
  zone.a("example.com", {"192.0.2.1"});
  const auto verdict = test::spf_check(zone, "example.com", "192.0.2.1");
  CHECK(verdict.reason == "matched a");
  const std::vector<dns::Question> expected = {{"example.com", dns::Type::txt},
                                               {"example.com", dns::Type::a},
                                               {"example.com", dns::Type::mx},
                                               {"c.example", dns::Type::txt}};
  CHECK(zone.asked() == expected);
}

TEST_CASE("spf arrival: a term that surely matches ends the questions asked ahead", "[spf]") {
  test::MapResolver zone;
  zone.txt("example.com", {"v=spf1 a ip4:192.0.2.1 a:b.example -all a:c.example"});
  zone.a("example.com", {"198.51.100.1"});
  CHECK(test::spf_check(zone, "example.com", "192.0.2.1").reason == "matched ip4:192.0.2.1");
  CHECK(zone.asked().size() == 2);
}

TEST_CASE("spf arrival: at the deadline what is missing is a timeout", "[spf]") {
  test::MapResolver zone;
  zone.txt("example.com", {"v=spf1 a:slow.example -all"});
  zone.defer(true);
  const auto inquiry = start(zone, test::spf_input("example.com", "192.0.2.1"));
  zone.answer_all();
  CHECK(inquiry->collect(base::SteadyTime{}).reason == "DNS timeout for A slow.example");
}

TEST_CASE("spf arrival: a record is parsed once for all who have its answer", "[spf]") {
  dns::Answer answer;
  answer.texts = {"v=spf1 -all"};
  const auto parse = [](const dns::Answer& a) { return spf::select_record(a.texts); };
  CHECK(answer.derived<spf::Selection>(parse) == answer.derived<spf::Selection>(parse));
}
