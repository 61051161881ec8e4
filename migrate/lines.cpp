#include "migrate/lines.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include "base/text.hpp"

namespace migrate {
namespace {

/// Why a line cannot be used; empty: it can.
std::string find_fault(std::string_view text) {
  if (text.size() > max_line_octets) return fmt::format("a line of more than {} octets is left out", max_line_octets);
  if (text.find('\0') != std::string_view::npos) return "a line with a NUL octet is left out";
  if (!base::is_utf8(text)) return "a line that is not UTF-8 is left out";
  return "";
}

std::string reason(int error) { return std::generic_category().message(error); }

/// One octet more than is used at most, so that the caller notices.
std::string read_most(std::FILE& file) {
  std::string text;
  std::array<char, 16384> part{};
  while (text.size() <= max_file_octets) {
    const std::size_t got = std::fread(part.data(), 1, std::min(part.size(), max_file_octets + 1 - text.size()), &file);
    if (got == 0) break;
    text.append(part.data(), got);
  }
  return text;
}

}  // namespace

std::vector<Line> split_lines(std::string_view text, const std::string& file, Findings& findings) {
  std::vector<Line> lines;
  bool has_cr = false;
  for (std::uint32_t number = 1; !text.empty(); ++number) {
    if (number > max_lines) {
      findings.problem({file, number}, fmt::format("more than {} lines: the rest is left out", max_lines));
      break;
    }
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
      if (!has_cr) findings.note({file, number}, "lines end in CR LF; the CR is left out");
      has_cr = true;
    }
    if (std::string fault = find_fault(line); !fault.empty())
      findings.problem({file, number}, std::move(fault));
    else
      lines.push_back({number, std::string(line)});
  }
  return lines;
}

std::optional<std::vector<Line>> read_lines(const std::string& path, Findings& findings) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    findings.problem({path, 0}, "cannot be read: " + reason(errno));
    return std::nullopt;
  }
  if (!S_ISREG(status.st_mode)) {
    findings.problem({path, 0}, "is no regular file");
    return std::nullopt;
  }
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"), std::fclose);
  std::string text = file ? read_most(*file) : std::string();
  if (!file || std::ferror(file.get()) != 0) {
    findings.problem({path, 0}, "cannot be read: " + reason(errno));
    return std::nullopt;
  }
  if (text.size() > max_file_octets) {
    findings.problem({path, 0}, fmt::format("more than {} octets: the rest is left out", max_file_octets));
    text.resize(text.rfind('\n', max_file_octets - 1) + 1);
  }
  return split_lines(text, path, findings);
}

std::string_view strip_comment(std::string_view text) { return base::trim(text.substr(0, text.find('#'))); }

}  // namespace migrate
