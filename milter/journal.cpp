#include "milter/journal.hpp"

#define SD_JOURNAL_SUPPRESS_LOCATION  // of our sources: nothing that an administrator looks for
#include <sys/uio.h>
#include <syslog.h>
#include <systemd/sd-journal.h>
#include <unistd.h>
#include <array>

#include "base/text.hpp"

namespace milter {
namespace {

constexpr std::size_t max_assignments = 64;  // of one entry; no line has half as many
constexpr const char* journal_socket = "/run/systemd/journal/socket";

int priority_of(base::LogLevel level) {
  switch (level) {
    case base::LogLevel::debug:
      return LOG_DEBUG;
    case base::LogLevel::info:
      return LOG_INFO;
    case base::LogLevel::warning:
      return LOG_WARNING;
    case base::LogLevel::error:
      return LOG_ERR;
  }
  return LOG_ERR;
}

/// A NUL of the value would end the assignment.
void assign(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append("=");
  for (const char c : value) out += c == '\0' ? '?' : c;
  out += '\0';
}

/// Capitals, digits and underscores are what a name may hold.
std::string name_of(std::string_view key) {
  if (key == "qid") return "SIGNET_QUEUE_ID";
  std::string name = "SIGNET_";
  for (const char c : key) {
    const char lower = base::to_lower(c);
    name += lower >= 'a' && lower <= 'z' ? static_cast<char>(lower - 'a' + 'A') : base::is_digit(c) ? c : '_';
  }
  return name;
}

}  // namespace

bool has_journal() { return ::access(journal_socket, W_OK) == 0; }

std::string journal_entry(base::LogLevel level, base::LogComponent component, std::string_view line,
                          const base::LogFields& fields) {
  std::string out;
  assign(out, "MESSAGE", line);
  assign(out, "PRIORITY", std::to_string(priority_of(level)));
  assign(out, "SYSLOG_IDENTIFIER", "signetd");
  assign(out, "SIGNET_COMPONENT", base::to_text(component));
  for (std::size_t i = 0; i < fields.size(); ++i) assign(out, name_of(fields.at(i).key), fields.at(i).value);
  return out;
}

bool send_to_journal(std::string_view entry) noexcept {
  std::array<iovec, max_assignments> parts{};
  std::size_t count = 0;
  for (std::size_t end = 0; count < parts.size() && (end = entry.find('\0')) != std::string_view::npos; ++count) {
    parts[count] = {const_cast<char*>(entry.data()), end};
    entry.remove_prefix(end + 1);
  }
  return ::sd_journal_sendv(parts.data(), static_cast<int>(count)) >= 0;
}

}  // namespace milter
