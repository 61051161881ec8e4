#include "auth/configure.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/dkim/keys.hpp"

namespace {

/// A file that only its owner reads, gone with this.
class KeyFile {
 public:
  explicit KeyFile(std::string_view pem) {
    const int file = ::mkstemp(path_);
    REQUIRE(file >= 0);
    REQUIRE(::write(file, pem.data(), pem.size()) == static_cast<ssize_t>(pem.size()));
    ::close(file);
  }
  ~KeyFile() { ::unlink(path_); }
  KeyFile(const KeyFile&) = delete;
  KeyFile& operator=(const KeyFile&) = delete;
  [[nodiscard]] std::string path() const { return path_; }

 private:
  char path_[24] = "/tmp/signet-key-XXXXXX";
};

auth::Options options_of(const std::string& text) { return auth::configure(conf::parse(text, "/f.toml")).options; }

}  // namespace

TEST_CASE("configure: DMARC is discovered by the tree walk unless a suffix list is asked for", "[auth]") {
  CHECK(options_of("").suffix_list == nullptr);
  CHECK(options_of("dmarc.psl-file = \"/nowhere\"").suffix_list == nullptr);  // not asked for, so not read
  const auto list = options_of("dmarc.discovery = \"psl\"").suffix_list;
  REQUIRE(list);
  CHECK(list->organizational_domain(base::Domain::parse("a.b.example.co.uk").value()).text() == "example.co.uk");
}

TEST_CASE("configure: a suffix list that cannot be read is named with its line", "[auth]") {
  const auto configure = [] { return options_of("[dmarc]\ndiscovery = \"psl\"\npsl-file = \"nowhere\"\n"); };
  CHECK_THROWS_AS(configure(), conf::Error);
  CHECK_THROWS_WITH(configure(), "/f.toml:3:12: /nowhere: found no public suffix list, expected one");
}

TEST_CASE("configure: a key file that several rules name is read once and warned of once", "[auth]") {
  const KeyFile weak(test::rsa_1024_pem);
  std::string text;
  for (const auto* from : {"a.example", "b.example", "c.example"})
    text += "[[sign.rule]]\nfrom = [\"" + std::string(from) + "\"]\nkeys = [{ selector = \"s\", file = \"" + weak.path() +
            "\" }]\n";
  const auto configured = auth::configure(conf::parse(text, "/f.toml"));
  REQUIRE(configured.warnings.size() == 1);
  CHECK(configured.warnings.front() == "key file " + weak.path() + ": an RSA key of 1024 bits is weak; use 2048 or more");
}

TEST_CASE("configure: a credential is the file of its name that systemd hands over", "[auth]") {
  const KeyFile key(test::rsa_1024_pem);
  const std::string name = key.path().substr(key.path().rfind('/') + 1);
  const auto configure = [](const std::string& credential) {
    return auth::configure(
        conf::parse("[[sign.rule]]\nfrom = \"a.example\"\nselector = \"s\"\nkey = \"credential:" + credential + "\"\n",
                    "/etc/signet/f.toml"));
  };
  ::unsetenv("CREDENTIALS_DIRECTORY");
  CHECK_THROWS_WITH(configure(name), "/etc/signet/f.toml:4:7: found \"credential:" + name +
                                         "\" and no $CREDENTIALS_DIRECTORY, expected a service of systemd with LoadCredential");
  ::setenv("CREDENTIALS_DIRECTORY", "/tmp", 1);
  for (const mode_t mode : {0400U, 0440U, 0600U}) {  // as systemd makes them, and 0440 with an ACL for the service's user
    REQUIRE(::chmod(key.path().c_str(), mode) == 0);
    CHECK_FALSE(configure(name).options.signing_table.is_empty());
  }
  REQUIRE(::chmod(key.path().c_str(), 0444) == 0);
  CHECK_THROWS_WITH(configure(name), Catch::StartsWith("/etc/signet/f.toml:4:7: key file " + key.path() + ": found mode 0444"));
  CHECK_THROWS_WITH(configure("none"), Catch::Contains("key file /tmp/none: found it unreadable"));
  ::unsetenv("CREDENTIALS_DIRECTORY");
}
