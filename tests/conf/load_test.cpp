#include "conf/load.hpp"

#include <unistd.h>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "conf/guard.hpp"
#include "conf/options.hpp"
#include "tests/conf/support.hpp"

namespace {

using conf_test::error_of;

struct Row {
  std::string text;
  std::string error;  // after the file's name
};

void run(const std::vector<Row>& rows) {
  for (const auto& row : rows) {
    INFO(row.text);
    CHECK(error_of(row.text) == "f:" + row.error);
  }
}

std::string repeat(const std::string& text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

/// A folder of this test alone, gone afterwards.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "signet-conf-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() {
    std::error_code ignored;  // nothing can be done about it here
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return (path_ / name).string();
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("parse: a whole file of everything", "[conf]") {
  const auto settings = conf::parse(R"(
mode = "monitor"
relays = ["192.0.2.0/24"]
[milter]
socket = "unix:/run/signet.sock"
socket-mode = "0600"
[dns]
timeout = "1500ms"
zone-file = "zone.txt"
[sign]
lifetime = "7d"
oversign = []
[[sign.rule]]
from = "Example.org"
selector = "S1"
key = "keys/s1.pem"
)",
                                    conf_test::file);
  CHECK(settings.mode == conf::Mode::monitor);
  CHECK(settings.relays == std::vector{base::IpNetwork::parse("192.0.2.0/24").value()});
  CHECK(settings.milter.socket == "unix:/run/signet.sock");
  CHECK(settings.milter.socket_mode == 0600);
  CHECK(settings.dns.timeout == std::chrono::milliseconds{1500});
  CHECK(settings.dns.zone_file == "/etc/signet/zone.txt");
  CHECK(settings.sign.lifetime == std::chrono::hours{7 * 24});
  CHECK(settings.sign.oversign_is_set);
  CHECK(settings.sign.oversign.empty());
  REQUIRE(settings.sign.rules.size() == 1);
  CHECK(settings.sign.rules[0].from == std::vector<std::string>{"example.org"});
  CHECK(settings.sign.rules[0].domain.empty());
  REQUIRE(settings.sign.rules[0].keys.size() == 1);
  CHECK(settings.sign.rules[0].keys[0].selector == "S1");
  CHECK(settings.sign.rules[0].keys[0].file == "/etc/signet/keys/s1.pem");
}

TEST_CASE("parse: remembers where sockets, servers, zone files, rules and keys were written", "[conf]") {
  const auto settings = conf::parse(
      "milter.socket = \"inet:1@127.0.0.1\"\ndns = { zone-file = \"/z\", servers = [\"192.0.2.1\"] }\n[[sign.rule]]\nfrom = "
      "\"*\"\n"
      "keys = [\n  { selector = \"a\", file = \"a\" },\n]\n[[sign.rule]]\nfrom=\"b\"\nselector=\"b\"\nkey=\"b\"\n",
      "f");
  CHECK(settings.milter.socket_position == conf::Position{"f", 1, 17});
  CHECK(settings.dns.zone_file_position == conf::Position{"f", 2, 21});
  CHECK(settings.dns.servers_position == conf::Position{"f", 2, 37});
  REQUIRE(settings.sign.rules.size() == 2);
  CHECK(settings.sign.rules[0].position == conf::Position{"f", 3, 1});
  CHECK(settings.sign.rules[0].keys[0].position == conf::Position{"f", 6, 28});
  CHECK(settings.sign.rules[1].position == conf::Position{"f", 8, 1});
  CHECK(settings.sign.rules[1].keys[0].position == conf::Position{"f", 11, 5});
  CHECK(conf::defaults().milter.socket_position == conf::Position{});
}

TEST_CASE("a rule whose keys rotate names its domain and no key") {
  const auto error = [](const std::string& rule) {
    return conf_test::error_of("[[sign.rule]]\nfrom = \"a.example\"\n" + rule);
  };
  const auto settings = conf::parse("[[sign.rule]]\nfrom = \"a.example\"\ndomain = \"a.example\"\nrotate = true\n", "f");
  CHECK(settings.sign.rules[0].rotates);
  CHECK(conf::parse(conf::show(settings), "f").sign.rules[0].rotates);
  CHECK_THAT(error("rotate = true\n"), Catch::Contains("found a [[sign.rule]] with rotate = true and no domain"));
  CHECK_THAT(error("domain = \"a.example\"\nrotate = true\nselector = \"s\"\nkey = \"k\"\n"),
             Catch::Contains("found a [[sign.rule]] with both keys and rotate = true"));
  CHECK_THAT(error("rotate = false\n"), Catch::Contains("without a key, expected selector and key, or keys, or rotate = true"));
}

TEST_CASE("parse: paths start at the folder of the file", "[conf]") {
  const std::vector<std::array<std::string, 3>> rows = {
      {"/etc/signet/signet.toml", "zone", "/etc/signet/zone"},
      {"/etc/signet/signet.toml", "../zone", "/etc/signet/../zone"},  // what a link makes of that is its own business
      {"/etc/signet/signet.toml", "/zone", "/zone"},
      {"signet.toml", "zone", "zone"},
      {"a/signet.toml", "zone", "a/zone"},
      {"/etc/signet/signet.toml", "", ""},  // none
  };
  for (const auto& [file, path, resolved] : rows) {
    CHECK(conf::parse("dns.zone-file = \"" + path + "\"", file).dns.zone_file == resolved);
    CHECK(conf::parse("dmarc.psl-file = \"" + path + "\"", file).dmarc.psl_file == resolved);
  }
}

TEST_CASE("parse: an unknown name brings the nearest known one", "[conf]") {
  run({
      {"mod = \"enforce\"", "1:1: unknown key \"mod\"; did you mean \"mode\"?"},
      {"\n  Mode = \"enforce\"", "2:3: unknown key \"Mode\"; did you mean \"mode\"?"},
      {"max_wait = 3", "1:1: unknown key \"max_wait\"; did you mean \"max-wait\"?"},
      {"[milter]\nsokcet = \"\"", "2:1: unknown key \"milter.sokcet\"; did you mean \"milter.socket\"?"},
      {"milter.sockets = \"\"", "1:8: unknown key \"milter.sockets\"; did you mean \"milter.socket\"?"},
      {"[milter]\nmode = \"enforce\"", "2:1: unknown key \"milter.mode\"; did you mean \"mode\"?"},  // wrong table
      {"[spff]\ntimeout = 3", "1:2: unknown table \"spff\"; did you mean \"spf\"?"},
      {"spff.timeout = 3", "1:1: unknown table \"spff\"; did you mean \"spf\"?"},
      {"[[sign.rules]]\nfrom = \"*\"", "1:8: unknown table \"sign.rules\"; did you mean \"sign.rule\"?"},
      {"[[rule]]\nfrom = \"*\"", "1:3: unknown table \"rule\"; did you mean \"sign.rule\"?"},
      {"[[sign.rule]]\nform = \"*\"", "2:1: unknown key \"sign.rule.form\"; did you mean \"sign.rule.from\"?"},
      {"[[sign.rule]]\nkeys = [{ selectr = \"s\" }]",
       "2:11: unknown key \"sign.rule.keys.selectr\"; did you mean \"sign.rule.keys.selector\"?"},
      {"forwarders.xyzzy = 1", "1:12: unknown key \"forwarders.xyzzy\", expected one of networks, domains"},
      {"[xyzzy]",
       "1:2: unknown table \"xyzzy\", expected one of daemon, milter, control, metrics, log, dns, spf, dkim, dmarc, exempt, "
       "forwarders, shadow, keys, sign"},
      {"forwarders.xyzzy.a = 1", "1:12: unknown table \"forwarders.xyzzy\", expected one of networks, domains"},
      {"\"dns.timeout\" = 3", "1:1: found \"dns.timeout\" in quotes, expected table and key without quotes around both"},
      {"\"mod\\n\\u00e4\" = 3",
       "1:1: unknown key \"mod\\x0a\\xc3\\xa4\", expected one of mode, authserv-id, quarantine, reject, "
       "bad-from, on-internal-error, relays, max-header-octets, max-wait"},
  });
}

TEST_CASE("parse: a long unknown name is cut", "[conf]") {
  const std::string error = error_of(std::string(500'000, 'x') + " = 1");
  CHECK(error.starts_with("f:1:1: unknown key \"" + std::string(80, 'x') + "...\""));
  CHECK(error.size() < 300);
}

TEST_CASE("parse: the first wrong thing is told, and where it is", "[conf]") {
  run({
      {"mode = \"enforced\"", "1:8: found \"enforced\", expected one of \"enforce\", \"monitor\", \"shadow\""},
      {"mode = 3", "1:8: found 3, expected one of \"enforce\", \"monitor\", \"shadow\""},
      {"mode.x = 3", "1:1: found a table, expected one of \"enforce\", \"monitor\", \"shadow\""},
      {"dns = 3", "1:7: found 3, expected a table, [dns]"},
      {"[[dns]]\ntimeout = 3", "1:1: found a list of 1 item, expected a table, [dns]"},
      {"dns.tries = true", "1:13: found true, expected a whole number between 1 and 10"},
      {"dkim.min-rsa-bits = 512", "1:21: found 512, expected a whole number of bits between 1024 and 8192"},
      {"dns.tries = 2.0", "1:13: found a number that is not whole, expected a whole number between 1 and 10"},
      {"dns.timeout = 07:32:00",
       "1:15: found a time of day, expected a duration between 100ms and 30s (a string such as "
       "\"500ms\", \"20s\", \"15m\", \"1h\" or \"1d\", or whole seconds)"},
      {"spf.timeout = \"121s\"", "1:15: found \"121s\", expected a duration between 1s and 120s"},
      {"dkim.clock-drift = \"1500ms\"", "1:20: found \"1500ms\", expected a duration between 0s and 1d, in whole seconds"},
      {"relays = [\n  \"192.0.2.1\",\n  \"nonsense\",\n]",
       "3:3: found \"nonsense\", expected a network such as 192.0.2.0/24 or 2001:db8::/32, or one address"},
      {"relays = []\ndns.tries = 0\nmode = \"x\"",
       "2:13: found 0, expected a whole number between 1 and 10"},  // not the third line
      {"authserv-id = \"a\\u001bb c\"",
       "1:15: found \"a\\x1bb c\", expected a domain or other token, or \"\" for the mail server's name"},
  });
}

TEST_CASE("parse: what is not TOML is said in our words", "[conf]") {
  run({
      {"mode = \"enforce\"\nmode = \"monitor\"", "2:8: found 'mode' a second time, expected it once only"},
      {"[dns]\n[dns]", "2:1: found 'dns' a second time, expected it once only"},
      {"dns.tries = 1\n[dns]\ntries = 2", "2:1: found 'dns' a second time, expected it once only"},
      {"mode = enforce",
       "1:8: found a value without quotes that is no number, expected text in quotes, a number, true, false or a list"},
      {"mode =", "1:7: found a faulty key-value pair (encountered end-of-file), expected TOML"},
      {"mode =\n", "1:7: found the end of the line in a key-value pair, expected value"},
      {"[dns\n", "1:5: found the end of the line in a table header, expected ']'"},
      {"mode \"enforce\"", "1:6: found '\"' in a key-value pair, expected '='"},
      {"m\xc3\xb6"
       "de = 1",
       "1:2: found '\\xc3\\xb6' in a key-value pair, expected '='"},
  });
  for (const auto* text :
       {"= 3", "[", "]", "a = \"", "a = '''", "a = [1,", "a = {", "a = {b=1", "a = \"\\q\"", "a = 01", "a = 1__0",
        "a = 99999999999999999999", "a = \"\x01\"", "a = 1979-13-01", "[a.]", "a. = 1", "a = 1 b = 2", "\"\"\"a\"\"\" = 1"}) {
    INFO(text);
    const std::string error = error_of(text);
    CHECK(error.starts_with("f:1:"));
    CHECK(error.find("found ") != std::string::npos);
    CHECK(error.find(", expected ") != std::string::npos);
  }
}

TEST_CASE("parse: line ends of all systems, a byte order mark and no end of the last line are fine", "[conf]") {
  for (const auto* text : {"mode = \"monitor\"", "mode = \"monitor\"\n", "\r\nmode = \"monitor\"\r\n",
                           "\xef\xbb\xbfmode = \"monitor\"\n", "# a remark\nmode = 'monitor' # another"}) {
    INFO(text);
    CHECK(conf::parse(text, "f").mode == conf::Mode::monitor);
  }
}

TEST_CASE("parse: octets that are no text are refused where they are", "[conf]") {
  using namespace std::string_literals;
  run({
      {"mode = \"\0\""s, "1:9: found a NUL octet, expected text"},
      {"# \xc3\xa4\n\n# \xc3\xa4\xc3\xa4\xff", "3:5: found the octet \\xff, expected UTF-8"},
      {"# \xc3", "1:3: found the octet \\xc3, expected UTF-8"},          // ends inside a character
      {"# \xed\xa0\x80", "1:3: found the octet \\xed, expected UTF-8"},  // a surrogate
      {"# \xc0\xaf", "1:3: found the octet \\xc0, expected UTF-8"},      // longer than need be
  });
}

TEST_CASE("parse: a file of a mebibyte is read, a larger one is not", "[conf][limits]") {
  CHECK(error_of(std::string(conf::max_file_octets, ' ')) == "");
  CHECK(error_of(std::string(conf::max_file_octets + 1, ' ')) == "f: found more than 16777216 octets, expected a smaller file");
}

TEST_CASE("parse: depth is bounded before the library sees it", "[conf][limits]") {
  const std::string deep = "found values nested deeper than 16", parts = "found a key of more than 16 parts";
  const std::vector<Row> rows = {
      {"a = " + repeat("[", 17), deep},
      {"a = " + repeat("[", 500'000), deep},
      {"a = " + repeat("{b = ", 200'000), deep},
      {"a = " + repeat("[{b = ", 100'000), deep},
      {repeat("a.", 16) + "a = 1", parts},
      {repeat("a.", 500'000) + "a = 1", parts},
      {repeat("\"a\" . ", 100'000) + "a = 1", parts},
      {"[" + repeat("a.", 500'000) + "a]", parts},
      {"x = {" + repeat("a.", 500'000) + "a = 1}", parts},
      {"x = \"\"\"\\\"\"\".\"\"\"\n" + repeat("a.", 500'000) + "a = 1", parts},  // strings end where the library ends them
      {"x = '''a'''''\n" + repeat("a.", 500'000) + "a = 1", parts},
      {"x = ''\n" + repeat("a.", 500'000) + "a = 1", parts},
      {"x = \"\\\\\"\n" + repeat("a.", 500'000) + "a = 1", parts},
  };
  for (const auto& row : rows) {
    INFO(row.text.substr(0, 40));
    CHECK(error_of(row.text).find(row.error) != std::string::npos);
  }
}

TEST_CASE("parse: dots and brackets in text and remarks do not count as depth", "[conf]") {
  const std::string dots(90, '.'), brackets(90, '[');
  for (const auto& text :
       {"# " + dots + brackets, "authserv-id = \"mx\" # " + dots + brackets, "dmarc.reject-text = \"" + dots + brackets + "\"",
        "dmarc.reject-text = '" + dots + "'", "dmarc.reject-text = '''" + dots + brackets + "'''",
        "dmarc.reject-text = \"\"\"" + dots + "\\\"" + brackets + "\"\"\"", "relays = [" + repeat("\"192.0.2.1\", ", 100) + "]",
        repeat("[[sign.rule]]\nfrom = \"*\"\nselector = \"s\"\nkey = \"k\"\n", 1)}) {
    INFO(text);
    CHECK(error_of(text) == "");
  }
  CHECK(error_of(repeat("a.", 15) + "a = 1").find("unknown table \"a\"") != std::string::npos);  // as deep as may be
  CHECK(error_of("a = " + repeat("[", 16) + repeat("]", 16)).find("unknown key \"a\"") != std::string::npos);
}

TEST_CASE("load: reads a file and starts its paths at the file's absolute folder", "[conf]") {
  const Folder folder;
  const std::string path = folder.write("signet.toml", "dns.zone-file = \"zone.txt\"\n");
  CHECK(conf::load(path).dns.zone_file == (folder.path() / "zone.txt").string());
  const auto relative = std::filesystem::relative(path).string();
  CHECK(std::filesystem::path(conf::load(relative).dns.zone_file).is_absolute());
  CHECK(conf::load(relative).dns.zone_file_position.file == relative);  // messages name it as it was given
}

TEST_CASE("load: a file that cannot be read is named with the system's reason", "[conf]") {
  const Folder folder;
  const std::vector<std::pair<std::string, std::string>> rows = {
      {folder.path() / "missing", ": found a file that cannot be read (No such file or directory), expected a readable one"},
      {folder.path(), ": found a file that cannot be read (Is a directory), expected a readable one"},
      {folder.write("large", std::string(conf::max_file_octets + 1, '#')),
       ": found more than 16777216 octets, expected a smaller file"},
      {folder.write("bad", "mode = 1"), ":1:8: found 1, expected one of \"enforce\", \"monitor\", \"shadow\""},
  };
  for (const auto& [path, error] : rows) CHECK_THROWS_WITH(conf::load(path), path + error);
}

TEST_CASE("error: one line, whatever the file is called", "[conf]") {
  CHECK(std::string(conf::Error({"a b\n", 3, 4}, "found x").what()) == "a b\\x0a:3:4: found x");
  CHECK(std::string(conf::Error({"a", 0, 0}, "found x").what()) == "a: found x");
}
