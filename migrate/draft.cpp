#include "migrate/draft.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "conf/options.hpp"
#include "conf/syntax.hpp"

namespace migrate {
namespace {

/// What a comment may hold (TOML 1.0 "Comment"): no control characters.
std::string comment_text(std::string_view text) {
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; }, '?');
  return out;
}

std::string comment(std::string_view why) { return why.empty() ? std::string() : "  # " + comment_text(why); }

std::string write_items(std::string_view name, const std::vector<Cell>& items, std::string_view why) {
  if (items.empty()) return fmt::format("{} = []{}\n", name, comment(why));
  std::string out = fmt::format("{} = [{}\n", name, comment(why));
  for (const auto& item : items) out += fmt::format("  {},{}\n", item.toml, comment(item.why));
  return out + "]\n";
}

std::string write_key(const DraftKey& key) {
  return fmt::format("  {{ selector = {}, file = {} }},{}\n", conf::quote_toml(key.selector), conf::quote_toml(key.file),
                     comment(key.why));
}

std::string write_keys(const std::vector<DraftKey>& keys) {
  if (keys.size() == 1)
    return fmt::format("selector = {}{}\nkey = {}\n", conf::quote_toml(keys[0].selector), comment(keys[0].why),
                       conf::quote_toml(keys[0].file));
  std::string out = "keys = [\n";
  for (const auto& key : keys) out += write_key(key);
  return out + "]\n";
}

std::string write_rule(const DraftRule& rule) {
  std::vector<Cell> from;
  for (const auto& cell : rule.from) from.push_back({conf::quote_toml(cell.toml), cell.why});
  std::string out = "\n[[sign.rule]]\n" + write_items("from", from, "");
  if (!rule.domain.empty()) out += fmt::format("domain = {}\n", conf::quote_toml(rule.domain));
  return out + write_keys(rule.keys);
}

}  // namespace

void Draft::set(std::string_view key, std::string toml, std::string why) {
  values_[std::string(key)] = {{std::move(toml), std::move(why)}, {}, false};
}

void Draft::set_text(std::string_view key, std::string_view text, std::string why) {
  set(key, conf::quote_toml(text), std::move(why));
}

void Draft::set_flag(std::string_view key, bool value, std::string why) { set(key, value ? "true" : "false", std::move(why)); }

void Draft::open_list(std::string_view key, std::string why) {
  Value& value = values_[std::string(key)];
  value.is_list = true;
  value.scalar.why = std::move(why);
}

void Draft::add_text(std::string_view key, std::string_view text, std::string why) {
  if (contains(key, text)) return;
  Value& value = values_[std::string(key)];
  value.is_list = true;
  value.items.push_back({conf::quote_toml(text), std::move(why)});
}

bool Draft::contains(std::string_view key, std::string_view text) const {
  const auto found = values_.find(std::string(key));
  if (found == values_.end()) return false;
  const auto& items = found->second.items;
  return std::any_of(items.begin(), items.end(), [toml = conf::quote_toml(text)](const Cell& c) { return c.toml == toml; });
}

std::string Draft::write_value(std::string_view name, const Value& value) {
  if (value.is_list) return write_items(name, value.items, value.scalar.why);
  return fmt::format("{} = {}{}\n", name, value.scalar.toml, comment(value.scalar.why));
}

std::string Draft::write() const {
  std::string out =
      "# Made by `signet import` from the configuration of OpenDKIM, OpenDMARC and policyd-spf. Beside each\n"
      "# setting stands where it came from. What is not set here has its default: `signet config` lists all.\n\n";
  std::string_view table;
  std::size_t written = 0;
  for (const auto& option : conf::options()) {
    const auto found = values_.find(std::string(option.key));
    if (found == values_.end()) continue;
    if (conf::table_of(option.key) != table) {
      table = conf::table_of(option.key);
      out += fmt::format("\n[{}]\n", table);
    }
    out += write_value(conf::name_in_table(option.key), found->second);
    ++written;
  }
  if (written != values_.size()) throw std::logic_error("an import sets something that is no setting");
  for (const auto& rule : rules) out += write_rule(rule);
  if (!left_out_.empty()) out += "\n# Not carried over, and why:\n";
  for (const auto& line : left_out_) out += "#   " + comment_text(line) + "\n";
  return out;
}

}  // namespace migrate
