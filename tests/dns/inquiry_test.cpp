#include "dns/inquiry.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <stdexcept>
#include <thread>

#include "tests/support/map_resolver.hpp"

using dns::Inquiry;
using dns::InquiryBase;
using dns::Question;
using dns::Status;
using dns::Type;
using namespace std::chrono_literals;

namespace {

constexpr base::SteadyTime long_ago{};
base::SteadyTime soon() { return std::chrono::steady_clock::now() + 30s; }

/// Follows TXT records, each naming the next, and gives the names passed and the last status.
std::optional<std::string> follow(dns::View& view, std::string name) {
  std::string path;
  for (;;) {
    const dns::Answer* answer = view.ask(dns::ask_for(name, Type::txt));
    if (answer == nullptr) return std::nullopt;
    if (answer->status != Status::ok) return path + std::string(to_text(answer->status));
    name = answer->texts.at(0);
    path += name + " ";
  }
}

/// Wants `width` addresses at once and counts those there are.
std::optional<unsigned> count_addresses(dns::View& view, unsigned width) {
  unsigned found = 0;
  bool is_whole = true;
  for (unsigned i = 0; i < width; ++i) {
    const dns::Answer* answer = view.ask(dns::ask_for("n" + std::to_string(i), Type::a));
    if (answer == nullptr)
      is_whole = false;
    else if (answer->status == Status::ok)
      ++found;
  }
  return is_whole ? std::optional(found) : std::nullopt;
}

void fill_chain(test::MapResolver& resolver) {
  resolver.txt("a", {"b"});
  resolver.txt("b", {"c"});
}

/// Answers each question on one of several threads, in no order.
class CrowdResolver final : public dns::Resolver {
 public:
  explicit CrowdResolver(unsigned threads) {
    for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
  }
  ~CrowdResolver() override {
    {
      const std::lock_guard lock(mutex_);
      is_stopping_ = true;
    }
    changed_.notify_all();
    for (auto& thread : threads_) thread.join();
  }
  void start(const Question&, Callback done) override {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(done));
    changed_.notify_one();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return is_stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      const Callback done = std::move(waiting_.back());
      waiting_.pop_back();
      lock.unlock();
      done(dns::make_empty_answer(Status::ok));
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Callback> waiting_;
  bool is_stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace

TEST_CASE("inquiry: answers that return inside start decide at once", "[dns]") {
  test::MapResolver resolver;
  fill_chain(resolver);
  const auto inquiry = Inquiry<std::string>::start(resolver, [](dns::View& view) { return follow(view, "a"); });
  CHECK(inquiry->is_done());
  CHECK(inquiry->question_count() == 3);
  CHECK(inquiry->collect(long_ago) == "b c no such name");
}

TEST_CASE("inquiry: answers at hand are had in the same run, and counted", "[dns]") {
  test::MapResolver resolver;
  fill_chain(resolver);
  resolver.keep_at_hand(true);
  unsigned runs = 0;
  const auto inquiry = Inquiry<std::string>::start(resolver, [&](dns::View& view) {
    ++runs;
    return follow(view, "a");
  });
  CHECK(inquiry->is_done());
  CHECK(runs == 1);
  CHECK(inquiry->question_count() == 3);
  CHECK(resolver.asked().size() == 3);
  CHECK(inquiry->collect(long_ago) == "b c no such name");
}

TEST_CASE("inquiry: a question has one answer, whatever is at hand a moment later", "[dns]") {
  class Fickle final : public dns::Resolver {
   public:
    void start(const Question&, Callback done) override { waiting = std::move(done); }
    dns::AnswerPtr at_hand(const Question&) override {
      return looks++ == 0 ? nullptr : dns::make_empty_answer(Status::no_data);
    }
    Callback waiting;
    unsigned looks = 0;
  };
  Fickle resolver;
  std::vector<std::string> seen;
  const auto note = [&](const dns::Answer* answer) { seen.emplace_back(answer ? to_text(answer->status) : "nothing"); };
  const auto inquiry = Inquiry<int>::start(resolver, [&](dns::View& view) -> std::optional<int> {
    const dns::Answer* first = view.ask(dns::ask_for("a", Type::a));
    const dns::Answer* again = view.ask(dns::ask_for("a", Type::a));
    const dns::Answer* other = view.ask(dns::ask_for("b", Type::a));
    for (const auto* answer : {first, again, other}) note(answer);
    return first != nullptr ? std::optional(1) : std::nullopt;
  });
  CHECK(seen == std::vector<std::string>{"nothing", "nothing", "no data"});
  CHECK(resolver.looks == 2);
  resolver.waiting(dns::make_empty_answer(Status::no_such_name));
  CHECK(inquiry->collect(long_ago) == 1);
  CHECK(seen.back() == "no data");
  CHECK(seen[3] == "no such name");
  CHECK(resolver.looks == 2);  // what is known or out is not looked for
}

TEST_CASE("inquiry: an evaluator without questions decides at once", "[dns]") {
  test::MapResolver resolver;
  const auto inquiry = Inquiry<int>::start(resolver, [](dns::View&) { return std::optional(7); });
  CHECK(inquiry->is_done());
  CHECK(inquiry->collect(long_ago) == 7);
  CHECK(resolver.asked().empty());
}

TEST_CASE("inquiry: answers that come later move it on, step by step", "[dns]") {
  test::MapResolver resolver;
  fill_chain(resolver);
  resolver.defer(true);
  const auto inquiry = Inquiry<std::string>::start(resolver, [](dns::View& view) { return follow(view, "a"); });
  for (std::size_t step = 1; step <= 3; ++step) {
    CHECK_FALSE(inquiry->is_done());
    CHECK(inquiry->question_count() == step);
    resolver.answer_all();
  }
  CHECK(inquiry->is_done());
  CHECK(inquiry->collect(soon()) == "b c no such name");
}

TEST_CASE("inquiry: many questions are asked at once, each once, and answered in reverse order", "[dns]") {
  test::MapResolver resolver;
  resolver.a("n3", {"192.0.2.1"});
  resolver.a("n7", {"192.0.2.1"});
  resolver.defer(true);
  std::atomic<unsigned> runs = 0;
  const auto inquiry = Inquiry<unsigned>::start(resolver, [&](dns::View& view) {
    ++runs;
    return count_addresses(view, 12);
  });
  CHECK(inquiry->question_count() == 12);
  CHECK(runs == 1);
  resolver.answer_all();
  CHECK(inquiry->collect(soon()) == 2);
  CHECK(resolver.asked().size() == 12);
}

TEST_CASE("inquiry: the deadline makes every hole a timeout, with further holes behind the first", "[dns]") {
  test::MapResolver resolver;
  resolver.defer(true);
  const auto inquiry = Inquiry<std::string>::start(resolver, [](dns::View& view) -> std::optional<std::string> {
    const dns::Answer* first = view.ask(dns::ask_for("a", Type::a));
    if (first == nullptr) return std::nullopt;
    const dns::Answer* second = view.ask(dns::ask_for("b", Type::a));  // wanted only once the first is known
    if (second == nullptr) return std::nullopt;
    return std::string(to_text(first->status)) + ", " + std::string(to_text(second->status));
  });
  CHECK(inquiry->collect(long_ago) == "timeout, timeout");
  CHECK(inquiry->is_done());
  CHECK(resolver.asked().size() == 1);  // after the deadline nothing is sent
}

TEST_CASE("inquiry: what is at hand only after the deadline does not count", "[dns]") {
  test::MapResolver resolver;
  fill_chain(resolver);
  resolver.defer(true);
  const auto inquiry = Inquiry<std::string>::start(resolver, [](dns::View& view) { return follow(view, "a"); });
  resolver.answer_all();
  resolver.keep_at_hand(true);
  CHECK(inquiry->collect(long_ago) == "b timeout");
}

TEST_CASE("inquiry: answers known before the deadline count, and those after it do not", "[dns]") {
  test::MapResolver resolver;
  fill_chain(resolver);
  resolver.defer(true);
  const auto inquiry = Inquiry<std::string>::start(resolver, [](dns::View& view) { return follow(view, "a"); });
  resolver.answer_all();
  const std::string& verdict = inquiry->collect(long_ago);
  CHECK(verdict == "b timeout");
  resolver.answer_all();
  CHECK(verdict == "b timeout");
  CHECK(inquiry->collect(soon()) == "b timeout");
}

TEST_CASE("inquiry: the questions up to the limit are sent and the rest are server failures", "[dns][limits]") {
  for (const auto& [over, is_at_hand] :
       {std::pair(0U, false), {1U, false}, {50U, false}, {0U, true}, {1U, true}, {50U, true}}) {
    test::MapResolver resolver;
    resolver.keep_at_hand(is_at_hand);
    const std::size_t width = InquiryBase::max_questions + over;
    const auto failures = test::decide<std::size_t>(resolver, [&](dns::View& view) -> std::optional<std::size_t> {
      std::size_t failed = 0;
      bool is_whole = true;
      for (std::size_t i = 0; i < width; ++i) {
        const dns::Answer* answer = view.ask(dns::ask_for("n" + std::to_string(i), Type::a));
        if (answer == nullptr)
          is_whole = false;
        else if (answer->status == Status::server_failure)
          ++failed;
      }
      return is_whole ? std::optional(failed) : std::nullopt;
    });
    CHECK(failures == over);
    CHECK(resolver.asked().size() == InquiryBase::max_questions);
  }
}

TEST_CASE("inquiry: sixteen questions are out at once, and answers make room for the next", "[dns][limits]") {
  for (const std::size_t width : {InquiryBase::max_in_flight, InquiryBase::max_in_flight + 1, std::size_t{50}}) {
    test::MapResolver resolver;
    resolver.defer(true);
    const auto inquiry = Inquiry<unsigned>::start(
        resolver, [&](dns::View& view) { return count_addresses(view, static_cast<unsigned>(width)); });
    std::size_t asked = 0;
    while (!inquiry->is_done()) {
      CHECK(resolver.asked().size() - asked <= InquiryBase::max_in_flight);
      asked = resolver.asked().size();
      resolver.answer_all();
    }
    CHECK(resolver.asked().size() == width);
  }
}

namespace {

struct Derived {
  [[nodiscard]] std::size_t octets() const { return 5000; }
};

/// What becomes of four answers when `max_octets` are held; `derives`: and of each something is made.
std::string hold_four(std::size_t max_octets, bool derives, bool is_at_hand) {
  test::MapResolver resolver;
  resolver.keep_at_hand(is_at_hand);
  for (unsigned i = 0; i < 4; ++i) resolver.txt("n" + std::to_string(i), {std::string(1000, 'x')});
  const auto evaluator = [&](dns::View& view) -> std::optional<std::string> {
    std::string statuses;
    for (unsigned i = 0; i < 4; ++i) {
      const dns::Answer* answer = view.ask(dns::ask_for("n" + std::to_string(i), Type::txt));
      if (answer == nullptr) return std::nullopt;
      if (derives) static_cast<void>(answer->derived<Derived>([](const dns::Answer&) { return Derived{}; }));
      statuses += std::string(to_text(answer->status)) + " ";
    }
    return statuses;
  };
  return Inquiry<std::string>::start(resolver, evaluator, max_octets)->collect(long_ago);
}

}  // namespace

TEST_CASE("inquiry: answers are held up to a number of octets, and the next counts as malformed", "[dns][limits]") {
  dns::Answer one;
  one.texts = {std::string(1000, 'x')};
  const std::size_t empty = dns::make_empty_answer(Status::malformed)->octets();
  const std::size_t two = 2 * one.octets();
  for (const bool at_hand : {false, true}) {
    CHECK(hold_four(2 * two, false, at_hand) == "ok ok ok ok ");
    CHECK(hold_four(2 * two - 1, false, at_hand) == "ok ok ok malformed answer ");
    CHECK(hold_four(two + empty, false, at_hand) == "ok ok malformed answer malformed answer ");
    CHECK(hold_four(one.octets() - 1, false, at_hand) ==
          "malformed answer malformed answer malformed answer malformed answer ");
    CHECK(hold_four(2 * two + 15000, true, at_hand) == "ok ok ok ok ");  // made of the last: comes too late to count
    CHECK(hold_four(2 * two, true, at_hand) == "ok malformed answer malformed answer malformed answer ");
  }
}

TEST_CASE("inquiry: what the evaluator throws reaches collect, whenever it throws", "[dns]") {
  const auto throws_at = [](unsigned run) {
    return [run, runs = 0U](dns::View& view) mutable -> std::optional<int> {
      if (++runs == run) throw std::domain_error("thrown by a test");
      static_cast<void>(view.ask(dns::ask_for("n" + std::to_string(runs), Type::a)));
      return std::nullopt;
    };
  };
  for (const unsigned run : {1U, 2U}) {
    for (const bool defers : {false, true}) {
      test::MapResolver resolver;
      resolver.defer(defers);
      const auto inquiry = Inquiry<int>::start(resolver, throws_at(run));
      if (defers) resolver.answer_all();
      CHECK(inquiry->is_done());
      CHECK_THROWS_AS(inquiry->collect(soon()), std::domain_error);
    }
  }
  test::MapResolver resolver;
  resolver.defer(true);
  const auto inquiry = Inquiry<int>::start(resolver, throws_at(2));  // in the run after the deadline
  CHECK_THROWS_AS(inquiry->collect(long_ago), std::domain_error);
}

TEST_CASE("inquiry: a resolver that throws is reported to the collector", "[dns]") {
  class Thrower final : public dns::Resolver {
   public:
    explicit Thrower(bool early) : throws_early_(early) {}
    void start(const Question&, Callback) override { throw std::domain_error("thrown by a test"); }
    dns::AnswerPtr at_hand(const Question&) override {
      return throws_early_ ? throw std::range_error("thrown by a test") : nullptr;
    }

   private:
    const bool throws_early_;
  };
  Thrower early(true), late(false);
  const auto ask = [](dns::View& view) { return follow(view, "a"); };
  CHECK_THROWS_AS(Inquiry<std::string>::start(early, ask)->collect(soon()), std::range_error);
  CHECK_THROWS_AS(Inquiry<std::string>::start(late, ask)->collect(soon()), std::domain_error);
}

TEST_CASE("inquiry: an evaluator that never ends, or neither asks nor decides, is found out", "[dns][limits]") {
  const auto ask_for_ever = [](dns::View& view) -> std::optional<int> {
    for (unsigned i = 0;; ++i)
      if (view.ask(dns::ask_for("n" + std::to_string(i), Type::a)) == nullptr) return std::nullopt;
  };
  test::MapResolver resolver;
  CHECK_THROWS_AS(Inquiry<int>::start(resolver, ask_for_ever)->collect(soon()), std::logic_error);
  resolver.keep_at_hand(true);
  CHECK_THROWS_AS(Inquiry<int>::start(resolver, ask_for_ever)->collect(soon()), std::logic_error);
  resolver.keep_at_hand(false);
  resolver.defer(true);
  CHECK_THROWS_AS(Inquiry<int>::start(resolver, ask_for_ever)->collect(long_ago), std::logic_error);
  const auto idle = Inquiry<int>::start(resolver, [](dns::View&) -> std::optional<int> { return std::nullopt; });
  CHECK_THROWS_AS(idle->collect(long_ago), std::logic_error);
}

TEST_CASE("inquiry: dropped with questions out, it is gone, and the answers go nowhere", "[dns]") {
  test::MapResolver resolver;
  resolver.defer(true);
  auto alive = std::make_shared<int>(0);
  const std::weak_ptr<int> input = alive;
  auto inquiry =
      Inquiry<std::string>::start(resolver, [kept = std::move(alive)](dns::View& view) { return follow(view, "a"); });
  CHECK_FALSE(input.expired());
  inquiry.reset();
  CHECK(input.expired());
  resolver.answer_all();
  CHECK(resolver.asked().size() == 1);
}

TEST_CASE("inquiry: what is made of an answer is made once", "[dns]") {
  test::MapResolver resolver;
  resolver.txt("a", {"text"});
  unsigned made = 0;
  const auto size = [&](dns::View& view) -> std::optional<std::size_t> {
    const dns::Answer* answer = view.ask(dns::ask_for("a", Type::txt));
    if (answer == nullptr) return std::nullopt;
    return *answer->derived<std::size_t>([&](const dns::Answer& a) { return ++made, a.texts.at(0).size(); });
  };
  CHECK(test::decide<std::size_t>(resolver, size) == 4);
  CHECK(test::decide<std::size_t>(resolver, size) == 4);
  CHECK(made == 1);
}

TEST_CASE("inquiry: answers from many threads at once lose nothing", "[dns]") {
  constexpr unsigned rounds = 300, width = 40, collectors = 2;
  CrowdResolver resolver(4);
  std::atomic<unsigned> good = 0;
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < collectors; ++t)
    threads.emplace_back([&] {
      for (unsigned i = 0; i < rounds; ++i) {
        const auto inquiry = Inquiry<unsigned>::start(resolver, [](dns::View& view) { return count_addresses(view, width); });
        if (i % 3 == 0) continue;  // dropped
        if (i % 3 == 1) {
          good += inquiry->collect(long_ago) <= width ? 1 : 0;  // cut short somewhere
        } else {
          good += inquiry->collect(soon()) == width ? 1 : 0;
        }
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(good == collectors * rounds * 2 / 3);
}
