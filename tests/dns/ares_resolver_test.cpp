#include "dns/ares_resolver.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <atomic>
#include <mutex>
#include <set>
#include <stdexcept>

#include "dns/zone_file.hpp"
#include "tests/dns/asking.hpp"

using dns::AresResolver;
using dns::Status;
using dns::Type;
using namespace std::chrono_literals;
using namespace test;

namespace {

base::NullLog silence;

}  // namespace

TEST_CASE("ares resolver: a question is answered, whatever octets its name holds", "[dns]") {
  std::mutex mutex;
  std::vector<std::string> seen;
  DnsServer server(always([&](DnsReply&, const DnsServer::Request& request) {
    const std::lock_guard lock(mutex);
    seen.push_back(request.question.name);
  }));
  AresResolver resolver(options_for(server), silence);
  const std::vector<std::string> names = {"example.org", "_dmarc.example.org", "a\\b.\"(@;$ \x7f\xff\x01.org",
                                          std::string(63, 'x') + "." + std::string(63, '\\') + ".org"};
  for (const auto& name : names) CHECK(ask(resolver, dns::ask_for(name, Type::a))->status == Status::ok);
  const std::lock_guard lock(mutex);
  CHECK(seen == names);
}

TEST_CASE("ares resolver: a name that cannot be sent does not exist", "[dns]") {
  DnsServer server(always(unchanged));
  AresResolver resolver(options_for(server), silence);
  for (const auto& name : {std::string(), std::string("a..b"), std::string(64, 'x'), std::string("a\0b", 3), std::string(".a"),
                           std::string("name.onion")}) {
    CAPTURE(name);
    CHECK(ask(resolver, {name, Type::a})->status == Status::no_such_name);
  }
  CHECK(server.request_count() == 0);
}

TEST_CASE("ares resolver: error codes are told apart", "[dns]") {
  struct Row {
    unsigned code;
    Status status;
  };
  const Row rows[] = {{0, Status::ok},           {1, Status::server_failure}, {2, Status::server_failure},
                      {3, Status::no_such_name}, {4, Status::server_failure}, {5, Status::server_failure}};
  for (const Row& row : rows) {
    CAPTURE(row.code);
    DnsServer server(always([&](DnsReply& reply, const DnsServer::Request&) { reply.message.code = row.code; }));
    AresResolver resolver(options_for(server), silence);
    CHECK(ask(resolver, dns::ask_for("example.org", Type::a))->status == row.status);
    CHECK(server.request_count() <= 2);  // 2: once more without EDNS after FORMERR
  }
}

TEST_CASE("ares resolver: no data, only a CNAME, and a negative TTL", "[dns]") {
  DnsServer server([](const DnsServer::Request& request) {
    DnsReply reply;
    reply.message.authority = {soa_record("org", 900, 120)};
    if (request.question.name == "alias.org") reply.message.answers = {name_record("alias.org", Type::cname, "b.org", 60)};
    return reply;
  });
  AresResolver resolver(options_for(server), silence);
  const auto empty = ask(resolver, dns::ask_for("empty.org", Type::txt));
  CHECK(empty->status == Status::no_data);
  CHECK(empty->ttl == 120s);
  CHECK(ask(resolver, dns::ask_for("alias.org", Type::txt))->ttl == 60s);
}

TEST_CASE("ares resolver: a truncated answer is fetched by TCP", "[dns][hostile]") {
  DnsServer server(always([](DnsReply& reply, const DnsServer::Request& request) {
    reply.wants_tcp = true;
    reply.message.answers.assign(200, txt_record(request.question.name, {std::string(255, 'x')}));  // more than 50 KiB
  }));
  AresResolver resolver(options_for(server), silence);
  const auto answer = ask(resolver, dns::ask_for("big.org", Type::txt));
  REQUIRE(answer->status == Status::ok);
  CHECK(answer->texts.size() == 200);
  CHECK(server.request_count() == 2);
}

TEST_CASE("ares resolver: an answer that never comes is a timeout after the given tries", "[dns]") {
  DnsServer server(always([](DnsReply& reply, const DnsServer::Request&) { reply.is_dropped = true; }));
  AresResolver resolver(options_for(server), silence);
  const auto before = std::chrono::steady_clock::now();
  CHECK(ask(resolver, dns::ask_for("lost.org", Type::a))->status == Status::timeout);
  const auto took = std::chrono::steady_clock::now() - before;
  CHECK(took > 250ms);
  CHECK(took < 3s);
  CHECK(server.request_count() == 2);
}

TEST_CASE("ares resolver: one lost answer is asked for again", "[dns][hostile]") {
  DnsServer server(always([](DnsReply& reply, const DnsServer::Request& request) { reply.is_dropped = request.number == 0; }));
  AresResolver resolver(options_for(server), silence);
  CHECK(ask(resolver, dns::ask_for("lost.org", Type::a))->status == Status::ok);
}

TEST_CASE("ares resolver: wrong ids, wrong questions, copies and late answers do no harm", "[dns][hostile]") {
  DnsServer server(always([](DnsReply& reply, const DnsServer::Request& request) {
    const std::string& name = request.question.name;
    reply.has_wrong_id = name == "id.org";
    reply.has_wrong_question = name == "question.org";
    reply.copies = name == "copies.org" ? 3 : 1;
    if (name == "late.org") reply.delay = 450ms;
  }));
  AresResolver resolver(options_for(server), silence);
  for (const char* name : {"id.org", "question.org", "copies.org", "good.org"}) {
    CAPTURE(name);
    CHECK(ask(resolver, dns::ask_for(name, Type::a))->status == Status::ok);
  }
  CHECK(ask(resolver, dns::ask_for("late.org", Type::a))->status == Status::timeout);
  const auto end = std::chrono::steady_clock::now() + 400ms;  // the late answers come in here
  while (std::chrono::steady_clock::now() < end) CHECK(ask(resolver, dns::ask_for("good.org", Type::a))->status == Status::ok);
}

TEST_CASE("ares resolver: only wrong ids are a timeout, and a response that is no answer is malformed", "[dns][hostile]") {
  DnsServer server(always([](DnsReply& reply, const DnsServer::Request& request) {
    reply.has_wrong_id = request.question.name == "id.org";
    reply.copies = request.question.name == "id.org" ? 0 : 1;
    if (request.question.name != "raw.org") return;
    reply.raw = encode_response(request.question, reply.message);
    reply.raw->pop_back();
  }));
  AresResolver resolver(options_for(server), silence);
  CHECK(ask(resolver, dns::ask_for("id.org", Type::a))->status == Status::timeout);
  CHECK(ask(resolver, dns::ask_for("raw.org", Type::a))->status == Status::malformed);
}

TEST_CASE("ares resolver: ten thousand names at once are all answered once, from several source ports", "[dns][limits]") {
  std::mutex mutex;
  std::set<std::uint16_t> ports;
  DnsServer server(always([&](DnsReply&, const DnsServer::Request& request) {
    const std::lock_guard lock(mutex);
    ports.insert(request.client_port);
  }));
  AresResolver::Options options = options_for(server);
  options.timeout = 1s;
  options.max_in_flight = 200;
  options.questions_per_channel = 1000;
  Answers answers;
  AresResolver resolver(options, silence);
  constexpr std::size_t count = 10000;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string name = "n" + std::to_string(i) + ".example.org";
    resolver.start(dns::ask_for(name, Type::a), answers.slot(name));
  }
  REQUIRE(answers.wait_for(count));
  std::size_t good = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto answer = answers.one("n" + std::to_string(i) + ".example.org");
    if (answer && answer->status == Status::ok) ++good;
  }
  CHECK(good == count);
  const std::lock_guard lock(mutex);
  CHECK(ports.size() >= 10);
}

TEST_CASE("ares resolver: questions beyond the line are a server failure at once", "[dns][limits]") {
  DnsServer server(always([](DnsReply& reply, const DnsServer::Request&) { reply.is_dropped = true; }));
  AresResolver::Options options = options_for(server);
  options.max_in_flight = 2;
  options.max_waiting = 3;
  Answers answers;
  AresResolver resolver(options, silence);
  for (int i = 0; i < 20; ++i) resolver.start(dns::ask_for("n.org", Type::a), answers.slot("n"));
  CHECK(answers.count() >= 15);  // answered inside start
  CHECK(answers.wait_for(20));
}

TEST_CASE("ares resolver: a dead server is noticed when it is back", "[dns][hostile]") {
  auto server = std::make_unique<DnsServer>(always(unchanged));
  const std::uint16_t port = server->port();
  AresResolver resolver(options_for(*server), silence);
  CHECK(ask(resolver, dns::ask_for("a.org", Type::a))->status == Status::ok);
  server.reset();
  for (int i = 0; i < 20; ++i) CHECK(dns::is_failure(ask(resolver, dns::ask_for("a.org", Type::a))->status));
  server = std::make_unique<DnsServer>(always(unchanged), port);
  CHECK(ask(resolver, dns::ask_for("a.org", Type::a))->status == Status::ok);
}

TEST_CASE("ares resolver: a server that is silent or refuses is passed over for the next", "[dns][hostile]") {
  DnsServer silent(always([](DnsReply& reply, const DnsServer::Request&) { reply.is_dropped = true; }));
  DnsServer refusing(always([](DnsReply& reply, const DnsServer::Request&) { reply.message.code = 5; }));
  DnsServer good(always(unchanged));
  for (const DnsServer* first : {&silent, &refusing}) {
    AresResolver::Options options = options_for(*first);
    options.servers.push_back(good.address());
    AresResolver resolver(options, silence);
    CHECK(ask(resolver, dns::ask_for("a.org", Type::a))->status == Status::ok);
  }
}

TEST_CASE("ares resolver: destruction calls every callback owed, and those may ask again", "[dns][hostile]") {
  DnsServer server(always([](DnsReply& reply, const DnsServer::Request&) { reply.is_dropped = true; }));
  AresResolver::Options options = options_for(server);
  options.timeout = 30s;
  options.max_in_flight = 5;
  std::atomic<unsigned> failed = 0;
  {
    AresResolver resolver(options, silence);
    for (int i = 0; i < 20; ++i)
      resolver.start(dns::ask_for("a.org", Type::a), [&](const dns::AnswerPtr& answer) {
        if (answer->status == Status::server_failure) ++failed;
        resolver.start(dns::ask_for("b.org", Type::a), [&](const dns::AnswerPtr& again) {
          if (again->status == Status::server_failure) ++failed;
        });
      });
  }
  CHECK(failed == 40);
}

TEST_CASE("ares resolver: a callback may ask again, and may throw", "[dns]") {
  DnsServer server(always(unchanged));
  AresResolver resolver(options_for(server), silence);
  Answers answers;
  resolver.start(dns::ask_for("a.org", Type::a), [&](const dns::AnswerPtr&) {
    resolver.start(dns::ask_for("b.org", Type::a), answers.slot("b"));
    throw std::runtime_error("thrown by a test");
  });
  REQUIRE(answers.wait_for(1));
  CHECK(answers.one("b")->status == Status::ok);
}

TEST_CASE("ares resolver: descriptors above 1,024 work", "[dns][hostile]") {
  rlimit limit{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  const rlimit before = limit;
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 4096);
  REQUIRE(setrlimit(RLIMIT_NOFILE, &limit) == 0);
  std::vector<int> taken;
  while (taken.empty() || taken.back() < 1100) {
    taken.push_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
    REQUIRE(taken.back() >= 0);
  }
  {
    DnsServer server(always(
        [](DnsReply& reply, const DnsServer::Request& request) { reply.wants_tcp = request.question.name == "big.org"; }));
    AresResolver resolver(options_for(server), silence);
    CHECK(ask(resolver, dns::ask_for("a.org", Type::a))->status == Status::ok);
    CHECK(ask(resolver, dns::ask_for("big.org", Type::a))->status == Status::ok);
  }
  for (const int descriptor : taken) close(descriptor);
  setrlimit(RLIMIT_NOFILE, &before);
}

TEST_CASE("ares resolver: a zone behind a real server answers as the zone itself", "[dns]") {
  const std::string text =
      "$ORIGIN example.org.\n$TTL 60\n@ TXT \"v=spf1 mx -all\"\n@ MX 10 mail\nmail A 192.0.2.1\nalias CNAME mail\n"
      "big TXT " +
      std::string(200, 'x') + "\nbig TXT " + std::string(250, 'y') + " " + std::string(250, 'z') + "\nbig TXT " +
      std::string(250, 'u') + " " + std::string(250, 'v') + " " + std::string(250, 'w') +
      "\n$FAIL lost A timeout\n$FAIL broken ANY servfail\nnull MX 0 .\n1 PTR mail\n";
  const dns::Zone zone = dns::parse_zone(text).value();
  DnsServer server(DnsServer::from_zone(zone));
  AresResolver resolver(options_for(server), silence);
  for (const char* name : {"example.org", "mail.example.org", "alias.example.org", "big.example.org", "lost.example.org",
                           "broken.example.org", "null.example.org", "1.example.org", "nothing.example.org"})
    for (const Type type : {Type::a, Type::txt, Type::mx, Type::ptr}) {
      CAPTURE(name, to_text(type));
      const auto got = ask(resolver, dns::ask_for(name, type));
      const auto expected = zone.look_up(dns::ask_for(name, type));
      CHECK(got->status == expected->status);
      CHECK(got->addresses == expected->addresses);
      CHECK(got->texts == expected->texts);
      CHECK(got->exchanges == expected->exchanges);
      CHECK(got->names == expected->names);
      CHECK(got->ttl == expected->ttl);
    }
}

TEST_CASE("ares resolver: options that make no sense are refused", "[dns]") {
  const auto refuses = [](const std::function<void(AresResolver::Options&)>& change) {
    AresResolver::Options options;
    change(options);
    CHECK_THROWS_AS(AresResolver(options, silence), std::invalid_argument);
  };
  refuses([](auto& o) { o.servers = {"localhost"}; });
  refuses([](auto& o) { o.timeout = 0ms; });
  refuses([](auto& o) { o.tries = 0; });
  refuses([](auto& o) { o.udp_octets = 511; });
  refuses([](auto& o) { o.max_in_flight = 0; });
  refuses([](auto& o) { o.questions_per_channel = 0; });
  refuses([](auto& o) { o.look_again = 0ms; });
}
