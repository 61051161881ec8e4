#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "base/text.hpp"
#include "conf/load.hpp"
#include "conf/options.hpp"
#include "tests/conf/support.hpp"

namespace {

using conf_test::without_positions;

const std::filesystem::path shipped = std::filesystem::path(SIGNET_SOURCE_DIR) / "conf/signet.toml";
const std::filesystem::path shipped_manual = std::filesystem::path(SIGNET_SOURCE_DIR) / "dist/man/signet.toml.5";

std::string read(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

/// The sample with the mark before each line taken away where the line begins with it.
std::string without_marks(const std::string& mark, const std::string& next) {
  std::string out;
  const std::string sample = conf::sample_file();
  for (const auto line : base::split(sample, '\n')) {
    const bool is_marked =
        line.starts_with(mark) && line.size() > mark.size() && next.find(line[mark.size()]) != std::string::npos;
    out += std::string(line.substr(is_marked ? mark.size() : 0)) + "\n";
  }
  return out;
}

const std::string lower_case = "abcdefghijklmnopqrstuvwxyz";

}  // namespace

// Run this one by name when the table of options has changed.
TEST_CASE("sample: write conf/signet.toml and its manual page anew", "[.write]") {
  std::ofstream(shipped, std::ios::binary) << conf::sample_file();
  std::ofstream(shipped_manual, std::ios::binary) << conf::manual_page();
}

TEST_CASE("sample: the shipped file and manual page are what the table makes", "[conf]") {
  CHECK(read(shipped) == conf::sample_file());
  CHECK(read(shipped_manual) == conf::manual_page());
}

TEST_CASE("sample: the manual page has every setting, those of a rule and of a key too", "[conf]") {
  const std::string page = conf::manual_page();
  const auto is_listed = [&](std::string_view name) {
    std::string escaped;
    for (const char c : name) escaped += c == '-' ? std::string("\\-") : std::string(1, c);
    return page.find("\n.TP\n.B " + escaped + "\n") != std::string::npos;
  };
  for (const auto& option : conf::options()) CHECK(is_listed(conf::name_in_table(option.key)));
  for (const auto& entry : conf::rule_options()) CHECK(is_listed(entry.key));
  for (const auto& entry : conf::key_options()) CHECK(is_listed(entry.key));
}

TEST_CASE("sample: as it stands it says nothing", "[conf]") {
  CHECK(without_positions(conf::parse(conf::sample_file(), "f")) == conf::defaults());
}

TEST_CASE("sample: with every setting uncommented it says the defaults", "[conf]") {
  const std::string text = without_marks("#", lower_case);
  CHECK(without_positions(conf::parse(text, "f")) == conf::defaults());
  for (const auto& option : conf::options()) {
    INFO(option.key);
    CHECK(text.find("\n" + std::string(conf::name_in_table(option.key)) + " = " + option.default_text + "\n") !=
          std::string::npos);
  }
}

TEST_CASE("sample: the rules of its example are rules", "[conf]") {
  const std::string sample = conf::sample_file();
  std::string text;
  for (const auto line : base::split(std::string_view(sample).substr(sample.find("# For example:")), '\n'))
    if (line.starts_with("#   ")) text += std::string(line.substr(1)) + "\n";
  const auto settings = conf::parse(text, "/etc/signet/signet.toml");
  REQUIRE(settings.sign.rules.size() == 2);
  CHECK(settings.sign.rules[0].from == std::vector<std::string>{"example.org"});
  CHECK(settings.sign.rules[1].keys.size() == 2);
  CHECK(settings.sign.rules[1].keys[0].file == "/etc/signet/keys/rsa2026.pem");
}

TEST_CASE("sample: lines are short and have no white space at their end", "[conf]") {
  const std::string sample = conf::sample_file();
  for (const auto line : base::split(sample, '\n')) {
    INFO(line);
    CHECK(line.size() <= 101);  // 100 columns, one character of a paragraph sign more
    CHECK_FALSE(line.ends_with(' '));
  }
}

TEST_CASE("sample: every setting is explained, those of a rule too", "[conf]") {
  const std::string sample = conf::sample_file();
  for (const auto& table : conf::tables())
    if (!table.name.empty()) CHECK(sample.find("\n[" + std::string(table.name) + "]\n") != std::string::npos);
  for (const auto& option : conf::options())
    CHECK(sample.find("#" + std::string(conf::name_in_table(option.key)) + " = ") != std::string::npos);
  for (const auto& entry : conf::rule_options()) CHECK(sample.find("#   " + std::string(entry.key) + " ") != std::string::npos);
}
