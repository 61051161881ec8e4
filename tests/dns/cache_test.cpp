#include "dns/cache.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <map>
#include <thread>

using dns::CachingResolver;
using dns::Question;
using dns::Status;
using dns::Type;
using namespace std::chrono_literals;

namespace {

/// Holds every question until the test answers it.
class HeldResolver final : public dns::Resolver {
 public:
  void start(const Question& question, Callback done) override { held_.emplace(question, std::move(done)); }
  void answer(const Question& question, const dns::AnswerPtr& answer) {
    const auto held = held_.extract(question);
    REQUIRE(!held.empty());
    held.mapped()(answer);
  }
  [[nodiscard]] bool is_asked(const Question& question) const { return held_.contains(question); }
  [[nodiscard]] std::size_t held() const { return held_.size(); }

 private:
  std::multimap<Question, Callback> held_;
};

dns::AnswerPtr text_answer(std::chrono::seconds ttl, std::string text = "x") {
  auto answer = std::make_shared<dns::Answer>();
  answer->status = Status::ok;
  answer->texts = {std::move(text)};
  answer->ttl = ttl;
  return answer;
}

struct Fixture {
  base::SteadyTime now{};
  HeldResolver upstream;
  CachingResolver::Options options;
  CachingResolver cache{upstream, options, [this] { return now; }};
  unsigned calls = 0;
  dns::AnswerPtr last;

  void ask(const Question& question) {
    cache.start(question, [this](dns::AnswerPtr answer) {
      ++calls;
      last = std::move(answer);
    });
  }
};

const Question question = dns::ask_for("example.org", Type::txt);

}  // namespace

TEST_CASE("dns cache: an answer is given again until its time is over", "[dns]") {
  struct Row {
    dns::AnswerPtr answer;
    std::chrono::seconds lifetime;
  };
  const Row rows[] = {
      {text_answer(60s), 60s},
      {text_answer(86400s), 86400s},
      {text_answer(86401s), 86400s},  // a day at most
      {dns::make_empty_answer(Status::no_such_name, 900s), 900s},
      {dns::make_empty_answer(Status::no_such_name, 901s), 900s},  // 15 minutes at most
      {dns::make_empty_answer(Status::no_data, 86400s), 900s},
      {dns::make_empty_answer(Status::timeout), 5s},  // whatever its TTL
      {dns::make_empty_answer(Status::server_failure, 3600s), 5s},
      {dns::make_empty_answer(Status::malformed), 5s},
  };
  for (const Row& row : rows) {
    CAPTURE(&row - rows);
    Fixture f;
    f.ask(question);
    CHECK(f.calls == 0);
    f.upstream.answer(question, row.answer);
    CHECK(f.last == row.answer);
    f.now += row.lifetime - 1ms;
    f.ask(question);
    CHECK(f.calls == 2);
    CHECK(f.last == row.answer);
    f.now += 1ms;
    f.ask(question);
    CHECK(f.calls == 2);
    CHECK(f.upstream.is_asked(question));
  }
}

TEST_CASE("dns cache: an answer with a TTL of 0 goes to all who wait for it and is not kept", "[dns]") {
  for (const auto& answer : {text_answer(0s), dns::make_empty_answer(Status::no_such_name, 0s)}) {
    Fixture f;
    f.ask(question);
    f.ask(question);
    CHECK(f.upstream.held() == 1);
    f.upstream.answer(question, answer);
    CHECK(f.calls == 2);
    f.ask(question);
    CHECK(f.upstream.held() == 1);
    CHECK(f.cache.counters().entries == 0);
  }
}

TEST_CASE("dns cache: what is kept is at hand until its time is over", "[dns]") {
  Fixture f;
  CHECK(f.cache.at_hand(question) == nullptr);
  f.ask(question);
  CHECK(f.cache.at_hand(question) == nullptr);  // it is out
  const auto answer = text_answer(60s);
  f.upstream.answer(question, answer);
  CHECK(f.cache.at_hand(question) == answer);
  CHECK(f.cache.counters().questions == 2);  // what was not at hand is counted when it is asked
  CHECK(f.cache.counters().hits == 1);
  f.now += 60s;
  CHECK(f.cache.at_hand(question) == nullptr);
  CHECK(f.upstream.held() == 0);
  f.ask(question);
  f.upstream.answer(question, text_answer(0s));
  CHECK(f.cache.at_hand(question) == nullptr);
}

TEST_CASE("dns cache: the same name and another type is another question", "[dns]") {
  Fixture f;
  f.ask(question);
  f.ask(dns::ask_for("example.org", Type::mx));
  CHECK(f.upstream.held() == 2);
}

TEST_CASE("dns cache: failures are not kept when so asked", "[dns]") {
  HeldResolver upstream;
  CachingResolver::Options options;
  options.failure_ttl = 0s;
  CachingResolver cache(upstream, options);
  const auto ignore = [](const dns::AnswerPtr&) {};
  cache.start(question, ignore);
  upstream.answer(question, dns::make_empty_answer(Status::timeout));
  cache.start(question, ignore);
  CHECK(upstream.held() == 1);
}

TEST_CASE("dns cache: the counters tell what happened", "[dns]") {
  Fixture f;
  f.ask(question);
  f.ask(question);
  f.upstream.answer(question, text_answer(60s));
  f.ask(question);
  const auto counters = f.cache.counters();
  CHECK(counters.questions == 3);
  CHECK(counters.upstream == 1);
  CHECK(counters.shared == 1);
  CHECK(counters.hits == 1);
  CHECK(counters.entries == 1);
  CHECK(counters.octets > 100);
  CHECK(counters.evictions == 0);
}

TEST_CASE("dns cache: beyond its room the least recently used answer goes", "[dns][limits]") {
  HeldResolver upstream;
  CachingResolver::Options options;
  options.max_octets = 100000;
  CachingResolver cache(upstream, options);
  unsigned hits = 0;
  const auto ask = [&](unsigned number, bool answers) {
    const auto q = dns::ask_for("n" + std::to_string(number), Type::txt);
    cache.start(q, [&](const dns::AnswerPtr&) { ++hits; });
    if (answers && upstream.is_asked(q)) upstream.answer(q, text_answer(60s, std::string(10000, 'x')));
  };
  for (unsigned i = 0; i < 50; ++i) {
    ask(i, true);
    if (i % 2 == 0)
      ask(0, true);  // in use all the time
    else
      CHECK(cache.at_hand(dns::ask_for("n0", Type::txt)));  // which is use, too
    CHECK(cache.counters().octets <= options.max_octets);
  }
  CHECK(cache.counters().entries == 9);
  CHECK(cache.counters().evictions == 41);
  CHECK(cache.counters().upstream == 50);  // the first was never thrown out
  hits = 0;
  ask(1, false);
  CHECK(hits == 0);
  ask(49, false);
  CHECK(hits == 1);
}

TEST_CASE("dns cache: an answer larger than the whole room is given and not kept", "[dns][limits]") {
  HeldResolver upstream;
  CachingResolver::Options options;
  options.max_octets = 1000;
  CachingResolver cache(upstream, options);
  bool called = false;
  cache.start(question, [&](const dns::AnswerPtr&) { called = true; });
  upstream.answer(question, text_answer(60s, std::string(2000, 'x')));
  CHECK(called);
  CHECK(cache.counters().octets == 0);
}

TEST_CASE("dns cache: what is made of an answer takes room, too", "[dns][limits]") {
  struct Derived {
    [[nodiscard]] std::size_t octets() const { return 50000; }
  };
  HeldResolver upstream;
  CachingResolver::Options options;
  options.max_octets = 100000;
  CachingResolver cache(upstream, options);
  const auto ask = [&](const std::string& name, bool derives) {
    cache.start(dns::ask_for(name, Type::txt), [=](const dns::AnswerPtr& answer) {
      if (derives) static_cast<void>(answer->derived<Derived>([](const dns::Answer&) { return Derived{}; }));
    });
    if (upstream.is_asked(dns::ask_for(name, Type::txt))) upstream.answer(dns::ask_for(name, Type::txt), text_answer(60s));
  };
  ask("first", true);  // counted when the callback is done
  CHECK(cache.counters().octets > 50000);
  ask("second", false);
  ask("second", true);  // from memory: counted at the next hit
  CHECK(cache.counters().entries == 2);
  ask("second", false);
  CHECK(cache.counters().entries == 1);
  CHECK(cache.counters().evictions == 1);
  CHECK(cache.counters().octets <= options.max_octets);
}

TEST_CASE("dns cache: a callback may ask again", "[dns]") {
  Fixture f;
  f.cache.start(question, [&](const dns::AnswerPtr&) {
    f.ask(question);  // kept by now
    f.ask(dns::ask_for("other.org", Type::txt));
  });
  f.upstream.answer(question, text_answer(60s));
  CHECK(f.calls == 1);
  CHECK(f.upstream.held() == 1);
}

TEST_CASE("dns cache: questions out when the cache goes are answered still", "[dns]") {
  HeldResolver upstream;
  bool called = false;
  {
    CachingResolver cache(upstream, {});
    cache.start(question, [&](const dns::AnswerPtr&) { called = true; });
  }
  upstream.answer(question, text_answer(60s));
  CHECK(called);
}

TEST_CASE("dns cache: many threads are each answered once", "[dns]") {
  class AtOnce final : public dns::Resolver {
   public:
    void start(const Question&, Callback done) override { done(text_answer(1s, std::string(500, 'x'))); }
  };
  AtOnce upstream;
  CachingResolver::Options options;
  options.max_octets = 20000;  // much is thrown out
  CachingResolver cache(upstream, options);
  constexpr unsigned thread_count = 4, questions = 5000;
  std::atomic<unsigned> answered = 0;
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < thread_count; ++t)
    threads.emplace_back([&, t] {
      for (unsigned i = 0; i < questions; ++i)
        cache.start(dns::ask_for("n" + std::to_string((i * (t + 1)) % 100), Type::txt),
                    [&](const dns::AnswerPtr&) { ++answered; });
    });
  for (auto& thread : threads) thread.join();
  CHECK(answered == thread_count * questions);
  const auto counters = cache.counters();
  CHECK(counters.hits + counters.shared + counters.upstream == counters.questions);
  CHECK(counters.octets <= options.max_octets);
}
