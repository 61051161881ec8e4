#include "cli/log_text.hpp"

#include <iterator>

#include "base/log.hpp"
#include "cli/reasons.hpp"
#include "cli/terminal_text.hpp"

namespace cli {
namespace {

using nlohmann::json;
using Out = std::back_insert_iterator<std::string>;

void add(std::string& out, std::string_view label, const std::string& text) {
  fmt::format_to(Out(out), "{:<10} {}\n", label, text);
}

std::string or_nothing(std::string_view text) { return text.empty() ? "(none)" : readable(text); }

/// "judge(outside)": what is in the parentheses.
std::string_view inner(std::string_view text) {
  const std::size_t open = text.find('(');
  if (open == std::string_view::npos || !text.ends_with(')')) return {};
  return text.substr(open + 1, text.size() - open - 2);
}

/// "judge(outside): from outside: judged"
std::string with_meaning(std::string_view token, std::string_view meaning) {
  return meaning.empty() ? readable(token) : fmt::format("{}: {}", readable(token), meaning);
}

void explain_results(std::string& out, const LogLine& line) {
  if (line.find("spf.mailfrom").empty()) return;
  add(out, "SPF", fmt::format("MAIL FROM {}, HELO {}", readable(line.find("spf.mailfrom")), readable(line.find("spf.helo"))));
  add(out, "DKIM", or_nothing(line.find("dkim")));
  std::string dmarc = or_nothing(line.find("dmarc"));
  if (!line.find("policy").empty())
    dmarc += fmt::format("; policy {} of {}", readable(line.find("policy")), or_nothing(line.find("policy_domain")));
  add(out, "DMARC", dmarc);
}

void explain_signing(std::string& out, const LogLine& line) {
  if (line.find("sign").empty()) return;
  add(out, "Sign", with_meaning(line.find("sign"), explain_signing_reason(line.find("sign"))));
  if (!line.find("signatures").empty()) add(out, "", readable(line.find("signatures")));
}

void explain_action(std::string& out, const LogLine& line) {
  add(out, "Action", fmt::format("{}, reason {}", or_nothing(line.find("action")), or_nothing(line.find("reason"))));
  if (const auto meaning = explain_reason(line.find("reason")); !meaning.empty()) add(out, "", std::string(meaning));
  if (const auto why = line.find("override"); !why.empty()) add(out, "", with_meaning(why, explain_override(why)));
  if (const auto mode = line.find("mode"); !mode.empty())
    add(out, "", fmt::format("in mode {}: nothing of this was done to the message", readable(mode)));
}

std::string time_text(base::UnixTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

}  // namespace

std::optional<LoggedMessage> find_in_log(const std::string& log, const std::string& queue_id) {
  std::optional<LoggedMessage> found;
  read_log(log, [&](const LogLine& line) {
    if (line.find("qid") == queue_id) found = LoggedMessage{line, found ? found->count + 1 : 1};
  });
  return found;
}

bool is_cut(std::string_view value) { return value.size() > base::LogFields::max_outside_octets && value.ends_with("..."); }

std::string explain_log_line(const LoggedMessage& logged) {
  const LogLine& line = logged.line;
  std::string out;
  std::string when = line.time ? time_text(*line.time) : "at a time the line does not tell";
  if (logged.count > 1) when += fmt::format(", the last of {} lines with it", logged.count);
  add(out, "Logged", fmt::format("queue id {}, {}", readable(line.find("qid")), when));
  add(out, "Client", fmt::format("{}, HELO {}", or_nothing(line.find("client")), or_nothing(line.find("helo"))));
  add(out, "MAIL FROM", or_nothing(line.find("sender")));
  add(out, "From", or_nothing(line.find("from")));
  add(out, "Role", with_meaning(line.find("role"), explain_role(inner(line.find("role")))));
  explain_results(out, line);
  explain_signing(out, line);
  explain_action(out, line);
  return out;
}

json to_json(const LoggedMessage& logged) {
  json fields = json::object();
  for (const auto& [key, value] : logged.line.fields) fields[readable(key)] = base::is_utf8(value) ? value : readable(value);
  return {{"time", logged.line.time ? json(time_text(*logged.line.time)) : json(nullptr)},
          {"count", logged.count},
          {"fields", fields},
          {"meaning", explain_reason(logged.line.find("reason"))}};
}

}  // namespace cli
