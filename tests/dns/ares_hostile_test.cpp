// Answers that somebody else sent, that are cut, too large or go round in circles, and servers that fail.

#include <atomic>
#include <thread>

#include "dns/message.hpp"
#include "tests/dns/asking.hpp"

using dns::AresResolver;
using dns::Status;
using dns::Type;
using namespace std::chrono_literals;
using namespace test;

namespace {

base::NullLog silence;

const auto dropped = [](DnsReply& reply, const DnsServer::Request&) { reply.is_dropped = true; };

DnsServer::Handler failing(unsigned code) {
  return always([code](DnsReply& reply, const DnsServer::Request&) { reply.message.code = code; });
}

/// "big.org" is cut by UDP and by TCP as `trouble` makes it.
DnsServer::Handler cut_short(const std::function<void(DnsReply&)>& trouble) {
  return always([trouble](DnsReply& reply, const DnsServer::Request& request) {
    if (request.question.name != "big.org") return;
    reply.wants_tcp = true;
    if (request.is_tcp) trouble(reply);
  });
}

Status ask_once(const AresResolver::Options& options) {
  AresResolver resolver(options, silence);
  return ask(resolver, dns::ask_for("a.org", Type::a))->status;
}

class KeptLog final : public base::Log {
 public:
  void write(base::LogLevel, base::LogComponent, std::string_view line, const base::LogFields&) noexcept override {
    const std::lock_guard lock(mutex_);
    lines_.emplace_back(line);
  }
  /// Of debug each question is a line.
  [[nodiscard]] bool wants(base::LogLevel level, base::LogComponent) const noexcept override {
    return level != base::LogLevel::debug;
  }
  [[nodiscard]] std::vector<std::string> lines() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

}  // namespace

TEST_CASE("ares resolver: an answer from another port or address is not looked at, whatever its id", "[dns][hostile]") {
  DnsServer server(always([](DnsReply& reply, const DnsServer::Request& request) {
    reply.spoofed = DnsMessage{};
    reply.spoofed->answers = {address_record(request.question.name, "203.0.113.66")};
    reply.is_dropped = request.question.name == "lost.org";
    reply.delay = 20ms;
  }));
  AresResolver resolver(options_for(server), silence);
  const auto answer = ask(resolver, dns::ask_for("good.org", Type::a));
  REQUIRE(answer->status == Status::ok);
  CHECK(answer->addresses == std::vector{base::IpAddress::parse("192.0.2.1").value()});
  CHECK(ask(resolver, dns::ask_for("lost.org", Type::a))->status == Status::timeout);
}

TEST_CASE("ares resolver: a UDP answer larger than anybody asked for is malformed", "[dns][hostile]") {
  DnsServer server(always([](DnsReply& reply, const DnsServer::Request& request) {
    if (request.question.name == "large.org") reply.message.answers.assign(300, address_record("large.org", "192.0.2.1"));
  }));
  AresResolver resolver(options_for(server), silence);
  CHECK(ask(resolver, dns::ask_for("large.org", Type::a))->status == Status::malformed);
  CHECK(ask(resolver, dns::ask_for("good.org", Type::a))->status == Status::ok);
}

TEST_CASE("ares resolver: loops of pointers and of CNAMEs on the wire are malformed", "[dns][hostile]") {
  DnsServer server([](const DnsServer::Request& request) {
    const std::string& name = request.question.name;
    DnsReply reply;
    if (name == "pointer.org") {
      reply.raw = encode_response(request.question, address_reply(request.question).message);
      reply.raw->replace(12 + name.size() + 2 + 4, 2, "\xc0" + std::string(1, static_cast<char>(12 + name.size() + 2 + 4)));
    }
    if (name == "one.org") reply.message.answers = {name_record(name, Type::cname, name)};
    if (name == "two.org")
      reply.message.answers = {name_record(name, Type::cname, "b.org"), name_record("b.org", Type::cname, name)};
    const std::size_t length = name == "nine.org" ? dns::max_cname_chain + 1 : name == "eight.org" ? dns::max_cname_chain : 0;
    std::string last = name;
    for (std::size_t i = 0; i < length; ++i) {
      const std::string next = "c" + std::to_string(i) + ".org";
      reply.message.answers.push_back(name_record(last, Type::cname, next));
      last = next;
    }
    if (length != 0) reply.message.answers.push_back(address_record(last, "192.0.2.1"));
    return reply;
  });
  AresResolver resolver(options_for(server), silence);
  for (const char* name : {"pointer.org", "one.org", "two.org", "nine.org"}) {
    CAPTURE(name);
    CHECK(ask(resolver, dns::ask_for(name, Type::a))->status == Status::malformed);
  }
  CHECK(ask(resolver, dns::ask_for("eight.org", Type::a))->status == Status::ok);
}

TEST_CASE("ares resolver: SERVFAIL and REFUSED pass to the next server, and of all are a server failure", "[dns][hostile]") {
  DnsServer good(always(unchanged));
  for (const unsigned code : {2U, 4U, 5U}) {
    CAPTURE(code);
    DnsServer first(failing(code)), second(failing(code));
    AresResolver::Options options = options_for(first);
    CHECK(ask_once(options) == Status::server_failure);
    CHECK(first.request_count() == 1);  // not asked again what it has answered
    options.servers.push_back(good.address());
    CHECK(ask_once(options) == Status::ok);
    options.servers.back() = second.address();
    CHECK(ask_once(options) == Status::server_failure);
  }
}

TEST_CASE("ares resolver: a truncated answer whose TCP fails is a failure, and others go on", "[dns][hostile]") {
  const auto fails = [](DnsServer& server) {
    AresResolver resolver(options_for(server), silence);
    CHECK(dns::is_failure(ask(resolver, dns::ask_for("big.org", Type::a))->status));
    CHECK(ask(resolver, dns::ask_for("good.org", Type::a))->status == Status::ok);
  };
  for (const std::size_t octets : {0U, 1U, 2U, 3U, 20U}) {
    CAPTURE(octets);
    DnsServer server(cut_short([octets](DnsReply& reply) { reply.tcp_octets = octets; }));
    fails(server);
  }
  DnsServer stalled(cut_short([](DnsReply& reply) { reply.is_dropped = true; }));
  fails(stalled);
  DnsServer refusing(cut_short([](DnsReply&) {}), 0, DnsServer::Transports::udp_only);
  fails(refusing);
  DnsServer insisting(cut_short([](DnsReply& reply) { reply.message.is_truncated = true; }));
  fails(insisting);
}

TEST_CASE("ares resolver: the largest answer that TCP can carry is read", "[dns][hostile]") {
  DnsServer server(always([](DnsReply& reply, const DnsServer::Request& request) {
    reply.wants_tcp = true;
    reply.message.answers.assign(240, txt_record(request.question.name, {std::string(248, 'x')}));
    const std::size_t used = encode_response(request.question, reply.message).size();
    const std::size_t left = 65535 - used - encode_name(request.question.name).size() - 10;
    std::vector<std::string> filling(left / 256, std::string(255, 'y'));
    if (left % 256 != 0) filling.emplace_back(left % 256 - 1, 'z');
    reply.message.answers.push_back(txt_record(request.question.name, filling));
  }));
  AresResolver resolver(options_for(server), silence);
  const auto answer = ask(resolver, dns::ask_for("giant.org", Type::txt));
  REQUIRE(answer->status == Status::ok);
  CHECK(answer->texts.size() == 241);
}

// c-ares asks without EDNS from then on, and so with UDP answers of 512 octets at most.
TEST_CASE("ares resolver: after a FORMERR long answers still come, by TCP", "[dns][hostile]") {
  DnsServer server(always([](DnsReply& reply, const DnsServer::Request& request) {
    if (request.number == 0) reply.message.code = 1;
    if (request.question.name != "big.org") return;
    reply.wants_tcp = true;
    reply.message.answers.assign(100, txt_record("big.org", {std::string(255, 'x')}));
  }));
  AresResolver resolver(options_for(server), silence);
  CHECK(ask(resolver, dns::ask_for("first.org", Type::a))->status == Status::ok);
  const auto answer = ask(resolver, dns::ask_for("big.org", Type::txt));
  REQUIRE(answer->status == Status::ok);
  CHECK(answer->texts.size() == 100);
}

TEST_CASE("ares resolver: a silent first server is asked last, until it answers again", "[dns][hostile]") {
  std::atomic<bool> is_silent = true;
  DnsServer first(always([&](DnsReply& reply, const DnsServer::Request&) { reply.is_dropped = is_silent; }));
  DnsServer second(always(unchanged));
  AresResolver::Options options = options_for(first);
  options.servers.push_back(second.address());
  options.look_again = 50ms;
  KeptLog log;
  AresResolver resolver(options, log);
  const auto ask_one = [&] { CHECK(ask(resolver, dns::ask_for("a.org", Type::a))->status == Status::ok); };
  for (int i = 0; i < 2; ++i) ask_one();
  const auto before = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) ask_one();
  CHECK(std::chrono::steady_clock::now() - before < 1s);  // each would have waited 100 ms
  is_silent = false;
  for (int i = 0; i < 100 && log.lines().size() < 2; ++i) {
    ask_one();
    std::this_thread::sleep_for(10ms);
  }
  REQUIRE(log.lines().size() == 2);
  CHECK(log.lines()[0] == first.address() + " is silent, " + second.address() + " is asked first");
  CHECK(log.lines()[1] == first.address() + " answers again");
  const unsigned asked_second = second.request_count();
  for (int i = 0; i < 20; ++i) ask_one();
  CHECK(second.request_count() == asked_second);
}

TEST_CASE("ares resolver: where all servers are silent none is passed over", "[dns][hostile]") {
  DnsServer first(always(dropped)), second(always(dropped));
  AresResolver::Options options = options_for(first);
  options.servers.push_back(second.address());
  options.timeout = 10ms;
  KeptLog log;
  AresResolver resolver(options, log);
  for (int i = 0; i < 5; ++i) CHECK(ask(resolver, dns::ask_for("a.org", Type::a))->status == Status::timeout);
  CHECK(log.lines().empty());
}
