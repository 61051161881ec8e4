#include "migrate/postfix_config.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace migrate {
namespace {

constexpr std::size_t max_logical_octets = 64UL * 1024;
constexpr std::size_t master_fields = 7;  // before the command: service type private unpriv chroot wakeup maxproc

bool is_separator(char c) { return base::is_fws(c) || c == ','; }

bool is_name_char(char c) { return base::is_alnum(c) || c == '_' || c == '-'; }

/// A reference at the start of text: its name and its length in octets; length 0: there is none.
struct Reference {
  std::string_view name;
  std::size_t length = 0;
};

Reference read_reference(std::string_view text) {
  if (text.size() < 2 || text[0] != '$') return {};
  const char close = text[1] == '{' ? '}' : text[1] == '(' ? ')' : '\0';
  const std::size_t start = close == '\0' ? 1 : 2;
  const auto* const end = std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(start), text.end(), is_name_char);
  const auto stop = static_cast<std::size_t>(end - text.begin());
  if (stop == start || (close != '\0' && (stop == text.size() || text[stop] != close))) return {};
  return {text.substr(start, stop - start), stop + (close == '\0' ? 0U : 1U)};
}

}  // namespace

std::vector<Line> join_lines(const std::vector<Line>& lines) {
  std::vector<Line> joined;
  for (const auto& line : lines) {
    const std::string_view text = base::trim(line.text);
    if (text.empty() || text.starts_with('#')) continue;
    const bool goes_on = base::is_wsp(line.text.front()) && !joined.empty();
    if (!goes_on)
      joined.push_back({line.number, std::string(text)});
    else if (joined.back().text.size() + text.size() < max_logical_octets)
      joined.back().text.append(" ").append(text);
  }
  return joined;
}

MainConfig::MainConfig(const std::vector<Line>& lines, const std::string& file) {
  for (const auto& line : join_lines(lines)) {
    const std::size_t equals = line.text.find('=');
    if (equals == std::string::npos) continue;
    const std::string_view text = line.text;
    all_.push_back({std::string(base::trim(text.substr(0, equals))),
                    std::string(base::trim(text.substr(equals + 1))),
                    {file, line.number}});
  }
}

const MainParameter* MainConfig::find(std::string_view name) const {
  const auto found = std::find_if(all_.rbegin(), all_.rend(), [&](const auto& p) { return p.name == name; });
  return found == all_.rend() ? nullptr : &*found;
}

void MainConfig::expand_into(std::string& out, std::string_view text, unsigned depth) const {
  while (!text.empty() && out.size() < max_expansion_octets) {
    const Reference reference = read_reference(text);
    const auto* parameter = reference.length == 0 ? nullptr : find(reference.name);
    if (parameter != nullptr && depth < max_expansion_depth) {
      expand_into(out, parameter->value, depth + 1);
      text.remove_prefix(reference.length);
      continue;
    }
    out += text.front();
    text.remove_prefix(1);
  }
}

std::string MainConfig::expand(std::string_view text) const {
  std::string out;
  expand_into(out, text, 0);
  return out;
}

std::vector<MasterService> read_master(const std::vector<Line>& lines, const std::string& file) {
  std::vector<MasterService> services;
  for (const auto& line : join_lines(lines)) {
    std::string_view rest = line.text;
    std::vector<std::string> fields;
    while (fields.size() < master_fields && !rest.empty()) {
      const std::size_t end = std::min(rest.find_first_of(" \t"), rest.size());
      fields.emplace_back(rest.substr(0, end));
      rest = base::trim(rest.substr(end));
    }
    if (fields.size() == master_fields && !rest.empty())
      services.push_back({fields[0], fields[1], line.text, std::string(rest), {file, line.number}});
  }
  return services;
}

std::vector<std::string> split_items(std::string_view text) {
  std::vector<std::string> items;
  std::string item;
  int depth = 0;
  for (const char c : text) {
    depth += c == '{' ? 1 : c == '}' && depth > 0 ? -1 : 0;
    if (depth > 0 || !is_separator(c)) {
      item += c;
    } else if (!item.empty()) {
      items.push_back(std::move(item));
      item.clear();
    }
  }
  if (!item.empty()) items.push_back(std::move(item));
  return items;
}

}  // namespace migrate
