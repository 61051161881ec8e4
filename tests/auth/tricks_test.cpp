// Forgers' tricks, whole messages through auth/. The forger owns evil.example: SPF and DKIM pass for it, and it publishes
// p=none. He wants a message that shows bank.example to a reader and is accepted with dmarc=pass.
#include <catch2/catch.hpp>

#include "message/authentication_results.hpp"
#include "tests/auth/world.hpp"

namespace {

using test::signed_by;
using test::World;
using namespace std::string_view_literals;

struct Forger : World {
  Forger() {
    come_from("203.0.113.9", "<x@evil.example>");
    envelope.connection.helo = "mail.evil.example";
    dns.txt("evil.example", {"v=spf1 ip4:203.0.113.9 -all"});
    dns.txt("_dmarc.evil.example", {"v=DMARC1; p=none"});
    dns.txt("s._domainkey.evil.example", {"v=DKIM1; k=ed25519; p=" + test::test_key().public_key().record_value()});
  }

  auth::Report send(std::string_view fields) {
    return run(signed_by("evil.example", std::string(fields) + "Subject: invoice\r\n\r\nPay now.\r\n"));
  }
};

struct Row {
  std::string_view fields, reason;
};

const std::string from = "From: ";

}  // namespace

TEST_CASE("tricks: the forger's own mail passes, and the bank's name in plain sight is refused", "[auth][hostile]") {
  Forger forger;
  CHECK(forger.send("From: x@evil.example\r\n").disposition.reason == "dmarc-pass");
  CHECK(forger.send("From: ceo@bank.example\r\n").disposition.reason == "dmarc-reject");
}

TEST_CASE("tricks: a From field that shows two authors is refused", "[auth][hostile]") {
  const Row rows[] = {
      {"From: x@evil.example\r\nFrom: ceo@bank.example\r\n", "from-several-fields"},
      {"From: ceo@bank.example\r\nFrom: x@evil.example\r\n", "from-several-fields"},
      {"From: x@evil.example\r\nFROM : ceo@bank.example\r\n", "from-several-fields"},  // a blank before the colon
      {"From\t: ceo@bank.example\r\nFrom: x@evil.example\r\n", "from-several-fields"},
      {"From: ceo@bank.example <x@evil.example>\r\n", "from-unparsable"},
      {"From: <ceo@bank.example> <x@evil.example>\r\n", "from-unparsable"},
      {"From: <x@evil.example <ceo@bank.example>>\r\n", "from-unparsable"},
      {"From: <x@evil.example\r\n", "from-unparsable"},
      {"From: x@evil.example>\r\n", "from-unparsable"},
      {"From: \"ceo@bank.example\\\" <x@evil.example>\r\n", "from-unparsable"},
      {"From: ceo@bank.example\\, <x@evil.example>\r\n", "from-unparsable"},
      {"From: =?utf-8?Q?ceo=40bank.example?=\r\n", "from-unparsable"},
      {"From: =?utf-8?Q?ceo?=@bank.example\r\n", "from-unparsable"},
      {"From: ceo@bank.example\0<x@evil.example>\r\n"sv, "from-unparsable"},
      {"From: ceo@bank.example\0.evil.example\r\n"sv, "from-unparsable"},
      {"From: ceo@[192.0.2.1]\r\n", "from-unparsable"},
      {"From: ceo@bank.example.\r\n", "from-unparsable"},
      {"From: (ceo@bank.example\r\n", "from-unparsable"},
      {"From:\r\n", "from-no-address"},
      {"X-From: x@evil.example\r\n", "from-missing"},
  };
  Forger forger;
  for (const Row& row : rows) {
    CAPTURE(std::string(row.fields));
    const auto report = forger.send(row.fields);
    CHECK(report.disposition.reason == row.reason);
    CHECK(report.disposition.action == auth::Action::reject);
  }
}

TEST_CASE("tricks: however the bank's domain is written, its policy applies", "[auth][hostile]") {
  const std::string_view values[] = {
      "ceo@bank.example",
      "CEO@BANK.Example",
      "<ceo@bank\xe3\x80\x82"
      "example>",  // U+3002
      "ceo@bank\xef\xbc\x8e"
      "example",  // U+FF0E
      "ceo@bank\xef\xbd\xa1"
      "example",  // U+FF61
      "ceo@\xef\xbd\x82"
      "ank.example",  // a full-width letter
      "ceo@bank . example",
      "ceo@bank(x@evil.example).example",
      "(x@evil.example) ceo@bank.example (<x@evil.example>)",
      "\"x@evil.example\" <ceo@bank.example>",
      "\"x@evil.example\\\"\" <ceo@bank.example>",
      "<@evil.example:ceo@bank.example>",
      "\"x@evil.example,\"@bank.example",
      "\"x\\,x@evil.example\"@bank.example",
      "=?utf-8?Q?x=40evil.example?= <ceo@bank.example>",
      "Team: ceo@bank.example;",
      "ceo@bank.example, chair@bank.example",
      "x@evil.example, ceo@bank.example",
      "ceo@bank.example, x@evil.example",
      "Team: x@evil.example, ceo@bank.example;",
      "nobody:; , ceo@bank.example",
      "ceo@sub.bank.example",
      "ceo\r\n @bank.example",
  };
  Forger forger;
  for (const auto value : values) {
    CAPTURE(std::string(value));
    const auto report = forger.send(from + std::string(value) + "\r\n");
    CHECK(report.disposition.reason == "dmarc-reject");
    REQUIRE(report.dmarc);
    CHECK(report.dmarc->policy_domain == test::domain("bank.example"));
  }
}

TEST_CASE("tricks: what only looks like the bank is the forger's own", "[auth][hostile]") {
  const std::string_view values[] = {
      "\"ceo@bank.example\" <x@evil.example>", "(ceo@bank.example) x@evil.example",
      "\"ceo@bank.example\"@evil.example",     "=?utf-8?Q?ceo=40bank.example?= <x@evil.example>",
      "ceo=bank.example@evil.example",         "Bank: x@evil.example;",
  };
  Forger forger;
  for (const auto value : values) {
    CAPTURE(std::string(value));
    const auto report = forger.send(from + std::string(value) + "\r\n");
    CHECK(report.disposition.reason == "dmarc-pass");
    CHECK(report.dmarc->author == test::domain("evil.example"));
  }
}

TEST_CASE("tricks: a very long From is read to its end or refused, never cut", "[auth][hostile]") {
  Forger forger;
  const auto send = [&](std::size_t octets) {
    return forger.run("From: \"" + std::string(octets, 'x') + "\"\r\n <ceo@bank.example>\r\n\r\nhi\r\n").disposition;
  };
  CHECK(send(60000).reason == "dmarc-reject");
  CHECK(send(70000).reason == "from-unparsable");
  CHECK(send(70000).action == auth::Action::reject);
}

TEST_CASE("tricks: a one-letter domain is asked by its own name, not by its parent's", "[auth][hostile]") {
  Forger forger;
  forger.dns.txt("_dmarc.x.example", {"v=DMARC1; p=reject"});
  forger.dns.txt("_dmarc.example", {"v=DMARC1; p=none; psd=y"});
  const auto report = forger.send("From: ceo@x.example\r\n");
  CHECK(report.disposition.reason == "dmarc-reject");
  CHECK(report.dmarc->organizational_domain == test::domain("x.example"));
}

TEST_CASE("tricks: results that claim to be ours are taken out, however they are written", "[auth][hostile]") {
  const std::string_view values[] = {
      "mx.receiver.example; dmarc=pass",
      "MX.Receiver.EXAMPLE; dmarc=pass",
      "mx.receiver.example.; dmarc=pass",
      "mx.receiver.example 1; dmarc=pass",
      "mx.receiver.example/1; dmarc=pass",
      "\"mx.receiver.example\"; dmarc=pass",
      "\"mx.\\receiver.example\"; dmarc=pass",
      "(our own) mx.receiver.example (really); dmarc=pass",
      "(mx.other.example) mx.receiver.example; dmarc=pass",
      "\r\n\tmx.receiver.example;\r\n\tdmarc=pass",
      "mx.receiver.example",
      "mx.receiver.example dmarc=pass",
      "mx.receiver.example; ((((",
      "mx.receiver.example; =pass; \x80\xff",
  };
  World world;
  for (const auto value : values) {
    CAPTURE(std::string(value));
    const std::string field = "Authentication-Results: " + std::string(value) + "\r\n";
    const auto one = world.run(field + test::plain);
    REQUIRE(one.changes.size() == 2);
    CHECK(one.changes[0].kind == auth::Change::Kind::delete_field);
    const auto three = world.run(field + "Authentication-Results: other.example; dmarc=pass\r\n" + field + field + test::plain);
    REQUIRE(three.changes.size() == 4);
    CHECK(three.changes[0].instance == 4);
    CHECK(three.changes[1].instance == 3);
    CHECK(three.changes[2].instance == 1);
  }
}

TEST_CASE("tricks: fields of others, and those of another name, are left alone", "[auth][hostile]") {
  const std::string_view fields[] = {
      "X-Authentication-Results: mx.receiver.example; dmarc=pass\r\n",
      "ARC-Authentication-Results: i=1; mx.receiver.example; dmarc=pass\r\n",
      "Authentication-Results: mx.receiver.example.evil.example; dmarc=pass\r\n",
      "Authentication-Results: amx.receiver.example; dmarc=pass\r\n",
      "Authentication-Results: (mx.receiver.example) other.example; dmarc=pass\r\n",
  };
  World world;
  for (const auto field : fields) {
    CAPTURE(std::string(field));
    CHECK(world.run(std::string(field) + test::plain).changes.size() == 1);
  }
}

TEST_CASE("tricks: names and texts of the forger add no result and no line to our field", "[auth][hostile]") {
  Forger forger;
  forger.envelope.connection.helo = "x; dmarc=pass header.from=bank.example";
  forger.come_from("203.0.113.9", "<\"a; dmarc=pass (\\\"\"@evil.example>");
  forger.dns.txt("evil.example", {"v=spf1 exists:%{l}.evil.example -all;dmarc=pass\r\nX-Evil: 1"});
  const auto report = forger.run(
      "DKIM-Signature: v=1; a=rsa-sha256; d=evil.example; s=\"x;dmarc=pass; h=from; bh=AA==; b=AA==\r\n"
      "From: ceo@bank.example\r\n\r\nhi\r\n");
  const auto results = message::parse_authentication_results(report.authentication_results);
  REQUIRE(results);
  for (const auto& result : results->results)
    if (result.method == "dmarc") CHECK(result.result == "fail");
  CHECK(results->results.size() == 4);
  CHECK(report.authentication_results.find("X-Evil") == std::string::npos);
}
