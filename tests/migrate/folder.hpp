#pragma once
// A folder of its own for the files of one test, and an import of what lies in it.

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "conf/load.hpp"
#include "migrate/import.hpp"

namespace migrate_test {

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "signet-migrate-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  /// Writes a file, mode 0600; every "@@" in the text becomes the folder's path. Gives its path.
  std::string write(const std::string& name, std::string text) const {
    for (std::size_t at = text.find("@@"); at != std::string::npos; at = text.find("@@", at))
      text.replace(at, 2, path_.string());
    const auto file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    std::filesystem::permissions(file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return file.string();
  }
  [[nodiscard]] std::string path(const std::string& name = "") const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

inline bool has(const migrate::Findings& findings, migrate::Severity severity, const std::string& text,
                std::uint32_t line = 0) {
  return std::any_of(findings.all().begin(), findings.all().end(), [&](const migrate::Finding& f) {
    return f.severity == severity && f.text.find(text) != std::string::npos && (line == 0 || f.place.line == line);
  });
}

inline std::string all_of(const migrate::Findings& findings) {
  std::string out;
  for (const auto& f : findings.all())
    out += std::string(migrate::to_text(f.severity)) + " " + migrate::to_text(f.place) + ": " + f.text + "\n";
  return out;
}

/// A setup in a folder: what is written here is imported, and nothing of this machine's.
class Setup {
 public:
  Setup() {
    files_.opendkim = {folder.path("opendkim.conf"), false};
    files_.opendmarc = {folder.path("opendmarc.conf"), false};
    files_.policyd = {folder.path("policyd-spf.conf"), false};
    files_.main = {folder.path("main.cf"), false};
    files_.master = {folder.path("master.cf"), false};
  }
  const migrate::Import& run(dns::Resolver* resolver = nullptr) {
    import = migrate::import_setup(files_, "host.example", {resolver, std::chrono::steady_clock::now() + std::chrono::seconds {
                                                              5
                                                            }});
    return import;
  }
  /// What signetd would make of the new file. Throws conf::Error when it does not load.
  conf::Settings settings() { return conf::parse(run().toml, folder.path("signet.toml")); }
  [[nodiscard]] bool has_note(const std::string& text, std::uint32_t line = 0) const {
    return has(import.findings, migrate::Severity::note, text, line);
  }
  [[nodiscard]] bool has_warning(const std::string& text, std::uint32_t line = 0) const {
    return has(import.findings, migrate::Severity::warning, text, line);
  }
  [[nodiscard]] bool has_problem(const std::string& text, std::uint32_t line = 0) const {
    return has(import.findings, migrate::Severity::problem, text, line);
  }
  [[nodiscard]] bool writes(const std::string& text) const { return import.toml.find(text) != std::string::npos; }

  Folder folder;
  migrate::Import import;

 private:
  migrate::OldFiles files_;
};

}  // namespace migrate_test
