#include "cli/dkim.hpp"

#include "cli/key_findings.hpp"
#include "dns/inquiry.hpp"

namespace cli {
namespace {

constexpr int json_indent = 2;

int status_of(const KeyFindings& found) {
  if (found.is_usable()) return 0;
  if (dns::is_failure(found.status)) return exit_key_unknown;
  return found.records.empty() ? exit_no_key : exit_unusable_key;
}

}  // namespace

std::string read_selector(std::string_view what, const std::string& text) { return read_domain(what, text).text(); }

int run_dkim(const DkimOptions& options, std::ostream& out) {
  const std::string selector = read_selector("SELECTOR", options.selector);
  const base::Domain domain = read_domain("DOMAIN", options.domain);
  const auth::Options rules = load_options(options.sources, auth::Role::judge);
  StderrLog log;
  const auto resolver = open_resolver(options.sources, log);
  const auto look = [&, policy = rules.dkim](dns::View& view) { return find_key(view, domain, selector, policy); };
  const auto inquiry = dns::Inquiry<KeyFindings>::start(*resolver, look);
  const KeyFindings& found = inquiry->collect(std::chrono::steady_clock::now() + rules.waits.dkim);
  if (options.json)
    out << to_json(found).dump(json_indent) << '\n';
  else
    out << explain_key(found, 0, Paint{options.is_coloured});
  return status_of(found);
}

}  // namespace cli
