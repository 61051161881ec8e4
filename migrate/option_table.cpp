#include "migrate/option_table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "conf/syntax.hpp"

namespace migrate {
namespace {

bool is_idle(const OptionRow& row, std::string_view value) {
  if (row.idle == "no" || row.idle == "yes") return read_boolean(value) == (row.idle == "yes");
  return base::iequals(value, row.idle) || base::iequals(value, row.idle.substr(0, 1));  // words may be cut to one letter
}

void leave_out(const OldSetting& setting, const OptionRow& row, Context& context) {
  const bool is_lost = row.fate == Fate::dropped && !is_idle(row, setting.value);
  const std::string what = fmt::format("{} {}", setting.name, conf::printable_words(setting.value));
  const std::string_view why = is_lost || row.fate == Fate::harmless ? row.words : "nothing changes by that";
  context.draft.leave_out(fmt::format("{}: {}: {}", to_text(setting.place), what, why));
  const std::string text = fmt::format("{} is not carried over: {}", what, why);
  if (is_lost)
    context.findings.warn(setting.place, text);
  else
    context.findings.note(setting.place, text);
}

}  // namespace

void report_unmapped(const OldSettings& old, std::span<const OptionRow> rows, Context& context) {
  for (const auto& setting : old.all()) {
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return old.is_name(r.name, setting.name); });
    if (row != rows.end()) {
      if (row->fate != Fate::mapped) leave_out(setting, *row, context);
      continue;
    }
    const std::string name = conf::printable_words(setting.name);
    context.findings.problem(setting.place, fmt::format("{} is no option of {}", name, old.program()));
    context.draft.leave_out(fmt::format("{}: {}: no option of {}", to_text(setting.place), name, old.program()));
  }
}

}  // namespace migrate
