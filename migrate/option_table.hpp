#pragma once
// What becomes of every option of the old programs: one row each, and nothing without a row.

#include <span>
#include <string_view>

#include "migrate/context.hpp"
#include "migrate/old_settings.hpp"

namespace migrate {

enum class Fate {
  mapped,    // has settings of ours: `words` names them
  harmless,  // nothing is lost without it: `words` says why
  dropped,   // what it did is not done any more: `words` says why, and what to do
};

struct OptionRow {
  std::string_view name;
  Fate fate;
  std::string_view words;
  std::string_view idle = "no";  // of a dropped option: the value that did nothing; a Boolean's words all count
};

/// opendkim.conf(5) of 2.11, and names that older releases had.
[[nodiscard]] std::span<const OptionRow> opendkim_options();
/// opendmarc.conf(5) of 1.4.2.
[[nodiscard]] std::span<const OptionRow> opendmarc_options();
/// policyd-spf.conf(5) of 3.0.4.
[[nodiscard]] std::span<const OptionRow> policyd_options();

/// Says of every setting that is not mapped what becomes of it, in findings and at the end of the new file.
void report_unmapped(const OldSettings& old, std::span<const OptionRow> rows, Context& context);

}  // namespace migrate
