// A whole old setup through migrate/. Whatever the old files say: the new file loads, each finding and each changed line of
// Postfix is one line of text with a place, and the same files give the same again.
//
// Input: opendkim.conf, a SigningTable, a KeyTable, hosts, opendmarc.conf, policyd-spf.conf, main.cf, master.cf, with \x1e
// between them; "@@" in them is the folder they lie in, as "signing", "keys" and "hosts".
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "base/text.hpp"
#include "migrate/import.hpp"
#include "tests/fuzz/property.hpp"

namespace {

using fuzz::require;

constexpr char between_parts = '\x1e';
constexpr std::array<const char*, 8> names = {"opendkim.conf",  "signing",          "keys",    "hosts",
                                              "opendmarc.conf", "policyd-spf.conf", "main.cf", "master.cf"};

/// The folder of this process, gone at its end.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "signet-fuzz-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void write(const char* name, std::string text) const {
    for (std::size_t at = text.find("@@"); at != std::string::npos; at = text.find("@@", at + path_.size()))
      text.replace(at, 2, path_);
    std::ofstream(path(name), std::ios::binary) << text;
  }
  [[nodiscard]] std::string path(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

bool is_line(std::string_view text) {
  return base::is_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\0'; });
}

void check_findings(const migrate::Import& import) {
  for (const auto& finding : import.findings.all()) {
    require(is_line(finding.text) && !finding.text.empty(), "a finding is one line of text");
    require(!finding.place.file.empty(), "a finding names a file or a program");
    require(finding.text.find("would not load") == std::string::npos, "the new file loads");
  }
  for (const auto& change : import.postfix)
    require(is_line(change.before) && is_line(change.after) && change.before != change.after,
            "a change of Postfix is one line");
}

void check(std::string_view octets) {
  static const Folder folder;
  fuzz::Input input(octets);
  for (const auto* name : names) folder.write(name, std::string(input.until(between_parts)));
  migrate::OldFiles files;
  files.opendkim = {folder.path("opendkim.conf"), true};
  files.opendmarc = {folder.path("opendmarc.conf"), true};
  files.policyd = {folder.path("policyd-spf.conf"), true};
  files.main = {folder.path("main.cf"), true};
  files.master = {folder.path("master.cf"), true};
  const migrate::Import import = migrate::import_setup(files, "host.example", {});
  check_findings(import);
  require(migrate::import_setup(files, "host.example", {}).toml == import.toml, "the same files give the same again");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  check(fuzz::as_text(octets, size));
  return 0;
}
