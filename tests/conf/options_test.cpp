#include "conf/options.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "conf/load.hpp"
#include "tests/conf/support.hpp"

namespace {

using conf_test::error_of;
using conf_test::without_positions;

struct Row {
  std::string key;
  std::vector<std::string> accepted;  // as TOML; the first is not the default
  std::vector<std::string> refused;
};

// Every option, with its bounds at the edge and one past.
const std::vector<Row> rows = {
    {"mode", {R"("monitor")", R"("enforce")", R"("shadow")"}, {R"("Monitor")", R"("")", "true"}},
    {"authserv-id", {R"("mx.example.org")", R"("")", R"("mx.exämple.org")"}, {R"("a b")", R"("a;b")", "3"}},
    {"quarantine", {R"("hold")", R"("reject")", R"("tag")"}, {R"("discard")"}},
    {"reject", {R"("never")", R"("always")", R"("unless-indirect")"}, {R"("unless_indirect")", "true"}},
    {"bad-from", {R"("accept")", R"("reject")"}, {R"("defer")"}},
    {"on-internal-error", {R"("accept")", R"("defer")"}, {R"("reject")"}},
    {"relays",
     {R"(["192.0.2.0/24", "2001:db8::/32", "198.51.100.7"])", "[]", R"(["0.0.0.0/0"])"},
     {R"("192.0.2.0/24")", R"(["192.0.2.0/33"])", R"(["192.0.2"])", R"([["192.0.2.1"]])", "[1]", R"(["mx.example.org"])"}},
    {"max-header-octets", {"4096", "16777216"}, {"4095", "16777217", R"("64K")", "65536.0", "-65536"}},
    {"max-wait", {R"("1s")", R"("290s")", "5", R"("1500ms")"}, {R"("999ms")", R"("291s")", "0", "291", R"("290001ms")"}},
    {"daemon.user", {R"("signet")", R"("")"}, {R"("a b")", "0"}},
    {"daemon.group", {R"("mail")", R"("")"}, {R"("a:b")", "8"}},
    {"milter.socket",
     {R"("unix:/run/signet.sock")", R"("inet6:8891@::1")", R"("local:/s p/a\"b\\c")"},
     {R"("")", R"("inet:8891")", R"(["inet:8891@127.0.0.1"])"}},
    {"milter.socket-group", {R"("postfix")", R"("")"}, {R"("a b")", "33"}},
    {"milter.socket-mode", {R"("0600")", R"("777")", R"("0000")"}, {"660", "0o660", R"("0680")", R"("1777")"}},
    {"milter.shutdown-grace", {R"("0s")", R"("300s")", "7"}, {R"("301s")", R"("500ms")", "-1"}},
    {"control.socket",
     {R"("/run/signet/control.sock")", R"("")", R"("/)" + std::string(106, 'x') + R"(")"},
     {R"("control.sock")", R"("unix:/run/control.sock")", R"("/)" + std::string(107, 'x') + R"(")", R"("/a\nb")", "1"}},
    {"control.socket-group", {R"("adm")", R"("")"}, {R"("a b")", "4"}},
    {"control.socket-mode", {R"("0660")", R"("0600")"}, {"600", R"("0980")", R"("4600")"}},
    {"metrics.listen",
     {R"("127.0.0.1:9798")", R"("[::1]:9798")", R"("127.0.0.2:1")", R"("unix:/run/signet/metrics.sock")", R"("")"},
     {R"("127.0.0.1")", R"("127.0.0.1:0")", R"("0.0.0.0:9798")", R"("192.0.2.1:9798")", R"("::1:9798")", R"("[::]:9798")",
      R"("[127.0.0.1]:9798")", R"("localhost:9798")", R"(":9798")", R"("unix:metrics.sock")", "9798"}},
    {"metrics.socket-group", {R"("adm")", R"("")"}, {R"("a b")", "4"}},
    {"metrics.socket-mode", {R"("0600")", R"("0660")"}, {"600", R"("0980")", R"("4600")"}},
    {"log.target", {R"("syslog")", R"("stderr")", R"("journal")"}, {R"("stdout")"}},
    {"log.format", {R"("json")", R"("text")"}, {R"("xml")"}},
    {"log.level", {R"("debug")", R"("info")", R"("warning")", R"("error")"}, {R"("warn")", "3"}},
    {"log.levels",
     {R"({ dns = "debug", message = "warning" })", "{}"},
     {R"("debug")", R"({ dsn = "debug" })", R"({ dns = "trace" })", R"({ dns = 1 })"}},
    {"log.facility", {R"("local7")", R"("daemon")", R"("mail")"}, {R"("local8")", R"("kern")", R"("auth")", R"("")"}},
    {"dns.servers",
     {R"(["192.0.2.1", "192.0.2.1:5353", "[2001:db8::1]:53"])", "[]"},
     {R"(["dns.example"])", R"("192.0.2.1")", R"(["192.0.2.1:0"])"}},
    {"dns.zone-file", {R"("/zone")", R"("")"}, {R"("a\u0000b")", "1"}},
    {"dns.timeout", {R"("100ms")", R"("30s")", "1"}, {R"("99ms")", R"("30001ms")", "31", "1.5", "2024-05-01"}},
    {"dns.tries", {"1", "10"}, {"0", "11", R"("2")"}},
    {"dns.max-in-flight", {"1", "30000"}, {"0", "30001"}},
    {"dns.cache-octets", {"1048576", "4294967296", "33_554_433"}, {"1048575", "4294967297", "9223372036854775807"}},
    {"dns.cache-max-ttl", {R"("0s")", R"("7d")"}, {"604801", R"("8d")", R"("1500ms")"}},
    {"dns.cache-max-negative-ttl", {R"("0s")", R"("3h")"}, {"10801"}},
    {"dns.cache-failure-ttl", {R"("0s")", R"("5m")"}, {"301"}},
    {"spf.timeout", {R"("1s")", R"("120s")", R"("2m")"}, {R"("999ms")", R"("120001ms")"}},
    {"spf.max-void-lookups", {"0", "20"}, {"-1", "21"}},
    {"spf.received-spf", {"true", "false"}, {"1", R"("yes")"}},
    {"spf.reject", {R"(["fail", "softfail", "permerror"])", "[]"}, {R"(["temperror"])", R"(["neutral"])", R"("fail")"}},
    {"dkim.max-signatures", {"1", "100"}, {"0", "101"}},
    {"dkim.max-verified", {"1", "100"}, {"0", "101"}},
    {"dkim.min-rsa-bits", {"8192", "1024"}, {"1023", "8193"}},
    {"dkim.accept-short-length", {"true", "false"}, {"1", R"("true")"}},
    {"dkim.clock-drift", {R"("0s")", R"("1d")"}, {"86401", R"("1ms")"}},
    {"dkim.timeout", {R"("1s")", R"("120s")"}, {"0", "121"}},
    {"dmarc.discovery", {R"("psl")", R"("treewalk")"}, {R"("PSL")", "true"}},
    {"dmarc.psl-file", {R"("/list")", R"("")"}, {R"("a\u0000b")", "1"}},
    {"dmarc.timeout", {R"("1s")", R"("120s")"}, {"0", "121"}},
    {"dmarc.on-temperror", {R"("accept")", R"("defer")"}, {R"("reject")"}},
    {"dmarc.on-unknown-policy", {R"("defer")", R"("accept")"}, {R"("reject")"}},
    {"dmarc.reject-text", {R"("no: %d, %p, 100%%")", R"("")", R"('say "why" \')"}, {R"("100%")", R"("a\nb")", R"("ä")"}},
    {"dmarc.tag-field", {R"("X-Spam-Flag")"}, {R"("")", R"("X Spam")", R"("X:")", R"("X\r\nFrom")"}},
    {"exempt.from-domains", {R"(["Example.org", "exämple.org"])", "[]"}, {R"(["*.example.org"])", R"(["a@b"])", R"([""])"}},
    {"forwarders.networks", {R"(["2001:db8::/32"])", "[]"}, {R"(["2001:db8::/129"])"}},
    {"forwarders.domains", {R"(["alumni.example"])", "[]"}, {R"(["a..b"])"}},
    {"shadow.authserv-ids", {R"(["old.example.org", "mx"])", "[]"}, {R"(["a b"])", R"("mx")"}},
    {"keys.directory",
     {R"("/srv/keys")", R"("/)" + std::string(199, 'x') + R"(")"},
     {R"("keys")", R"("")", R"("/)" + std::string(200, 'x') + R"(")", "1"}},
    {"keys.check-interval", {R"("1m")", R"("7d")", R"("0s")"}, {R"("59s")", R"("8d")"}},
    {"keys.on-different", {R"("refuse")", R"("sign")"}, {R"("defer")", "true"}},
    {"keys.grace", {R"("1h")", R"("366d")", R"("7d")"}, {R"("59m")", R"("367d")", R"("0s")"}},
    {"sign.networks", {"[]", R"(["10.0.0.0/8"])"}, {R"(["10/8"])"}},
    {"sign.daemons", {R"(["ORIGINATING", "smtps"])", "[]"}, {R"(["a b"])", R"([""])", R"("ORIGINATING")"}},
    {"sign.header-canonicalization", {R"("simple")", R"("relaxed")"}, {R"("Simple")"}},
    {"sign.body-canonicalization", {R"("simple")", R"("relaxed")"}, {R"("nofws")"}},
    {"sign.fields",
     {R"(["From", "subject"])", R"("default")"},
     {"[]", R"(["subject"])", R"(["from", "received"])", R"(["from", "a b"])", R"("from")"}},
    {"sign.oversign", {"[]", R"(["from"])", R"("default")"}, {R"(["dkim-signature"])", R"("none")"}},
    {"sign.identity", {R"("mail.signer")", R"("")"}, {R"("a@b")", R"("a b")"}},
    {"sign.lifetime", {R"("1h")", R"("366d")", "0"}, {R"("3599s")", R"("367d")", "1"}},
};

const conf::Option& option(const std::string& key) {
  const auto all = conf::options();
  return *std::find_if(all.begin(), all.end(), [&](const conf::Option& o) { return o.key == key; });
}

conf::Settings parse(const std::string& text) { return conf::parse(text, conf_test::file); }

}  // namespace

TEST_CASE("options: each has its row in this test", "[conf]") {
  std::vector<std::string> tested, declared;
  for (const auto& row : rows) tested.push_back(row.key);
  for (const auto& one : conf::options()) declared.emplace_back(one.key);
  CHECK(tested == declared);
}

TEST_CASE("options: values within the bounds are taken and shown as they are", "[conf]") {
  for (const auto& row : rows) {
    INFO(row.key);
    const auto& one = option(row.key);
    CHECK(one.show(parse(row.key + " = " + row.accepted.front())) != one.default_text);
    for (const auto& value : row.accepted) {
      INFO(value);
      const std::string line = row.key + " = " + value;
      REQUIRE(error_of(line) == "");
      const auto settings = parse(line);
      const auto again = parse(row.key + " = " + one.show(settings));
      CHECK(without_positions(again) == without_positions(settings));
    }
  }
}

TEST_CASE("options: values beyond the bounds are refused at their place, with what was expected", "[conf][limits]") {
  for (const auto& row : rows) {
    for (const auto& value : row.refused) {
      INFO(row.key << " = " << value);
      const std::string error = error_of(row.key + " = " + value);
      CHECK(error.starts_with("f:1:"));
      CHECK(error.find(": found ") != std::string::npos);
      CHECK(error.find(", expected ") != std::string::npos);
      CHECK(std::all_of(error.begin(), error.end(), [](char c) { return c >= ' ' && c < 0x7f; }));
    }
  }
}

TEST_CASE("options: what changes nothing but one setting changes nothing else", "[conf]") {
  for (const auto& row : rows) {
    const auto settings = parse(row.key + " = " + row.accepted.front());
    for (const auto& other : conf::options())
      if (other.key != row.key) CHECK(other.show(settings) == other.default_text);
  }
}

TEST_CASE("options: at most eight DNS servers", "[conf][limits]") {
  std::string servers = R"("192.0.2.1")";
  for (int i = 2; i <= 8; ++i) servers += R"(, "192.0.2.1")";
  CHECK(error_of("dns.servers = [" + servers + "]") == "");
  CHECK(error_of("dns.servers = [" + servers + R"(, "192.0.2.1"])") ==
        "f:1:15: found a list of 9 items, expected a list of addresses, at most 8");
}

TEST_CASE("options: the control socket needs a path of its own", "[conf]") {
  for (const std::string prefix : {"unix:", "local:"})
    CHECK(error_of("milter.socket = \"" + prefix + "/run/s\"\ncontrol.socket = \"/run/s\"") ==
          "f:2:18: found the path of milter.socket, expected one of its own");
  CHECK(error_of("milter.socket = \"unix:/run/s\"\ncontrol.socket = \"/run/c\"") == "");
}

TEST_CASE("options: the metrics need a path of their own", "[conf]") {
  const std::string listen = "metrics.listen = \"unix:/run/s\"\n";
  CHECK(error_of(listen + "milter.socket = \"local:/run/s\"") ==
        "f:1:18: found the path of milter.socket, expected one of its own");
  CHECK(error_of(listen + "control.socket = \"/run/s\"") ==
        "f:1:18: found the path of control.socket, expected one of its own");
  CHECK(error_of(listen + "control.socket = \"/run/c\"") == "");
}

TEST_CASE("options: what was read at the start and cannot change until the next is marked", "[conf]") {
  std::vector<std::string_view> marked;
  for (const auto& one : conf::options())
    if (one.needs_restart) marked.push_back(one.key);
  CHECK(marked == std::vector<std::string_view>{"daemon.user", "daemon.group", "milter.socket", "milter.socket-group",
                                                "milter.socket-mode", "control.socket", "control.socket-group",
                                                "control.socket-mode", "metrics.listen", "metrics.socket-group",
                                                "metrics.socket-mode", "log.target", "log.format", "log.facility"});
}

TEST_CASE("options: differences are those of values, not of the places they stand at", "[conf]") {
  const auto keys = [](const std::string& a, const std::string& b) {
    std::vector<std::string_view> found;
    for (const auto* one : conf::differences(parse(a), parse(b))) found.push_back(one->key);
    return found;
  };
  CHECK(keys("dns.servers = [\"192.0.2.1\"]", "\n\ndns.servers = [ \"192.0.2.1\" ]").empty());
  CHECK(keys("mode = \"monitor\"\ndns.tries = 3", "dns.tries = 4") == std::vector<std::string_view>{"mode", "dns.tries"});
}

TEST_CASE("options: a list has at most ten thousand items", "[conf][limits]") {
  std::string networks = "relays = [";
  for (int i = 0; i < 10'000; ++i) networks += R"("192.0.2.1",)";
  CHECK(error_of(networks + "]") == "");
  CHECK(error_of(networks + R"("192.0.2.1"])").find("at most 10000") != std::string::npos);
}

TEST_CASE("options: the table is well-formed", "[conf]") {
  std::set<std::string_view> keys;
  std::vector<std::string_view> tables;
  for (const auto& one : conf::options()) {
    INFO(one.key);
    CHECK(keys.insert(one.key).second);
    CHECK(one.key.find_first_not_of("abcdefghijklmnopqrstuvwxyz.-") == std::string_view::npos);
    CHECK_FALSE(one.type.empty());
    CHECK_FALSE(one.since.empty());
    CHECK(one.help.ends_with('.'));
    CHECK(one.default_text == one.show(conf::defaults()));
    if (tables.empty() || tables.back() != conf::table_of(one.key)) tables.push_back(conf::table_of(one.key));
  }
  std::vector<std::string_view> headed;
  for (const auto& table : conf::tables()) headed.push_back(table.name);
  CHECK(tables == headed);  // each table in one piece, none without a heading
}

TEST_CASE("options: the table and name of a key are what its last dot separates", "[conf]") {
  CHECK(conf::table_of("mode").empty());
  CHECK(conf::name_in_table("mode") == "mode");
  CHECK(conf::table_of("dns.timeout") == "dns");
  CHECK(conf::name_in_table("dns.timeout") == "timeout");
}

TEST_CASE("show: defaults parse to defaults", "[conf]") {
  const std::string text = conf::show(conf::defaults());
  CHECK(without_positions(parse(text)) == conf::defaults());
  CHECK(without_positions(parse("")) == conf::defaults());
}

TEST_CASE("show: what it writes parses to the same settings", "[conf]") {
  std::mt19937 random(20260501);  // any fixed start: the same files each time
  const std::string rules = R"(
[[sign.rule]]
from = ["A@example.org", "*.example.org"]
domain = "Example.org"
keys = [{ selector = "a", file = "/a b\"c" }, { selector = "b", file = "b.pem" }]
[[sign.rule]]
from = "*"
selector = "s"
key = "../s.pem"
)";
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (const auto& row : rows) {
      if (random() % 2 == 0) continue;
      text += row.key + " = " + row.accepted[random() % row.accepted.size()] + "\n";
    }
    if (round % 2 == 0) text += rules;
    INFO(text);
    const auto settings = parse(text);
    const auto again = conf::parse(conf::show(settings), "/elsewhere/other.toml");
    REQUIRE(without_positions(again) == without_positions(settings));
  }
}
