#include "migrate/old_settings.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "conf/syntax.hpp"
#include "migrate/lines.hpp"

namespace migrate {
namespace {

constexpr std::size_t max_cited_octets = 160;

/// opendkim.conf and what it includes.
class Reader {
 public:
  Reader(OldSettings& settings, Findings& findings) : settings_(settings), findings_(findings) {}

  void read(const std::string& path) {
    const auto lines = read_lines(path, findings_);
    if (!lines) return;
    settings_.set_present();
    open_.push_back(path);
    for (const auto& line : *lines) read_line(line, path);
    open_.pop_back();
  }

 private:
  void read_line(const Line& line, const std::string& path) {
    const std::string_view text = strip_comment(line.text);
    if (text.empty()) return;
    const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
    OldSetting setting{std::string(text.substr(0, end)), std::string(base::trim(text.substr(end))), {path, line.number}};
    if (setting.value.empty())
      findings_.problem(setting.place, fmt::format("{} has no value: left out", conf::printable_words(setting.name)));
    else if (settings_.is_name(setting.name, "Include"))
      include(setting);
    else
      settings_.add(std::move(setting), findings_);
  }

  void include(const OldSetting& setting) {
    const std::string name = conf::printable_words(setting.value);
    if (std::find(open_.begin(), open_.end(), setting.value) != open_.end())
      findings_.problem(setting.place, fmt::format("{} includes itself: left out here", name));
    else if (open_.size() > OldSettings::max_include_depth || ++included_ > OldSettings::max_included_files)
      findings_.problem(setting.place, fmt::format("too many files within files: {} is left out", name));
    else
      read(setting.value);
  }

  OldSettings& settings_;
  Findings& findings_;
  std::vector<std::string> open_;  // being read, the innermost last
  std::size_t included_ = 0;
};

}  // namespace

std::string cite(const OldSetting& setting) {
  return fmt::format("{}: {} {}", to_text(setting.place), conf::printable_words(setting.name),
                     conf::printable_words(setting.value, max_cited_octets));
}

bool OldSettings::is_name(std::string_view a, std::string_view b) const { return ignores_case_ ? base::iequals(a, b) : a == b; }

const OldSetting* OldSettings::find(std::string_view name) const {
  const auto found = std::find_if(all_.rbegin(), all_.rend(), [&](const OldSetting& s) { return is_name(s.name, name); });
  return found == all_.rend() ? nullptr : &*found;
}

Cited OldSettings::value(std::string_view name, std::string_view default_value) const {
  if (const auto* setting = find(name)) return {setting->value, cite(*setting), setting->place, false};
  return {
      std::string(default_value), fmt::format("the default of {}: {} {}", program_, name, default_value), {program_, 0}, true};
}

bool OldSettings::is_on(std::string_view name, bool default_value) const {
  const auto* setting = find(name);
  return setting == nullptr ? default_value : read_boolean(setting->value).value_or(default_value);
}

void OldSettings::add(OldSetting setting, Findings& findings) {
  if (all_.size() >= max_settings)
    return findings.problem(setting.place, fmt::format("more than {} settings: {} is left out", max_settings, setting.name));
  if (const auto* earlier = find(setting.name))
    findings.note(earlier->place, fmt::format("{} is set again in {}, which counts", earlier->name, to_text(setting.place)));
  all_.push_back(std::move(setting));
}

std::optional<bool> read_boolean(std::string_view text) {
  const char first = text.empty() ? '\0' : base::to_lower(text.front());
  if (first == 't' || first == 'y' || first == '1') return true;
  if (first == 'f' || first == 'n' || first == '0') return false;
  return std::nullopt;
}

OldSettings read_milter_settings(std::string program, const std::string& path, Findings& findings) {
  OldSettings settings(std::move(program), true);
  Reader(settings, findings).read(path);
  return settings;
}

OldSettings read_policyd_settings(const std::string& path, Findings& findings) {
  OldSettings settings("policyd-spf", false);
  const auto lines = read_lines(path, findings);
  if (!lines) return settings;
  settings.set_present();
  for (const auto& line : *lines) {
    const std::string_view text = strip_comment(line.text);
    if (text.empty()) continue;
    const auto parts = base::split(text, '=');
    const Place place{path, line.number};
    if (parts.size() != 2 || base::trim(parts[1]).empty())
      findings.problem(place,
                       fmt::format("not \"name = value\": {}; policyd-spf passed over it, too", conf::printable_words(text)));
    else
      settings.add({std::string(base::trim(parts[0])), std::string(base::trim(parts[1])), place}, findings);
  }
  return settings;
}

}  // namespace migrate
