#include "report/xml_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <pugixml.hpp>
#include <set>

#include "base/ip_address.hpp"
#include "base/text.hpp"

namespace report {
namespace {

using pugi::xml_node;

enum class Shape { text, number, address, parts };
enum class Order { any, fixed };
constexpr std::size_t unbounded = static_cast<std::size_t>(-1);

struct Rule {
  std::string_view name;
  std::size_t least, most;
  Shape shape = Shape::text;
  std::string_view words = "";  // those allowed, a blank between them; none: any text
  bool is_open = false;         // parts of any name
};

struct Rules {
  Order order;
  std::vector<Rule> rules;
  bool allows_others = false;  // extensions
};

using Table = std::map<std::string_view, Rules>;

constexpr std::string_view policies = "none quarantine reject", modes = "r s", verdicts = "pass fail";
constexpr std::string_view dkim_results = "none pass fail policy neutral temperror permerror";

/// What both have. An element is known by its name and that of the one it is in, where the name alone says too little.
Table common_rules() {
  return {
      {"date_range", {Order::any, {{"begin", 1, 1, Shape::number}, {"end", 1, 1, Shape::number}}}},
      {"row",
       {Order::any,
        {{"source_ip", 1, 1, Shape::address}, {"count", 1, 1, Shape::number}, {"policy_evaluated", 1, 1, Shape::parts}}}},
  };
}

Table rfc9990_rules() {
  Table out = common_rules();
  out["feedback"] = {Order::fixed,
                     {{"version", 0, 1, Shape::number},
                      {"report_metadata", 1, 1, Shape::parts},
                      {"policy_published", 1, 1, Shape::parts},
                      {"extension", 0, 1, Shape::parts, "", true},
                      {"record", 1, unbounded, Shape::parts}}};
  out["report_metadata"] = {Order::any,
                            {{"org_name", 1, 1},
                             {"email", 1, 1},
                             {"extra_contact_info", 0, 1},
                             {"report_id", 1, 1},
                             {"date_range", 1, 1, Shape::parts},
                             {"error", 0, 1},
                             {"generator", 0, 1}}};
  out["policy_published"] = {Order::any,
                             {{"domain", 1, 1},
                              {"p", 1, 1, Shape::text, policies},
                              {"sp", 0, 1, Shape::text, policies},
                              {"np", 0, 1, Shape::text, policies},
                              {"adkim", 0, 1, Shape::text, modes},
                              {"aspf", 0, 1, Shape::text, modes},
                              {"discovery_method", 0, 1, Shape::text, "psl treewalk"},
                              {"fo", 0, 1},
                              {"testing", 0, 1, Shape::text, "n y"}}};
  out["policy_evaluated"] = {Order::fixed,
                             {{"disposition", 1, 1, Shape::text, "none pass quarantine reject"},
                              {"dkim", 1, 1, Shape::text, verdicts},
                              {"spf", 1, 1, Shape::text, verdicts},
                              {"reason", 0, unbounded, Shape::parts}}};
  out["reason"] = {
      Order::any,
      {{"type", 1, 1, Shape::text, "local_policy mailing_list other policy_test_mode trusted_forwarder"}, {"comment", 0, 1}}};
  out["identifiers"] = {Order::any, {{"header_from", 1, 1}, {"envelope_from", 0, 1}, {"envelope_to", 0, 1}}};
  out["record"] = {Order::fixed,
                   {{"row", 1, 1, Shape::parts}, {"identifiers", 1, 1, Shape::parts}, {"auth_results", 1, 1, Shape::parts}},
                   true};
  out["auth_results"] = {Order::fixed, {{"dkim", 0, unbounded, Shape::parts}, {"spf", 0, 1, Shape::parts}}};
  out["dkim"] = {Order::any,
                 {{"domain", 1, 1}, {"selector", 1, 1}, {"result", 1, 1, Shape::text, dkim_results}, {"human_result", 0, 1}}};
  out["spf"] = {Order::any,
                {{"domain", 1, 1},
                 {"scope", 0, 1, Shape::text, "mfrom"},
                 {"result", 1, 1, Shape::text, "none pass fail softfail policy neutral temperror permerror"},
                 {"human_result", 0, 1}}};
  return out;
}

Table rfc7489_rules() {
  Table out = common_rules();
  out["feedback"] = {Order::fixed,
                     {{"version", 1, 1, Shape::number},
                      {"report_metadata", 1, 1, Shape::parts},
                      {"policy_published", 1, 1, Shape::parts},
                      {"record", 1, unbounded, Shape::parts}}};
  out["report_metadata"] = {Order::fixed,
                            {{"org_name", 1, 1},
                             {"email", 1, 1},
                             {"extra_contact_info", 0, 1},
                             {"report_id", 1, 1},
                             {"date_range", 1, 1, Shape::parts},
                             {"error", 0, unbounded}}};
  out["policy_published"] = {Order::any,
                             {{"domain", 1, 1},
                              {"adkim", 0, 1, Shape::text, modes},
                              {"aspf", 0, 1, Shape::text, modes},
                              {"p", 1, 1, Shape::text, policies},
                              {"sp", 1, 1, Shape::text, policies},
                              {"pct", 1, 1, Shape::number},
                              {"fo", 0, 1}}};
  out["policy_evaluated"] = {Order::fixed,
                             {{"disposition", 1, 1, Shape::text, policies},
                              {"dkim", 1, 1, Shape::text, verdicts},
                              {"spf", 1, 1, Shape::text, verdicts},
                              {"reason", 0, unbounded, Shape::parts}}};
  out["reason"] = {Order::any,
                   {{"type", 1, 1, Shape::text, "forwarded sampled_out trusted_forwarder mailing_list local_policy other"},
                    {"comment", 0, 1}}};
  out["identifiers"] = {Order::any, {{"envelope_to", 0, 1}, {"envelope_from", 1, 1}, {"header_from", 1, 1}}};
  out["record"] = {Order::fixed,
                   {{"row", 1, 1, Shape::parts}, {"identifiers", 1, 1, Shape::parts}, {"auth_results", 1, 1, Shape::parts}}};
  out["auth_results"] = {Order::fixed, {{"dkim", 0, unbounded, Shape::parts}, {"spf", 1, unbounded, Shape::parts}}};
  out["dkim"] = {Order::any,
                 {{"domain", 1, 1}, {"selector", 0, 1}, {"result", 1, 1, Shape::text, dkim_results}, {"human_result", 0, 1}}};
  out["spf"] = {Order::any,
                {{"domain", 1, 1},
                 {"scope", 1, 1, Shape::text, "helo mfrom"},
                 {"result", 1, 1, Shape::text, "none neutral pass fail softfail temperror permerror"}}};
  return out;
}

/// Digits, with a sign or a fraction where XML Schema has them.
bool is_number(std::string_view text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  const auto is_part = [](char c) { return base::is_digit(c) || c == '.'; };
  return !text.empty() && text != "." && std::all_of(text.begin(), text.end(), is_part) &&
         std::count(text.begin(), text.end(), '.') <= 1;
}

bool is_word(std::string_view text, std::string_view words) {
  const auto allowed = base::split(words, ' ');
  return std::find(allowed.begin(), allowed.end(), text) != allowed.end();
}

class Search {
 public:
  explicit Search(Form form) : table_(form == Form::rfc9990 ? rfc9990_rules() : rfc7489_rules()) {}

  /// As deep as the table, whose elements are not within themselves.
  void check(const xml_node& node) {
    const Rules& rules = table_.at(local_name(node));
    std::size_t place = 0;
    bool is_ordered = true;
    for (const xml_node& part : node.children()) {
      if (part.type() != pugi::node_element) continue;
      const auto rule = std::find_if(rules.rules.begin(), rules.rules.end(),
                                     [&](const Rule& known) { return known.name == local_name(part); });
      if (rule == rules.rules.end()) {
        if (!rules.allows_others) note(fmt::format("<{}> has an unknown <{}>", local_name(node), local_name(part)));
        continue;
      }
      const auto at = static_cast<std::size_t>(rule - rules.rules.begin());
      is_ordered = is_ordered && at >= place;
      place = at;
      check_value(part, *rule);
      if (is_full()) return;
    }
    if (!is_ordered && rules.order == Order::fixed)
      note(fmt::format("the parts of <{}> are not in their order", local_name(node)));
    count(node, rules);
  }

  std::vector<std::string> take() { return std::move(found_); }

 private:
  void check_value(const xml_node& part, const Rule& rule) {
    if (rule.shape == Shape::parts) {
      if (!rule.is_open) check(part);
      return;
    }
    const std::string_view text = part.child_value(), trimmed = base::trim(text);
    const std::string_view shown = trimmed.substr(0, 64);
    if (rule.shape == Shape::number && !is_number(trimmed))
      note(fmt::format("<{}> is no number: \"{}\"", rule.name, shown));
    else if (rule.shape == Shape::address && !base::IpAddress::parse(trimmed))
      note(fmt::format("<{}> is no address: \"{}\"", rule.name, shown));
    else if (!rule.words.empty() && !is_word(text, rule.words))
      note(fmt::format("<{}> is \"{}\", expected one of: {}", rule.name, shown, rule.words));
  }

  void count(const xml_node& node, const Rules& rules) {
    for (const Rule& rule : rules.rules) {
      std::size_t found = 0;
      for (const xml_node& part : node.children()) found += local_name(part) == rule.name ? 1U : 0U;
      if (found < rule.least) note(fmt::format("<{}> has no <{}>", local_name(node), rule.name));
      if (found > rule.most) note(fmt::format("<{}> has {} times <{}>", local_name(node), found, rule.name));
    }
  }

  void note(std::string text) {
    if (!is_full() && known_.insert(text).second) found_.push_back(std::move(text));
  }
  [[nodiscard]] bool is_full() const { return found_.size() >= XmlLimits::max_findings; }

  Table table_;
  std::set<std::string> known_;
  std::vector<std::string> found_;
};

}  // namespace

std::string_view local_name(const xml_node& node) {
  const std::string_view name = node.name();
  return name.substr(name.find(':') + 1);
}

std::vector<std::string> find_breaches(const xml_node& feedback, Form form) {
  Search search(form);
  search.check(feedback);
  return search.take();
}

}  // namespace report
