#include "cli/import.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "cli/commands.hpp"
#include "conf/load.hpp"
#include "dkim/crypto.hpp"
#include "tests/dkim/keys.hpp"
#include "tests/migrate/folder.hpp"

using nlohmann::json;

namespace {

/// A setup of one key for one domain, whose key the zone shows.
class ImportFixture {
 public:
  ImportFixture() {
    folder.write("opendkim.conf", "Domain a.example\nSelector s\nKeyFile @@/key\nSocket inet:8893@localhost\n");
    folder.write("key", std::string(test::ed25519_pem));
    const auto key = dkim::PrivateKey::from_pem(test::ed25519_pem).value();
    folder.write("zone", "s._domainkey.a.example. TXT \"v=DKIM1; k=ed25519; p=" + key.public_key().record_value() + "\"\n");
    folder.write("main.cf", "smtpd_milters = inet:localhost:8893\nnon_smtpd_milters = $smtpd_milters\n");
    options.sources.zone_file = folder.path("zone");
    options.files.opendkim = {folder.path("opendkim.conf"), true};
    options.files.opendmarc = {folder.path("opendmarc.conf"), false};
    options.files.policyd = {folder.path("policyd-spf.conf"), false};
    options.files.main = {folder.path("main.cf"), true};
    options.files.master = {folder.path("master.cf"), false};
  }

  int run() {
    std::ostringstream out, notes;
    const int status = cli::run_import(options, out, notes);
    printed = out.str();
    said = notes.str();
    return status;
  }
  [[nodiscard]] bool says(const std::string& part) const { return said.find(part) != std::string::npos; }

  migrate_test::Folder folder;
  cli::ImportOptions options;
  std::string printed, said;
};

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE_METHOD(ImportFixture, "signet import: the new file on standard output, the rest beside it", "[cli]") {
  CHECK(run() == 0);
  CHECK(conf::parse(printed, "f").sign.rules.size() == 1);
  CHECK(says("Good to know\n"));
  CHECK(says("s._domainkey.a.example is published and matches\n"));
  CHECK(says("Lines of Postfix that change with the switch, mode = \"shadow\" taken out again\n  " + folder.path("main.cf") +
             ":1\n    - smtpd_milters = inet:localhost:8893\n    + smtpd_milters = inet:127.0.0.1:8891\n"));
  CHECK(says("0 to do by hand, "));
}

TEST_CASE_METHOD(ImportFixture, "signet import: a file is overwritten only when told so", "[cli]") {
  options.output = folder.path("signet.toml");
  CHECK(run() == 0);
  CHECK(printed.empty());
  const std::string made = read(options.output);
  CHECK(conf::load(options.output).sign.rules.size() == 1);
  folder.write("opendkim.conf", "Domain b.example\nSelector s\nKeyFile @@/key\n");
  CHECK(run() == cli::exit_cannot_create);
  CHECK(says("is there already; --force overwrites it\n"));
  CHECK(read(options.output) == made);
  options.overwrite = true;
  CHECK(run() == 0);
  CHECK(conf::load(options.output).sign.rules[0].domain == "b.example");
  options.output = folder.path("none/signet.toml");
  CHECK(run() == cli::exit_cannot_create);
}

TEST_CASE_METHOD(ImportFixture, "signet import: a problem is status 1, and the file is written all the same", "[cli]") {
  folder.write("opendkim.conf", "Domain a.example\nSelector s\nKeyFile @@/key\nFrobnicate yes\n");
  options.output = folder.path("signet.toml");
  CHECK(run() == cli::exit_needs_hand);
  CHECK(says("Needs your hand: not carried over, or a key that cannot be used\n  " + folder.path("opendkim.conf") + ":4: "));
  CHECK(conf::load(options.output).sign.rules.size() == 1);
}

TEST_CASE_METHOD(ImportFixture, "signet import: a named file must be there, the usual ones need not", "[cli]") {
  options.files.master = {folder.path("master.cf"), true};
  CHECK_THROWS_AS(run(), cli::FileError);
  options.files.master.is_named = false;
  options.files.opendkim = {folder.path("other.conf"), false};
  CHECK(run() == cli::exit_no_input);
  CHECK(says("There is nothing to import."));
  CHECK(printed.empty());
}

TEST_CASE_METHOD(ImportFixture, "signet import: without the DNS, keys are not compared", "[cli]") {
  options.skip_dns = true;
  CHECK(run() == 0);
  CHECK_FALSE(says("is published"));
}

TEST_CASE_METHOD(ImportFixture, "signet import: the JSON says the same", "[cli]") {
  options.json = true;
  CHECK(run() == 0);
  CHECK(said.empty());
  const json made = json::parse(printed);
  CHECK(conf::parse(made.at("configuration").get<std::string>(), "f").sign.rules.size() == 1);
  CHECK(made.at("postfix")[0].at("after") == "smtpd_milters = inet:127.0.0.1:8891");
  CHECK(made.at("findings").size() > 3);
  CHECK(made.at("findings")[0].at("severity") == "note");
  CHECK(made.at("findings_omitted") == 0);
}
