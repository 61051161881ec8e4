#include <fmt/format.h>

#include <algorithm>

#include "auth/key_file.hpp"
#include "cli/key.hpp"
#include "cli/own_key_text.hpp"
#include "dns/inquiry.hpp"
#include "keys/compare.hpp"
#include "keys/record_text.hpp"

namespace cli {
namespace {

using KeyInquiry = dns::Inquiry<dkim::KeyLookup>;

constexpr std::chrono::seconds patience{60};  // with the DNS, for all keys together
constexpr std::size_t asked_together = 100;

/// What to do about it.
std::string advise(keys::Finding finding, const auth::KeyUse& use) {
  const std::string name = keys::record_name(use.domain, use.selector);
  switch (finding) {
    case keys::Finding::matching:
      return "published and matching";
    case keys::Finding::not_published:
      return fmt::format("not published: publish it, else signatures by it fail\n\n{}",
                         publish_text(use.domain, use.selector, use.key.public_key()));
    case keys::Finding::different:
      return "different: the DNS shows another key, and signatures by this one fail. Publish this one, or sign with the file "
             "that "
             "belongs to the record";
    case keys::Finding::revoked:
      return "revoked (an empty p=): signatures by it fail. Make another key, under a new selector";
    case keys::Finding::unusable:
      return fmt::format("unusable: what {} holds is no key record", name);
    case keys::Finding::no_answer:
      return "unknown: the DNS does not answer; try again";
  }
  return "?";
}

struct Checked {
  auth::KeyUse use;
  keys::Comparison comparison;
  [[nodiscard]] bool is_weak() const {
    return use.key.type() == dkim::KeyType::rsa && use.key.bits() < auth::advised_signing_rsa_bits;
  }
  [[nodiscard]] bool is_fine() const {
    return comparison.finding == keys::Finding::matching && !is_weak() && !comparison.is_testing;
  }
};

std::vector<Checked> check_all(dns::Resolver& resolver, const std::vector<auth::KeyUse>& uses) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  std::vector<Checked> all;
  for (std::size_t first = 0; first < uses.size(); first += asked_together) {
    const std::size_t end = std::min(first + asked_together, uses.size());
    std::vector<std::shared_ptr<KeyInquiry>> asked;
    for (std::size_t i = first; i < end; ++i) {
      const auto look_up = [question = dkim::key_question(uses[i].domain, uses[i].selector)](dns::View& view) {
        return dkim::look_up_keys(view, question);
      };
      asked.push_back(KeyInquiry::start(resolver, look_up, dkim::max_key_answer_octets));
    }
    for (std::size_t i = first; i < end; ++i)
      all.push_back({uses[i], keys::compare(uses[i].key.public_key(), asked[i - first]->collect(deadline))});
  }
  return all;
}

std::string text_of(const Checked& checked) {
  std::string text = fmt::format("{} ({}): {}\n", keys::record_name(checked.use.domain, checked.use.selector),
                                 describe_key(checked.use.key.public_key()), advise(checked.comparison.finding, checked.use));
  if (!checked.comparison.detail.empty()) text += fmt::format("  {}\n", checked.comparison.detail);
  if (checked.is_weak()) text += "  weak: make one of 2048 bits or more, under a new selector\n";
  if (checked.comparison.is_testing)
    text += "  testing: its record says t=y, so verifiers may ignore it; take t=y out when you are sure\n";
  return text;
}

nlohmann::ordered_json to_json(const Checked& checked) {
  nlohmann::ordered_json out = {{"domain", checked.use.domain.text()},
                                {"selector", checked.use.selector},
                                {"type", dkim::to_text(checked.use.key.type())},
                                {"bits", checked.use.key.bits()},
                                {"published", keys::to_text(checked.comparison.finding)},
                                {"weak", checked.is_weak()},
                                {"testing", checked.comparison.is_testing}};
  if (!checked.comparison.detail.empty()) out["detail"] = checked.comparison.detail;
  return out;
}

int status_of(const std::vector<Checked>& all) {
  const auto has_failed = [](const Checked& c) { return c.comparison.finding == keys::Finding::no_answer; };
  if (std::any_of(all.begin(), all.end(), has_failed)) return exit_key_dns_failure;
  return std::all_of(all.begin(), all.end(), [](const Checked& c) { return c.is_fine(); }) ? 0 : exit_key_to_do;
}

}  // namespace

int run_key_check(KeyCommand command, std::ostream& out) {
  static_cast<void>(load_key_settings(command));
  const auth::Options rules = load_options(command.sources, auth::Role::sign);
  StderrLog log;
  const auto resolver = open_resolver(command.sources, log);
  const auto all = check_all(*resolver, rules.signing_table.uses());
  if (command.json) {
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    for (const auto& checked : all) json.push_back(to_json(checked));
    out << json.dump(2) << '\n';
    return status_of(all);
  }
  if (all.empty()) out << "No rule of the configuration names a key and a domain: there is nothing to look for.\n";
  for (const auto& checked : all) out << text_of(checked);
  return status_of(all);
}

}  // namespace cli
