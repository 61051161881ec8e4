#include "cli/shadow.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <ostream>

#include "auth/shadow.hpp"
#include "base/text.hpp"
#include "cli/terminal_text.hpp"

namespace cli {
namespace {

constexpr int json_indent = 2;
constexpr std::uint64_t most_messages = 1'000'000'000'000;  // of one line: more is no count of ours
constexpr std::array<std::string_view, 4> mechanisms = {"spf", "dkim", "dmarc", "sign"};

bool is_mechanism(std::string_view text) { return std::find(mechanisms.begin(), mechanisms.end(), text) != mechanisms.end(); }

std::string date_of(base::UnixTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

/// What stands in the way, or nothing.
std::string_view objection(const ShadowSum& sum) {
  if (sum.messages() == 0) return "nothing was compared";
  return sum.is_safe() ? "" : "look at the differences marked with \"!\"";
}

bool wants_look(const std::string& reason) {
  const auto* known = auth::find_shadow_reason(reason);
  return known == nullptr || !known->is_change_wanted;
}

nlohmann::json to_json(const ShadowSum& sum) {
  nlohmann::json out{{"messages", sum.messages()},
                     {"equal", sum.equal()},
                     {"different", sum.messages() - sum.equal()},
                     {"safe_to_switch", sum.is_safe()},
                     {"differences", nlohmann::json::array()}};
  if (sum.first()) out["first"] = date_of(*sum.first());
  if (sum.last()) out["last"] = date_of(*sum.last());
  for (const auto& [key, group] : sum.groups()) {
    nlohmann::json examples = nlohmann::json::array();
    for (const auto& example : group.examples)
      examples.push_back({{"queue_id", readable(example.queue_id)},
                          {"from", readable(example.from)},
                          {"ours", readable(example.ours)},
                          {"theirs", readable(example.theirs)}});
    out["differences"].push_back({{"mechanism", key.first},
                                  {"reason", key.second},
                                  {"count", group.count},
                                  {"look", wants_look(key.second)},
                                  {"meaning", auth::find_shadow_reason(key.second)->meaning},
                                  {"examples", std::move(examples)}});
  }
  return out;
}

void print(std::ostream& out, const ShadowSum& sum) {
  out << fmt::format("compared   {:>9} messages", sum.messages());
  if (sum.first()) out << fmt::format(", {} to {}", date_of(*sum.first()), date_of(*sum.last()));
  out << fmt::format("\nequal      {:>9}\ndifferent  {:>9}\n", sum.equal(), sum.messages() - sum.equal());
  for (const auto& [key, group] : sum.groups()) {
    out << fmt::format("\n{} {:<5} {:<20} {:>7}  {}\n", wants_look(key.second) ? '!' : ' ', key.first, key.second, group.count,
                       auth::find_shadow_reason(key.second)->meaning);
    for (const auto& example : group.examples)
      out << fmt::format("    {}: ours {}, theirs {}, From {}\n", readable(example.queue_id), readable(example.ours),
                         readable(example.theirs), readable(example.from));
  }
  const std::string_view against = objection(sum);
  out << (against.empty() ? std::string("\nsafe to switch: yes\n") : fmt::format("\nsafe to switch: {}\n", against));
}

}  // namespace

void ShadowSum::add(const LogLine& line) {
  const bool is_difference = is_mechanism(line.find("mechanism")) && auth::find_shadow_reason(line.find("reason")) != nullptr;
  const bool is_tally = !line.find("messages").empty() && !line.find("equal").empty();
  if (!is_difference && !is_tally) return;
  if (line.time && !first_) first_ = line.time;
  if (line.time) last_ = line.time;
  is_difference ? add_difference(line) : add_tally(line);
}

void ShadowSum::add_difference(const LogLine& line) {
  const std::string queue_id(line.find("qid"));
  if (queue_id.empty() || queue_id != last_queue_id_) ++untold_;
  last_queue_id_ = queue_id;
  ShadowGroup& group = groups_[{std::string(line.find("mechanism")), std::string(line.find("reason"))}];
  ++group.count;
  if (group.examples.size() == ShadowGroup::max_examples) group.examples.erase(group.examples.begin());
  const auto text = [&](std::string_view key) {
    const std::string_view value = line.find(key);
    return value.empty() ? std::string("nothing") : std::string(value);
  };
  group.examples.push_back({queue_id, text("from"), text("ours"), text("theirs")});
}

/// What differed is among them.
void ShadowSum::add_tally(const LogLine& line) {
  std::uint64_t messages = 0, equal = 0;
  if (!base::parse_number(line.find("messages"), most_messages, messages)) return;
  if (!base::parse_number(line.find("equal"), messages, equal)) return;
  messages_ += messages;
  equal_ += equal;
  untold_ = 0;
  last_queue_id_.clear();
}

bool ShadowSum::is_safe() const {
  return messages() != 0 &&
         std::none_of(groups_.begin(), groups_.end(), [](const auto& group) { return wants_look(group.first.second); });
}

int run_shadow(const ShadowOptions& options, std::ostream& out) {
  ShadowSum sum;
  read_log(options.log, [&](const LogLine& line) { sum.add(line); });
  if (options.json)
    out << to_json(sum).dump(json_indent, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  else
    print(out, sum);
  return sum.is_safe() ? 0 : exit_look_at_differences;
}

}  // namespace cli
