#include "dkim/rotation.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>

#include "base/text.hpp"

namespace dkim {
namespace {

constexpr std::array stages = {Stage::next, Stage::active, Stage::retiring, Stage::retired};
constexpr std::array types = {KeyType::rsa, KeyType::ed25519};
constexpr std::string_view head =
    "# Keys of one domain, as `signet key rotate` and signetd move them on. `signet key list` explains.\n"
    "# STAGE    TYPE     SELECTOR        SINCE\n";

template <class Value, std::size_t count>
std::optional<Value> find_named(const std::array<Value, count>& values, std::string_view name) {
  const auto found = std::find_if(values.begin(), values.end(), [&](Value value) { return to_text(value) == name; });
  return found == values.end() ? std::nullopt : std::optional(*found);
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (const std::string_view word : base::split(line, ' '))
    if (!word.empty()) words.push_back(word);
  return words;
}

/// `text` is "2026-11-24T20:15:00Z". RFC 3339 §5.6, in UTC and without fractions.
std::optional<base::UnixTime> parse_time(std::string_view text) {
  constexpr std::string_view shape = "dddd-dd-ddTdd:dd:ddZ";
  if (text.size() != shape.size()) return std::nullopt;
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (shape[i] == 'd' ? !base::is_digit(text[i]) : text[i] != shape[i]) return std::nullopt;
  const auto number = [&](std::size_t from, std::size_t size) {
    unsigned value = 0;
    for (const char c : text.substr(from, size)) value = 10 * value + static_cast<unsigned>(c - '0');
    return value;
  };
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(number(0, 4))), std::chrono::month(number(5, 2)),
                                         std::chrono::day(number(8, 2))};
  if (!date.ok() || number(11, 2) > 23 || number(14, 2) > 59 || number(17, 2) > 59) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(number(11, 2)) + std::chrono::minutes(number(14, 2)) +
         std::chrono::seconds(number(17, 2));
}

base::Result<RotatingKey, std::string_view> parse_line(std::string_view line) {
  const auto words = words_of(line);
  if (words.size() != 4) return tl::unexpected<std::string_view>("four words: stage, type, selector, time");
  const auto stage = find_named(stages, words[0]);
  if (!stage) return tl::unexpected<std::string_view>("a stage: next, active, retiring or retired");
  const auto type = find_named(types, words[1]);
  if (!type) return tl::unexpected<std::string_view>("a type: rsa or ed25519");
  if (!is_plain_selector(words[2])) return tl::unexpected<std::string_view>("a selector of letters, digits, '-', '_' and '.'");
  const auto since = parse_time(words[3]);
  if (!since) return tl::unexpected<std::string_view>("a time such as 2026-11-24T20:15:00Z");
  return RotatingKey{*stage, *type, std::string(words[2]), *since};
}

}  // namespace

bool is_plain_selector(std::string_view text) {
  const auto is_plain = [](char c) { return base::is_alnum(c) || c == '-' || c == '_' || c == '.'; };
  return !text.empty() && text.size() <= 63 && text.front() != '.' && text.back() != '.' &&
         text.find("..") == std::string_view::npos && std::all_of(text.begin(), text.end(), is_plain);
}

std::string_view to_text(Stage stage) {
  switch (stage) {
    case Stage::next:
      return "next";
    case Stage::active:
      return "active";
    case Stage::retiring:
      return "retiring";
    case Stage::retired:
      return "retired";
  }
  return "?";
}

std::string_view to_text(KeyType type) { return type == KeyType::rsa ? "rsa" : "ed25519"; }

base::Result<Rotation, RotationError> parse_rotation(std::string_view text) {
  const auto fail = [](std::size_t line, std::string_view expected) {
    return tl::unexpected<RotationError>(RotationError{line, expected});
  };
  if (text.size() > max_rotation_octets) return fail(0, "a shorter text");
  Rotation rotation;
  std::size_t number = 0;
  for (std::string_view line : base::split(text, '\n')) {
    ++number;
    line = base::trim(line);
    if (line.empty() || line.front() == '#') continue;
    auto key = parse_line(line);
    if (!key) return fail(number, key.error());
    const auto is_same = [&](const RotatingKey& known) { return base::iequals(known.selector, key->selector); };
    if (std::any_of(rotation.begin(), rotation.end(), is_same)) return fail(number, "each selector once");
    if (rotation.size() == max_rotating_keys) return fail(number, "fewer keys");
    rotation.push_back(std::move(*key));
  }
  return rotation;
}

base::Result<Rotation, std::string> load_rotation(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file && errno == ENOENT) return Rotation{};
  std::string text(max_rotation_octets + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.eof() && !file)
    return tl::unexpected(fmt::format("{}: found it unreadable ({}), expected the stages of keys", path, std::strerror(errno)));
  text.resize(static_cast<std::size_t>(file.gcount()));
  auto rotation = parse_rotation(text);
  if (rotation) return *rotation;
  return tl::unexpected(
      fmt::format("{}:{}: found something else, expected {}", path, rotation.error().line, rotation.error().text));
}

std::string format_rotation(const Rotation& rotation) {
  std::string text(head);
  for (const RotatingKey& key : rotation)
    fmt::format_to(std::back_inserter(text), "{:<10} {:<8} {:<15} {:%Y-%m-%dT%H:%M:%SZ}\n", to_text(key.stage),
                   to_text(key.type), key.selector, fmt::gmtime(key.since.time_since_epoch().count()));
  return text;
}

std::vector<Step> advance(Rotation& rotation, std::span<const Published> published, base::UnixTime now,
                          std::chrono::seconds grace) {
  std::vector<Step> steps;
  const auto move = [&](RotatingKey& key, Stage to) {
    key.stage = to;
    key.since = now;
    steps.push_back({key.selector, to});
  };
  for (RotatingKey& key : rotation)
    if (key.stage == Stage::retiring && now - key.since >= grace) move(key, Stage::retired);
  for (std::size_t i = 0; i < rotation.size() && i < published.size(); ++i) {
    if (rotation[i].stage != Stage::next || published[i] != Published::everywhere) continue;
    for (RotatingKey& other : rotation)
      if (other.stage == Stage::active && other.type == rotation[i].type) move(other, Stage::retiring);
    move(rotation[i], Stage::active);
  }
  return steps;
}

}  // namespace dkim
