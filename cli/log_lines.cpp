#include "cli/log_lines.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/message_run.hpp"

namespace cli {
namespace {

constexpr std::size_t max_fields = 128;  // of one line; those beyond are left out
// With the time, which `-o cat` leaves out.
constexpr const char* journal_command = "journalctl --unit=signet --output=short-iso --no-pager --quiet";

/// Digits from `at`, which is moved behind them.
std::optional<int> take_number(std::string_view text, std::size_t& at, std::size_t digits) {
  std::uint64_t value = 0;
  if (text.size() < at + digits || !base::parse_number(text.substr(at, digits), 9999, value)) return std::nullopt;
  at += digits;
  return static_cast<int>(value);
}

bool take(std::string_view text, std::size_t& at, char wanted) {
  if (at >= text.size() || text[at] != wanted) return false;
  ++at;
  return true;
}

/// "Z", "+01:00" or "+0100", in minutes.
std::optional<int> take_offset(std::string_view text, std::size_t& at) {
  if (take(text, at, 'Z')) return 0;
  const bool is_west = at < text.size() && text[at] == '-';
  if (!is_west && !(at < text.size() && text[at] == '+')) return std::nullopt;
  ++at;
  const auto hours = take_number(text, at, 2);
  static_cast<void>(take(text, at, ':'));
  const auto minutes = take_number(text, at, 2);
  if (!hours || !minutes) return std::nullopt;
  return (is_west ? -1 : 1) * (*hours * 60 + *minutes);
}

std::optional<std::chrono::sys_days> take_date(std::string_view text, std::size_t& at) {
  const auto year = take_number(text, at, 4);
  if (!year || !take(text, at, '-')) return std::nullopt;
  const auto month = take_number(text, at, 2);
  if (!month || !take(text, at, '-')) return std::nullopt;
  const auto day = take_number(text, at, 2);
  if (!day || !take(text, at, 'T')) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  return date.ok() ? std::optional(std::chrono::sys_days{date}) : std::nullopt;
}

/// The date-time of RFC 3339 §5.6 that text begins with, as syslog daemons, journalctl and signetd itself write it.
std::optional<base::UnixTime> read_time(std::string_view text) {
  std::size_t at = 0;
  const auto date = take_date(text, at);
  if (!date) return std::nullopt;
  const auto hour = take_number(text, at, 2);
  if (!hour || !take(text, at, ':')) return std::nullopt;
  const auto minute = take_number(text, at, 2);
  if (!minute || !take(text, at, ':')) return std::nullopt;
  const auto second = take_number(text, at, 2);
  if (!second) return std::nullopt;
  if (take(text, at, '.'))
    while (at < text.size() && base::is_digit(text[at])) ++at;
  const auto offset = take_offset(text, at);
  if (!offset) return std::nullopt;
  return *date + std::chrono::hours{*hour} + std::chrono::minutes{*minute - *offset} + std::chrono::seconds{*second};
}

int hex_value(char c) {
  if (base::is_digit(c)) return c - '0';
  const char lower = base::to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// What base::text_line wrote of a value, undone.
std::string unescape(std::string_view text) {
  std::string out;
  if (text == "-") return out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_escape = text.size() - i >= 4 && text[i] == '\\' && text[i + 1] == 'x' && hex_value(text[i + 2]) >= 0 &&
                           hex_value(text[i + 3]) >= 0;
    if (!is_escape) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(hex_value(text[i + 2]) * 16 + hex_value(text[i + 3]));
    i += 3;
  }
  return out;
}

void add_field(LogLine& line, std::string_view key, std::string_view value) {
  if (line.fields.size() < max_fields) line.fields.emplace_back(key, value);
}

/// `spf.mailfrom`, `qid`: nothing that prose or another program's words would be taken for.
bool is_key(std::string_view text) {
  return !text.empty() && base::is_alpha(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return base::is_alnum(c) || c == '.' || c == '_' || c == '-'; });
}

void read_pairs(LogLine& line, std::string_view text) {
  for (const std::string_view word : base::split(text, ' ')) {
    const std::size_t equals = word.find('=');
    if (equals != std::string_view::npos && is_key(word.substr(0, equals)))
      add_field(line, word.substr(0, equals), unescape(word.substr(equals + 1)));
  }
}

/// The object that text ends with, if it does.
bool read_object(LogLine& line, std::string_view text) {
  const std::size_t begin = text.find('{');
  if (begin == std::string_view::npos || !text.ends_with('}') || (begin != 0 && text[begin - 1] != ' ')) return false;
  const auto object = nlohmann::json::parse(text.substr(begin), nullptr, false);
  if (!object.is_object()) return false;
  for (const auto& [key, value] : object.items())
    add_field(line, key, value.is_string() ? value.get<std::string>() : value.is_null() ? std::string() : value.dump());
  return true;
}

struct Closer {
  bool is_program = false;
  void operator()(std::FILE* file) const { is_program ? ::pclose(file) : std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Closer>;

File open_log(const std::string& file) {
  const bool is_program = file.empty();
  std::FILE* opened = is_program    ? ::popen(journal_command, "re")
                      : file == "-" ? ::fdopen(::dup(STDIN_FILENO), "r")
                                    : std::fopen(file.c_str(), "re");
  if (opened == nullptr) throw FileError(fmt::format("{}: {}", is_program ? journal_command : file, std::strerror(errno)));
  return File(opened, Closer{is_program});
}

/// The next line without its end; false: there is none. What is too long is passed over.
bool next_line(std::FILE* file, std::array<char, max_log_line_octets + 2>& buffer, std::string_view& line) {
  bool is_tail = false;
  while (std::fgets(buffer.data(), static_cast<int>(buffer.size()), file) != nullptr) {
    line = buffer.data();
    const bool is_whole = line.ends_with('\n') || std::feof(file) != 0;
    if (is_whole && !is_tail) {
      line = base::trim(line);
      return true;
    }
    is_tail = !is_whole;
  }
  return false;
}

}  // namespace

std::string_view LogLine::find(std::string_view key) const {
  const auto found = std::find_if(fields.begin(), fields.end(), [key](const auto& field) { return field.first == key; });
  return found == fields.end() ? std::string_view() : std::string_view(found->second);
}

std::optional<LogLine> parse_log_line(std::string_view text) {
  LogLine line;
  if (text.size() > max_log_line_octets) return std::nullopt;
  line.time = read_time(text);
  if (read_object(line, text)) {
    if (!line.time) line.time = read_time(line.find("time"));
  } else {
    read_pairs(line, text);
  }
  if (line.fields.empty()) return std::nullopt;
  return line;
}

void read_log(const std::string& file, const std::function<void(const LogLine&)>& take) {
  File log = open_log(file);
  std::array<char, max_log_line_octets + 2> buffer{};
  for (std::string_view line; next_line(log.get(), buffer, line);)
    if (const auto parsed = parse_log_line(line)) take(*parsed);
  if (std::ferror(log.get()) != 0) throw FileError(fmt::format("{}: {}", file, std::strerror(errno)));
  if (file.empty() && ::pclose(log.release()) != 0) throw FileError("journalctl gave no log; name a file with --log");
}

}  // namespace cli
