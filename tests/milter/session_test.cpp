// The session as the milter protocol drives it, without libmilter.
#include "milter/session.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <stdexcept>
#include <vector>

#include "tests/support/borrowed_setup.hpp"
#include "tests/support/map_resolver.hpp"

namespace {

class KeepLog final : public base::Log {
 public:
  void write(base::LogLevel, base::LogComponent component, std::string_view text,
             const base::LogFields& fields) noexcept override {
    lines.push_back(base::text_line(component, text, fields));
  }
  std::vector<std::string> lines;
};

/// A resolver that fails the way no resolver should: by throwing.
class ThrowingResolver final : public dns::Resolver {
 public:
  void start(const dns::Question&, Callback) override { throw std::bad_alloc(); }
};

struct World {
  explicit World(dns::Resolver& resolver, auth::Options options = {})
      : service{log, [] { return base::UnixTime{std::chrono::seconds{1790000000}}; }, [] { return 0U; },
                milter::SetupInForce(test::borrowed_setup(resolver, std::move(options)))},
        session(service) {
    auth::Connection connection;
    connection.client = base::IpAddress::parse("192.0.2.1").value();
    connection.mta_name = "mx.receiver.example";
    session.connect(connection);
    session.helo("mail.sender.example");
  }

  auth::Report message(std::string_view from_field, std::string_view queue_id = "Q1") {
    session.mail("<a@sender.example>", false, "");
    session.header("From", from_field);
    session.end_of_header();
    session.body("hello\r\n");
    return session.end_of_message(queue_id);
  }

  KeepLog log;
  milter::Service service;
  milter::Session session;
};

}  // namespace

TEST_CASE("session: several messages on one connection do not mix", "[milter]") {
  test::MapResolver dns;
  dns.txt("sender.example", {"v=spf1 ip4:192.0.2.1 -all"});
  dns.txt("_dmarc.sender.example", {"v=DMARC1; p=reject"});
  dns.txt("_dmarc.bank.example", {"v=DMARC1; p=reject"});
  World world(dns);
  CHECK(world.message(" a@sender.example", "Q1").disposition.action == auth::Action::accept);
  CHECK(world.message(" a@bank.example", "Q2").disposition.action == auth::Action::reject);
  CHECK(world.message(" a@sender.example", "Q3").disposition.action == auth::Action::accept);
  REQUIRE(world.log.lines.size() == 3);
  CHECK(world.log.lines[1].starts_with("qid=Q2 "));
  CHECK(world.service.messages == 0);
  CHECK(world.service.sessions == 1);
}

TEST_CASE("session: an aborted message leaves nothing behind", "[milter]") {
  test::MapResolver dns;
  World world(dns);
  world.session.mail("<a@sender.example>", false, "");
  world.session.header("From", " one@sender.example");
  CHECK(world.service.messages == 1);
  world.session.abort();
  CHECK(world.service.messages == 0);
  CHECK(world.message(" two@sender.example").author.status == message::AuthorStatus::ok);  // not two From fields
}

TEST_CASE("session: a second MAIL FROM drops the message before it", "[milter]") {
  test::MapResolver dns;
  World world(dns);
  world.session.mail("<a@sender.example>", false, "");
  world.session.mail("<b@sender.example>", false, "");
  CHECK(world.service.messages == 1);
}

TEST_CASE("session: events out of order do nothing harmful", "[milter]") {
  test::MapResolver dns;
  World world(dns);
  world.session.header("From", " a@sender.example");
  world.session.end_of_header();
  world.session.body("x");
  world.session.abort();
  CHECK(world.session.end_of_message("Q").disposition.reason == "internal-error");  // no MAIL FROM: nothing to judge
  world.session.mail("<a@sender.example>", false, "");
  world.session.header("From", " a@sender.example");
  world.session.end_of_header();
  world.session.header("From", " late@sender.example");
  world.session.end_of_header();
  CHECK(world.session.end_of_message("Q").author.status == message::AuthorStatus::ok);
}

TEST_CASE("session: a body ends the header where the MTA did not", "[milter]") {
  test::MapResolver dns;
  World world(dns);
  world.session.mail("<a@sender.example>", false, "");
  world.session.header("From", " a@sender.example");
  world.session.body("hello\r\n");
  const auto& asked = dns.asked();  // for the policy when the header is over
  CHECK(std::count(asked.begin(), asked.end(), dns::ask_for("_dmarc.sender.example", dns::Type::txt)) == 1);
  world.session.header("From", " late@sender.example");
  CHECK(world.session.end_of_message("Q").author.status == message::AuthorStatus::ok);
}

TEST_CASE("session: a fault of ours gives the configured fallback, and the next message is judged again", "[milter]") {
  test::MapResolver dns;
  auth::Options accept;
  accept.defer_on_internal_error = false;
  World world(dns, accept);
  world.session.mail("<a@sender.example>", false, "");
  world.session.fault("header", "std::bad_alloc\n");
  const auto report = world.session.end_of_message("Q1");
  CHECK(report.disposition.action == auth::Action::accept);
  CHECK(report.disposition.reason == "internal-error");
  CHECK(world.log.lines.front() == "milter: internal error callback=header what=std::bad_alloc\\x0a");
  CHECK(world.message(" a@sender.example").disposition.reason == "dmarc-none");
}

TEST_CASE("session: what a resolver throws reaches the caller, not the terminate handler", "[milter]") {
  ThrowingResolver dns;
  World world(dns);
  CHECK_THROWS_AS(world.message(" a@sender.example"), std::bad_alloc);
  world.session.fault("end of message", "std::bad_alloc");
  CHECK(world.session.end_of_message("Q").disposition.action == auth::Action::defer);
}

TEST_CASE("session: monitor mode accepts even when we fail", "[milter]") {
  test::MapResolver dns;
  auth::Options monitor;
  monitor.is_monitor = true;
  World world(dns, monitor);
  world.session.mail("<a@sender.example>", false, "");
  world.session.fault("body", "x");
  CHECK(auth::action_to_take(world.session.end_of_message("Q")) == auth::Action::accept);
}

TEST_CASE("session: a message ends under what it began with, the next one has what is in force then", "[milter]") {
  test::MapResolver first, second;
  first.txt("_dmarc.sender.example", {"v=DMARC1; p=reject"});
  World world(first);
  world.session.mail("<a@sender.example>", false, "");
  world.session.header("From", " a@sender.example");
  auth::Options monitor;
  monitor.is_monitor = true;
  world.service.setup.replace(test::borrowed_setup(second, monitor));
  const auto report = world.session.end_of_message("Q1");
  CHECK(report.disposition.reason == "dmarc-reject");
  CHECK_FALSE(report.is_monitor);
  CHECK(second.asked().empty());
  const auto next = world.message(" a@sender.example");
  CHECK(next.disposition.reason == "dmarc-none");
  CHECK(next.is_monitor);
}

TEST_CASE("session: nothing of a setup that was replaced is kept beyond its last message", "[milter]") {
  test::MapResolver dns;
  World world(dns);
  const std::weak_ptr<const milter::Setup> old = world.service.setup.take();
  world.session.mail("<a@sender.example>", false, "");
  world.service.setup.replace(test::borrowed_setup(dns, {}));
  CHECK_FALSE(old.expired());
  SECTION("at its end") { static_cast<void>(world.session.end_of_message("Q")); }
  SECTION("when it is aborted") { world.session.abort(); }
  SECTION("when another begins") { world.session.mail("<b@sender.example>", false, ""); }
  CHECK(old.expired());
}

TEST_CASE("session: a fault's fallback is that of the setup the message began with", "[milter]") {
  test::MapResolver dns;
  auth::Options accept;
  accept.defer_on_internal_error = false;
  World world(dns, accept);
  world.session.mail("<a@sender.example>", false, "");
  world.service.setup.replace(test::borrowed_setup(dns, {}));
  world.session.fault("header", "x");
  CHECK(world.session.end_of_message("Q1").disposition.action == auth::Action::accept);
  CHECK(world.session.end_of_message("Q2").disposition.action == auth::Action::defer);  // no message: what is in force
}
