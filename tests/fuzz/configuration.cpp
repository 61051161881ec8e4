// The configuration file: what is wrong is said with a place inside the file, in one line; and what is read is shown as
// a file that reads the same.
#include <algorithm>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "conf/load.hpp"
#include "conf/options.hpp"
#include "tests/conf/support.hpp"
#include "tests/fuzz/property.hpp"

namespace {

using conf_test::without_positions;
using fuzz::require;

const std::string file = "/etc/signet/signet.toml";

/// The number before the next colon of `text`, which is taken off. 0: there is none.
std::uint64_t take_number(std::string_view& text) {
  const std::size_t colon = text.find(':');
  std::uint64_t number = 0;
  if (colon == std::string_view::npos || !base::parse_number(text.substr(0, colon), UINT32_MAX, number)) return 0;
  text.remove_prefix(colon + 1);
  return number;
}

/// "FILE:LINE:COLUMN: text": a place in the file, or right behind its end.
void check_error(std::string_view what, std::string_view text) {
  require(what.starts_with(file + ":"), "an error names the file");
  require(
      base::is_utf8(what) && std::none_of(what.begin(), what.end(), [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; }),
      "an error is one line of text");
  what.remove_prefix(file.size() + 1);
  const auto lines = base::split(text, '\n');
  const std::uint64_t line = take_number(what);
  const std::uint64_t column = take_number(what);
  require(line >= 1 && column >= 1, "an error names line and column");
  require(line <= lines.size(), "an error names a line of the file");
  // The library counts the end of the line as a column, and the end of the file as the next.
  require(column <= lines[line - 1].size() + 2, "an error names a column of its line");
  require(what.find("expected") != std::string_view::npos || what.find("did you mean") != std::string_view::npos,
          "an error says what was expected");
}

void check_settings(const conf::Settings& settings) {
  const std::string shown = conf::show(settings);
  const std::string error = conf_test::error_of(shown, file);
  require(error.empty(), "settings are shown as a file that can be read");
  const conf::Settings again = conf::parse(shown, file);
  require(without_positions(again) == without_positions(settings), "settings that are shown and read again are the same");
  require(conf::show(again) == shown, "settings are shown the same again");
}

void check(std::string_view text) {
  try {
    check_settings(conf::parse(text, file));
  } catch (const conf::Error& error) {
    check_error(error.what(), text);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  check(fuzz::as_text(octets, size));
  return 0;
}
