#include "keys/rotate.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "auth/key_file.hpp"
#include "dkim/key_record.hpp"
#include "keys/record_text.hpp"

namespace {

using dkim::KeyType;
using dkim::Published;
using dkim::Stage;
using std::chrono::hours;

constexpr base::UnixTime now{std::chrono::seconds{1'795'550'400}};  // 2026-11-24T20:00:00Z
constexpr hours week{7 * 24};
const base::Domain domain = *base::Domain::parse("example.org");
const keys::Recipe ed25519{KeyType::ed25519, 0};

/// A keys.directory of this test alone, gone afterwards.
class Directory {
 public:
  Directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "signet-keys-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

keys::Ask saying(Published published) {
  return [published](const std::string&, const dkim::PublicKey&) { return keys::Everywhere{published, {}}; };
}

std::vector<std::pair<std::string, Stage>> stages(const keys::Folder& folder) {
  std::vector<std::pair<std::string, Stage>> all;
  for (const auto& key : folder.read_rotation()) all.emplace_back(key.selector, key.stage);
  return all;
}

unsigned mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

}  // namespace

TEST_CASE("a key file is its owner's alone, complete, and never overwritten") {
  const Directory directory;
  const keys::Folder folder(directory.path(), domain);
  const keys::Folder::Lock lock(folder);
  const auto made = keys::make_key(folder, "s1", ed25519);
  CHECK(mode_of(folder.key_path("s1")) == 0600);
  CHECK(mode_of(folder.path()) == 0750);
  REQUIRE(auth::read_key_file(folder.key_path("s1")));
  CHECK(auth::read_key_file(folder.key_path("s1"))->public_key().record_value() == made.public_key().record_value());
  CHECK_THROWS_WITH(keys::make_key(folder, "s1", ed25519), Catch::Contains("s1.pem: is there already"));
  CHECK(folder.selectors() == std::vector<std::string>{"s1"});  // no draft is left
}

TEST_CASE("an RSA key has the bits that were asked for") {
  for (const unsigned bits : {2048U, 3072U}) CHECK(dkim::PrivateKey::generate(KeyType::rsa, bits).bits() == bits);
}

TEST_CASE("a selector is made of the date and the type, and of a number where that is taken") {
  const Directory directory;
  const keys::Folder folder(directory.path(), domain);
  const keys::Folder::Lock lock(folder);
  CHECK(keys::free_selector(folder, KeyType::rsa, now) == "s20261124r");
  static_cast<void>(keys::make_key(folder, "s20261124e", ed25519));
  CHECK(keys::free_selector(folder, KeyType::ed25519, now) == "s20261124e2");
}

TEST_CASE("a rotation begins with a next key, waits for the DNS, and ends with the old one forgotten") {
  const Directory directory;
  const keys::Folder folder(directory.path(), domain);
  static_cast<void>(keys::begin(folder, {ed25519}, now));
  CHECK(keys::move_on(folder, saying(Published::not_yet), now, week).steps.empty());
  CHECK(keys::move_on(folder, saying(Published::everywhere), now, week).steps.size() == 1);
  CHECK(stages(folder) == std::vector<std::pair<std::string, Stage>>{{"s20261124e", Stage::active}});

  const auto second = now + hours(24);
  static_cast<void>(keys::begin(folder, {ed25519}, second));
  CHECK(keys::move_on(folder, saying(Published::everywhere), second, week).steps.size() == 2);
  CHECK_THROWS_WITH(keys::forget(folder, "s20261124e"), Catch::Contains("found s20261124e retiring"));
  CHECK(keys::move_on(folder, saying(Published::nowhere), second + week, week).steps ==
        std::vector<dkim::Step>{{"s20261124e", Stage::retired}});
  keys::forget(folder, "s20261124e");
  CHECK(stages(folder) == std::vector<std::pair<std::string, Stage>>{{"s20261125e", Stage::active}});
  CHECK_FALSE(folder.has_key("s20261124e"));
  CHECK_THROWS_WITH(keys::forget(folder, "s20261124e"), Catch::Contains("found no key s20261124e"));
}

TEST_CASE("key files that no stage is known of are taken in as next") {
  const Directory directory;
  const keys::Folder folder(directory.path(), domain);
  {
    const keys::Folder::Lock lock(folder);
    static_cast<void>(keys::make_key(folder, "mail", ed25519));
  }
  static_cast<void>(keys::begin(folder, {}, now));
  CHECK(stages(folder) == std::vector<std::pair<std::string, Stage>>{{"mail", Stage::next}});
}

TEST_CASE("a key whose file is gone or bad is shown with its fault, and is not asked about") {
  const Directory directory;
  const keys::Folder folder(directory.path(), domain);
  static_cast<void>(keys::begin(folder, {ed25519}, now));
  std::ofstream(folder.key_path("s20261124e")) << "not a key";
  const auto all = keys::move_on(folder, saying(Published::everywhere), now, week);
  CHECK(all.steps.empty());
  CHECK_THAT(all.keys.at(0).fault, Catch::Contains("found no usable key"));
}

TEST_CASE("whoever comes while another writes waits a moment and then says so") {
  const Directory directory;
  const keys::Folder folder(directory.path(), domain);
  const keys::Folder::Lock lock(folder);
  CHECK_THROWS_WITH(keys::begin(folder, {ed25519}, now), Catch::Contains("is being written by another program"));
}

TEST_CASE("what was written meanwhile is not overwritten") {
  const Directory directory;
  const keys::Folder folder(directory.path(), domain);
  static_cast<void>(keys::begin(folder, {ed25519}, now));
  const auto meanwhile = [&](const std::string&, const dkim::PublicKey&) {
    keys::forget(folder, "s20261124e");
    return keys::Everywhere{Published::everywhere, {}};
  };
  CHECK(keys::move_on(folder, meanwhile, now, week).steps.empty());
  CHECK(folder.read_rotation().empty());
}

TEST_CASE("a domain has so many key files and rotating keys and no more", "[limits]") {
  const Directory directory;
  const keys::Folder folder(directory.path(), domain);
  { const keys::Folder::Lock lock(folder); }
  for (std::size_t i = 0; i < keys::Folder::max_keys; ++i) std::ofstream(folder.key_path("s" + std::to_string(i)));
  CHECK(folder.selectors().size() == keys::Folder::max_keys);
  std::ofstream(folder.key_path("more"));
  CHECK_THROWS_AS(folder.selectors(), keys::FolderError);
}

TEST_CASE("a record is published in strings that a zone file takes, and reads as the key") {
  const auto key = dkim::PrivateKey::generate(KeyType::rsa, 4096).public_key();
  const std::string line = keys::zone_line(domain, "s1", key);
  CHECK(line.starts_with("s1._domainkey.example.org. IN TXT (\n  \"v=DKIM1; k=rsa; p="));
  std::string value;
  for (std::size_t open = line.find('"'); open != std::string::npos; open = line.find('"', open)) {
    const std::size_t close = line.find('"', open + 1);
    CHECK(close - open - 1 <= 255);
    value += line.substr(open + 1, close - open - 1);
    open = close + 1;
  }
  CHECK(value == keys::record_value(key));
  const auto record = dkim::parse_key_record(value);
  REQUIRE(record);
  CHECK(dkim::PublicKey::decode(record->type, record->public_key)->record_value() == key.record_value());
}
