#include "cli/import.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/commands.hpp"
#include "cli/import_text.hpp"

namespace cli {
namespace {

constexpr int json_indent = 2;
constexpr mode_t output_mode = 0644;
constexpr auto key_wait = std::chrono::seconds{20};

/// Whoever names a file wants it read.
void check_named(const migrate::OldFiles& files) {
  for (const auto* file : {&files.opendkim, &files.opendmarc, &files.policyd, &files.main, &files.master})
    if (file->is_named && ::access(file->path.c_str(), R_OK) != 0)
      throw FileError(fmt::format("{}: {}", file->path, std::strerror(errno)));
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// Why the file could not be written; empty: it is.
std::string write_file(const ImportOptions& options, std::string_view text) {
  const int how = options.overwrite ? O_TRUNC : O_EXCL;
  const int fd = ::open(options.output.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | how, output_mode);
  if (fd < 0 && errno == EEXIST) return "is there already; --force overwrites it";
  if (fd < 0) return std::strerror(errno);
  const bool is_written = write_all(fd, text);
  const int error = errno;
  if (::close(fd) != 0 || !is_written) return is_written ? std::strerror(errno) : std::strerror(error);
  return "";
}

migrate::Import read_setup(const ImportOptions& options) {
  const auto deadline = std::chrono::steady_clock::now() + key_wait;
  if (options.skip_dns) return migrate::import_setup(options.files, host_name(), {nullptr, deadline});
  StderrLog log;
  const auto resolver = open_resolver(options.sources, log);
  return migrate::import_setup(options.files, host_name(), {resolver.get(), deadline});
}

}  // namespace

int run_import(const ImportOptions& options, std::ostream& out, std::ostream& notes) {
  check_named(options.files);
  const migrate::Import import = read_setup(options);
  if (options.json)
    out << to_json(import).dump(json_indent) << '\n';
  else
    notes << explain_import(import);
  if (import.toml.empty()) return exit_no_input;
  if (!options.output.empty()) {
    if (const std::string fault = write_file(options, import.toml); !fault.empty()) {
      notes << fmt::format("signet: {}: {}\n", options.output, fault);
      return exit_cannot_create;
    }
  } else if (!options.json) {
    out << import.toml;
  }
  return import.findings.has_problem() ? exit_needs_hand : 0;
}

}  // namespace cli
