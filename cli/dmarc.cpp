#include "cli/dmarc.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "cli/dmarc_text.hpp"

namespace cli {
namespace {

constexpr int json_indent = 2;

std::shared_ptr<const dmarc::PublicSuffixList> choose_list(const DmarcOptions& options, const auth::Options& rules) try {
  if (!options.psl_file.empty()) return dmarc::PublicSuffixList::load(options.psl_file);
  return rules.suffix_list ? rules.suffix_list : dmarc::PublicSuffixList::load_system();
} catch (const std::runtime_error& error) {
  throw FileError(error.what());
}

int status_of(dmarc::DiscoveryStatus status) {
  switch (status) {
    case dmarc::DiscoveryStatus::found:
      return 0;
    case dmarc::DiscoveryStatus::none:
      return exit_no_policy;
    case dmarc::DiscoveryStatus::temperror:
      return exit_dns_failure;
    case dmarc::DiscoveryStatus::permerror:
      break;
  }
  return exit_unusable_policy;
}

}  // namespace

int run_dmarc(const DmarcOptions& options, std::ostream& out) {
  dmarc::DiscoveryInput input{read_domain("DOMAIN", options.domain), {}, {}};
  if (options.identifiers.size() > dmarc::max_identifiers)
    throw std::invalid_argument(
        fmt::format("--identifier: found {}, expected at most {}", options.identifiers.size(), dmarc::max_identifiers));
  for (const auto& text : options.identifiers) input.dkim_identifiers.push_back(read_domain("--identifier", text));
  input.spf_identifiers = input.dkim_identifiers;
  const auth::Options rules = load_options(options.sources, auth::Role::judge);
  StderrLog log;
  const auto resolver = open_resolver(options.sources, log);
  const auto deadline = std::chrono::steady_clock::now() + rules.waits.dmarc;
  const DmarcFindings found = find_dmarc(*resolver, input, choose_list(options, rules), deadline, log);
  if (options.json)
    out << to_json(found).dump(json_indent) << '\n';
  else
    out << explain_dmarc(found, options.is_coloured);
  return status_of(found.by_walk.discovery.status);
}

}  // namespace cli
