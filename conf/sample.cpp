#include <fmt/format.h>

#include "base/text.hpp"
#include "conf/options.hpp"

namespace conf {
namespace {

constexpr std::size_t max_columns = 100;
constexpr std::string_view comment = "# ";

constexpr std::string_view introduction[] = {
    "Configuration of Signet: SPF, DKIM and DMARC for a mail server.",
    "",
    "An empty file is a working configuration. Signet then listens on 127.0.0.1, port 8891; checks SPF, DKIM and DMARC "
    "of mail from outside and records the results in Authentication-Results; marks what DMARC says to quarantine, "
    "refuses what it says to reject unless the message seems to come by a mailing list or a known forwarder; and signs "
    "nothing, because it has no keys.",
    "",
    "Every setting stands below with its default. Lines that begin with \"# \" explain. Lines such as \"#mode = ...\" are "
    "the settings: take the \"#\" away and change the value. Each belongs to the [table] above it, so those at the top "
    "must stay above the first [table].",
    "",
    "The format is TOML 1.0: text stands in \"quotes\", a list in [\"brackets\", \"with commas\"]. Durations are \"500ms\", "
    "\"20s\", \"15m\", \"1h\" or \"1d\", or a whole number of seconds. Networks are \"192.0.2.0/24\", \"2001:db8::/32\" or one "
    "address.",
};

constexpr std::string_view example_introduction[] = {
    "To sign, write one [[sign.rule]] for each domain or key, here at the end of the file. A message of yours for which "
    "there is no rule is not signed. What a rule may hold:",
};

constexpr std::string_view example_rules[] = {
    "[[sign.rule]]",
    "from = \"example.org\"",
    "selector = \"mail2026\"",
    "key = \"/etc/signet/keys/example.org.mail2026.pem\"",
    "",
    "[[sign.rule]]",
    "from = [\"*.example.org\", \"news@example.net\"]",
    "domain = \"example.org\"",
    "keys = [",
    "  { selector = \"rsa2026\", file = \"keys/rsa2026.pem\" },",
    "  { selector = \"ed2026\", file = \"keys/ed2026.pem\" },",
    "]",
};

/// Words of `text` in comment lines of at most max_columns, the later ones indented by `indent`.
std::string wrap(std::string_view text, std::string_view first = "", std::string_view indent = "") {
  std::string out;
  std::string line = fmt::format("{}{}", comment, first);
  bool is_fresh = true;
  for (const auto word : base::split(text, ' ')) {
    if (!is_fresh && line.size() + 1 + word.size() > max_columns) {
      out += line + "\n";
      line = fmt::format("{}{}", comment, indent);
      is_fresh = true;
    }
    line += fmt::format("{}{}", is_fresh ? "" : " ", word);
    is_fresh = false;
  }
  return out + line + "\n";
}

template <class Paragraphs>
std::string wrap_all(const Paragraphs& paragraphs) {
  std::string out;
  for (const auto paragraph : paragraphs) out += paragraph.empty() ? "#\n" : wrap(paragraph);
  return out;
}

std::string format_option(const Option& option) {
  std::string out = "\n" + wrap(option.help);
  out += wrap(fmt::format("Value: {}.{}", option.type, option.needs_restart ? " A change takes effect at a restart." : ""));
  return out + fmt::format("#{} = {}\n", name_in_table(option.key), option.default_text);
}

std::string format_table(const Table& table) {
  std::string out = fmt::format("\n{}\n", std::string(max_columns, '#'));
  out += wrap(table.help);
  if (!table.name.empty()) out += fmt::format("[{}]\n", table.name);
  for (const auto& option : options())
    if (table_of(option.key) == table.name) out += format_option(option);
  return out;
}

std::string format_rules() {
  std::string out = fmt::format("\n{}\n", std::string(max_columns, '#')) + wrap_all(example_introduction);
  for (const auto& entry : rule_options()) {
    const std::size_t width = 10;
    out += wrap(entry.help, fmt::format("  {:<{}}", entry.key, width), std::string(width + 2, ' '));
  }
  out += "#\n# For example:\n#\n";
  for (const auto line : example_rules) out += line.empty() ? "#\n" : fmt::format("{}  {}\n", comment, line);
  return out;
}

}  // namespace

std::string sample_file() {
  std::string out = wrap_all(introduction);
  for (const auto& table : tables()) out += format_table(table);
  return out + format_rules();
}

}  // namespace conf
