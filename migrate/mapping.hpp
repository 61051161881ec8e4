#pragma once
// From the old settings to ours, one function for each old program. What an option meant when it was not set counts, too:
// the new file says so explicitly where our default is another.

#include <cstdint>
#include <string>
#include <string_view>

#include "migrate/context.hpp"
#include "migrate/old_settings.hpp"

namespace migrate {

/// A program's settings count even when it was not there: then nothing did what it does, and nothing shall.
void map_opendkim(const OldSettings& old, Context& context);
void map_opendmarc(const OldSettings& old, Context& context);
void map_policyd(const OldSettings& old, Context& context);

struct OldPrograms {
  const OldSettings& opendkim;
  const OldSettings& opendmarc;
  const OldSettings& policyd;
};

/// What more than one of them said: the name in Authentication-Results, bad From fields, the log.
void map_common(const OldPrograms& old, Context& context);

/// A number within our bounds; one beyond them becomes the bound, with a finding. Nothing is set for what is no number.
struct Bounds {
  std::uint64_t least = 0;
  std::uint64_t most = 0;
};
void map_number(const Cited& old, std::string_view key, const Bounds& bounds, Context& context);
/// The same for a number of seconds.
void map_seconds(const Cited& old, std::string_view key, const Bounds& bounds, Context& context);

}  // namespace migrate
