#include "migrate/signing.hpp"

#include <catch2/catch.hpp>

#include "folder.hpp"

using namespace migrate;
using migrate_test::Setup;

namespace {

/// "FROM[,FROM…] -> DOMAIN SELECTOR:FILE[ …]", one rule a line; "-" for the From domain, files by their last name.
std::string rules_of(const conf::Settings& settings) {
  std::string out;
  for (const auto& rule : settings.sign.rules) {
    std::string line;
    for (const auto& from : rule.from) line += (line.empty() ? "" : ",") + from;
    line += " -> " + (rule.domain.empty() ? "-" : rule.domain);
    for (const auto& key : rule.keys) line += " " + key.selector + ":" + std::filesystem::path(key.file).filename().string();
    out += line + "\n";
  }
  return out;
}

/// A setup with these tables.
class Tables {
 public:
  Tables(const std::string& kind, const std::string& signing, const std::string& keys, const std::string& more = "") {
    setup.folder.write("signing", signing);
    setup.folder.write("keys", keys);
    setup.folder.write("opendkim.conf", "SigningTable " + kind + "@@/signing\nKeyTable file:@@/keys\n" + more);
  }
  std::string rules() { return rules_of(setup.settings()); }
  Setup setup;
};

constexpr const char* two_keys = "k1 example.com:s1:/k/1\nk2 example.com:s2:/k/2\nown %:s3:/k/3\n";

}  // namespace

TEST_CASE("migrate signing: the tables of the guides", "[migrate]") {
  Tables tables("refile:", "*@example.com mail._domainkey.example.com\n*@*.example.com mail._domainkey.example.com\n",
                "mail._domainkey.example.com example.com:mail:/etc/opendkim/keys/example.com/mail.private\n");
  CHECK(tables.rules() == "example.com,*.example.com -> example.com mail:mail.private\n");
  CHECK(tables.setup.writes("\"example.com\",  # " + tables.setup.folder.path("signing") +
                            ":1: *@example.com mail._domainkey.example.com\n"));
}

TEST_CASE("migrate signing: of a refile the first entry counts", "[migrate]") {
  Tables tables("refile:", "*@example.com k1\nbob@example.com k2\n* own\n", two_keys);
  CHECK(tables.rules() == "example.com,bob@example.com -> example.com s1:1\n* -> - s3:3\n");
  CHECK(tables.setup.has_warning("bob@example.com: this entry was never used", 2));
}

TEST_CASE("migrate signing: an order by what says most is the same in both", "[migrate]") {
  Tables tables("refile:", "bob@example.com k2\n*@example.com k1\n", two_keys);
  CHECK(tables.rules() == "bob@example.com -> example.com s2:2\nexample.com -> example.com s1:1\n");
  Tables literal("file:", "example.com k1\nbob@example.com k2\n", two_keys);
  CHECK(literal.rules() == "example.com -> example.com s1:1\nbob@example.com -> example.com s2:2\n");
}

TEST_CASE("migrate signing: MultipleSignatures makes several keys", "[migrate]") {
  const std::string yes = "MultipleSignatures yes\n";
  Tables tables("refile:", "*@example.com k1\n*@example.com k2\n", two_keys, yes);
  CHECK(tables.rules() == "example.com -> example.com s1:1 s2:2\n");
  Tables levels("file:", "example.com k1\nbob@example.com k2\n", two_keys, yes);
  CHECK(levels.rules() == "example.com -> example.com s1:1\nbob@example.com -> example.com s2:2 s1:1\n");
  Tables twice("file:", "example.com k1\nexample.com k2\n", two_keys, yes);  // one name has one value there
  CHECK(twice.rules() == "example.com -> example.com s1:1\n");
  CHECK(twice.setup.has_warning("this entry was never used", 2));
  Tables three("refile:", "*@example.com k1\n*@example.com own\n*@example.com k2\n", two_keys, yes);
  CHECK(three.rules() == "example.com -> example.com s1:1 s2:2\n");  // as OpenDKIM 2.11 does
  CHECK(three.setup.has_warning("OpenDKIM 2.11 takes the first and the last", 2));
  Tables once("refile:", "*@example.com k1\n*@example.com k2\n", two_keys);
  CHECK(once.rules() == "example.com -> example.com s1:1\n");
  CHECK(once.setup.has_warning("(MultipleSignatures would use both)", 2));
}

TEST_CASE("migrate signing: a second signing domain is no second signature", "[migrate]") {
  const std::string keys = "esp esp.example:t:/k/t\nk1 example.com:s1:/k/1\nown %:s3:/k/3\n";
  const std::string yes = "MultipleSignatures yes\n";
  Tables both("refile:", "*@example.com esp\n*@example.com k1\n", keys, yes);
  CHECK(both.rules() == "example.com -> example.com s1:1\n");  // the From domain's own helps with DMARC
  CHECK(both.setup.has_problem("the second signature for example.com, by esp.example", 1));
  Tables same("refile:", "*@example.com k1\n*@example.com own\n", keys, yes);
  CHECK(same.rules() == "example.com -> example.com s1:1 s3:3\n");
}

TEST_CASE("migrate signing: % in the tables is the From domain", "[migrate]") {
  Tables own("file:", "a.example own\nb.example own\n*  own\n", two_keys);
  CHECK(own.rules() == "a.example,b.example,* -> - s3:3\n");
  Tables by_name("file:", "a.example %\n", "a.example %:s:/k/%.pem\n");
  CHECK(by_name.rules() == "a.example -> - s:a.example.pem\n");
  Tables all("refile:", "*@*.example %\n", "a.example a.example:s:/k/a\nb.example b.example:s:/k/b\nx.other x.other:s:/k/x\n");
  CHECK(all.rules() == "a.example -> a.example s:a\nb.example -> b.example s:b\n");
  CHECK(all.setup.has_warning("\"%\" is written out for the 2 domains found in the KeyTable", 1));
}

TEST_CASE("migrate signing: % in a file name is written out for the files there are", "[migrate]") {
  Tables tables("refile:", "*@*.example own\n", "own %:s:@@/dkim/%/%.pem\n");
  tables.setup.folder.write("dkim/a.example/a.example.pem", "");
  tables.setup.folder.write("dkim/b.example/other.pem", "");
  tables.setup.folder.write("dkim/x.other/x.other.pem", "");
  CHECK(tables.rules() == "a.example -> - s:a.example.pem\n");
  CHECK(tables.setup.has_warning("a new domain needs a rule of its own", 1));
  Tables none("refile:", "* own\n", "own %:s:/nowhere/%.pem\n");
  CHECK(none.rules().empty());
  CHECK(none.setup.has_problem("found no domain for \"%\"", 1));
}

TEST_CASE("migrate signing: what a table has that Signet cannot do is a problem with its line", "[migrate]") {
  Tables tables("refile:", "postmaster@* k1\n*@a.example none\n*@b.example inline\n*@example.com k1\n",
                "inline b.example:s:MIIEowIBAAKCAQEA\nshort b.example:s\nodd b..example:s:/k/1\nsel b.example:s$:/k/1\n"
                "k1 example.com:s1:/k/1\nk1 example.com:s9:/k/9\n");
  CHECK(tables.rules() == "example.com -> example.com s1:1\n");
  CHECK(tables.setup.has_problem("Signet has no pattern", 1));
  CHECK(tables.setup.has_problem("the KeyTable has no usable key none", 2));
  CHECK(tables.setup.has_problem("the table holds the key itself", 1));
  CHECK(tables.setup.has_problem("expected DOMAIN:SELECTOR:FILE", 2));
  CHECK(tables.setup.has_problem("its signing domain is no domain name", 3));
  CHECK(tables.setup.has_problem("its selector is not one", 4));
  CHECK(tables.setup.has_problem("the table has this name already", 6));
}

TEST_CASE("migrate signing: i= when it is the same for all", "[migrate]") {
  Tables same("refile:", "*@a.example own:list@%\n*@b.example own:list@%\n", two_keys);
  CHECK(same.setup.settings().sign.identity == "list");
  Tables mixed("refile:", "*@a.example own:list@%\n*@b.example own\n", two_keys);
  CHECK(mixed.setup.settings().sign.identity.empty());
  CHECK(mixed.setup.has_warning("signatures have no i= any more", 2));
  Tables plain("refile:", "*@example.com k1:@example.com\n", two_keys);
  CHECK(plain.setup.settings().sign.identity.empty());
  CHECK_FALSE(plain.setup.has_warning("no i= any more"));
}

TEST_CASE("migrate signing: one key by Domain, Selector and KeyFile", "[migrate]") {
  Setup setup;
  const std::string text = "Domain a.example, b.example\nSelector s\nKeyFile keys/s.pem\nBaseDirectory /etc/dk\n";
  setup.folder.write("opendkim.conf", text);
  auto settings = setup.settings();
  CHECK(rules_of(settings) == "a.example -> a.example s:s.pem\nb.example -> b.example s:s.pem\n");
  CHECK(settings.sign.rules[0].keys[0].file == "/etc/dk/keys/s.pem");
  setup.folder.write("opendkim.conf", text + "SubDomains yes\n");
  CHECK(rules_of(setup.settings()) ==
        "a.example,*.a.example -> a.example s:s.pem\nb.example,*.b.example -> b.example s:s.pem\n");
}

TEST_CASE("migrate signing: half a configuration makes no rule and says so", "[migrate]") {
  for (const auto* text : {"Domain a.example\n", "KeyFile /k/1\nSelector s\n", "SigningTable csl:a.example=k\n",
                           "KeyTable csl:k=a.example:s:/k\n", "Domain a.example\nSelector a b\nKeyFile /k\n"}) {
    Setup setup;
    setup.folder.write("opendkim.conf", text);
    CAPTURE(text);
    CHECK(setup.settings().sign.rules.empty());
    CHECK(setup.has_problem("no rule was made"));
  }
  Setup verifier;
  verifier.folder.write("opendkim.conf", "Mode v\nDomain a.example\nSelector s\nKeyFile /k\n");
  CHECK(verifier.settings().sign.rules.empty());
  CHECK(verifier.has_note("Mode has no \"s\"", 1));
}
