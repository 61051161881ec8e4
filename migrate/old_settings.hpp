#pragma once
// What an old configuration file says: names, values and where they stand. Two syntaxes: "Name value", of opendkim.conf
// and opendmarc.conf, and "name = value", of policyd-spf.conf. What a name means is for others.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/finding.hpp"

namespace migrate {

struct OldSetting {
  std::string name;
  std::string value;
  Place place;
};

/// "FILE:LINE: Name value": where a setting of ours comes from.
[[nodiscard]] std::string cite(const OldSetting& setting);

/// A value with the words that say where it comes from: the file, or the old program's default.
struct Cited {
  std::string value;
  std::string why;
  Place place;
  bool is_default = false;
};

class OldSettings {
 public:
  static constexpr std::size_t max_settings = 2000;
  static constexpr std::size_t max_include_depth = 5;  // as opendkim.conf(5) says of Include
  static constexpr std::size_t max_included_files = 100;

  OldSettings(std::string program, bool ignores_case) : program_(std::move(program)), ignores_case_(ignores_case) {}

  [[nodiscard]] const std::string& program() const { return program_; }
  [[nodiscard]] bool is_present() const { return is_present_; }  // there was a file
  [[nodiscard]] const std::vector<OldSetting>& all() const { return all_; }

  /// The one in force: the last. Null: not set.
  [[nodiscard]] const OldSetting* find(std::string_view name) const;
  /// The one in force, or the default, which its program would have used.
  [[nodiscard]] Cited value(std::string_view name, std::string_view default_value) const;
  /// Of a Boolean: what its program made of it; other words count as the default, as they did there.
  [[nodiscard]] bool is_on(std::string_view name, bool default_value = false) const;

  [[nodiscard]] bool is_name(std::string_view a, std::string_view b) const;
  void add(OldSetting setting, Findings& findings);
  void set_present() { is_present_ = true; }

 private:
  std::string program_;
  bool ignores_case_;
  bool is_present_ = false;
  std::vector<OldSetting> all_;
};

/// true for T, t, Y, y, 1; false for F, f, N, n, 0; else nothing. Only the first octet counts, as opendkim.conf(5) says.
[[nodiscard]] std::optional<bool> read_boolean(std::string_view text);

/// opendkim.conf or opendmarc.conf, with what it includes.
[[nodiscard]] OldSettings read_milter_settings(std::string program, const std::string& path, Findings& findings);
[[nodiscard]] OldSettings read_policyd_settings(const std::string& path, Findings& findings);

}  // namespace migrate
