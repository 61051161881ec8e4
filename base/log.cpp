#include "base/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/text.hpp"

namespace base {
namespace {

constexpr std::array<std::string_view, 4> level_names = {"debug", "info", "warning", "error"};
constexpr std::array<std::string_view, log_components> component_names = {"message", "shadow",  "dns",    "dmarc",   "keys",
                                                                          "milter",  "control", "config", "metrics", "daemon"};
constexpr std::size_t usual_fields = 24, usual_octets = 512;  // of the line of a message, so that it is made without growing

template <class Names>
std::optional<std::size_t> find_name(const Names& names, std::string_view text) {
  const auto found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

void append_pair(std::string& out, const LogFields::Field& field) {
  const auto is_plain = [](char c) { return is_visible(c) && c != '"' && c != '\\'; };
  if (!out.empty()) out += ' ';
  out.append(field.key).append("=");
  if (field.value.empty())
    out += '-';
  else if (std::all_of(field.value.begin(), field.value.end(), is_plain))
    out += field.value;
  else
    out += printable(field.value, field.value.size());
}

/// How many octets of UTF-8 text begins with that make one character; 0: none do.
std::size_t character_size(std::string_view text) {
  for (std::size_t size = 1; size <= std::min<std::size_t>(4, text.size()); ++size)
    if (is_utf8(text.substr(0, size))) return size;
  return 0;
}

/// RFC 8259 §7. What is no character, or would end a line somewhere (C1, U+2028, U+2029), never gets out as it is.
void append_character(std::string& out, std::string_view character) {
  const auto code = static_cast<unsigned char>(character.front());
  if (character == "\"" || character == "\\")
    out.append("\\").append(character);
  else if (code < 0x20 || code == 0x7f)
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", code);
  else if (character.size() == 2 && code == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0)
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(character[1]));
  else if (character == "\xe2\x80\xa8" || character == "\xe2\x80\xa9")
    fmt::format_to(std::back_inserter(out), "\\u202{:x}", static_cast<unsigned char>(character[2]) - 0xa0);
  else
    out += character;
}

void append_string(std::string& out, std::string_view text) {
  const auto is_plain = [](char c) { return c == ' ' || (is_visible(c) && c != '"' && c != '\\'); };
  out += '"';
  if (std::all_of(text.begin(), text.end(), is_plain)) {
    out += text;
    text = {};
  }
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    if (size == 0)
      out += "\xef\xbf\xbd";
    else
      append_character(out, text.substr(0, size));
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  out += '"';
}

void append_member(std::string& out, std::string_view key, std::string_view value) {
  out += ',';
  append_string(out, key);
  out += ':';
  append_string(out, value);
}

void append_time(std::string& out, std::chrono::system_clock::time_point time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::milliseconds>(time - day)};
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                 clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

}  // namespace

std::string_view to_text(LogLevel level) { return level_names[static_cast<std::size_t>(level)]; }

std::string_view to_text(LogComponent component) { return component_names[static_cast<std::size_t>(component)]; }

std::optional<LogLevel> find_log_level(std::string_view text) {
  const auto found = find_name(level_names, text);
  return found ? std::optional(static_cast<LogLevel>(*found)) : std::nullopt;
}

std::optional<LogComponent> find_log_component(std::string_view text) {
  const auto found = find_name(component_names, text);
  return found ? std::optional(static_cast<LogComponent>(*found)) : std::nullopt;
}

void LogFields::begin(std::string_view key, bool is_number) {
  if (entries_.empty()) {
    entries_.reserve(usual_fields);
    values_.reserve(usual_octets);
  }
  entries_.push_back({key, values_.size(), is_number});
}

LogFields& LogFields::add(std::string_view key, std::string_view value) {
  begin(key, false);
  values_ += value;
  return *this;
}

LogFields& LogFields::add_outside(std::string_view key, std::string_view value) {
  add(key, value.substr(0, max_outside_octets));
  if (value.size() > max_outside_octets) values_ += "...";
  return *this;
}

LogFields& LogFields::add_decimal(std::string_view key, double value) {
  begin(key, true);
  fmt::format_to(std::back_inserter(values_), "{:.1f}", value);
  return *this;
}

LogFields& LogFields::add_number(std::string_view key, std::uint64_t value) {
  begin(key, true);
  fmt::format_to(std::back_inserter(values_), "{}", value);
  return *this;
}

LogFields::Field LogFields::at(std::size_t i) const {
  const Entry& entry = entries_[i];
  const std::size_t end = i + 1 < entries_.size() ? entries_[i + 1].begin : values_.size();
  return {entry.key, std::string_view(values_).substr(entry.begin, end - entry.begin), entry.is_number};
}

std::string text_line(const LogFields& fields) { return text_line(LogComponent::message, {}, fields); }

std::string text_line(LogComponent component, std::string_view text, const LogFields& fields) {
  std::string out;
  out.reserve(usual_octets + text.size());
  if (!text.empty()) out.append(to_text(component)).append(": ").append(text);
  for (std::size_t i = 0; i < fields.size(); ++i) append_pair(out, fields.at(i));
  return out;
}

std::string json_line(const LogMoment& moment, LogComponent component, std::string_view text, const LogFields& fields) {
  std::string out;
  out.reserve(2 * usual_octets + text.size());
  out += "{\"time\":\"";
  append_time(out, moment.time);
  out += '"';
  append_member(out, "level", to_text(moment.level));
  append_member(out, "component", to_text(component));
  if (!text.empty()) append_member(out, "message", text);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const LogFields::Field field = fields.at(i);
    if (!field.is_number) {
      append_member(out, field.key, field.value);
      continue;
    }
    out += ',';
    append_string(out, field.key);
    out.append(":").append(field.value);
  }
  out += '}';
  return out;
}

}  // namespace base
