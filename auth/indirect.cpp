#include "auth/indirect.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace auth {
namespace {

// RFC 2369 §3, RFC 8058 §3.1. List-Id alone is not enough: it is the one field that lists forge least, but one
// forged field is as easy as the next; together they at least look like a list to people.
constexpr std::array<std::string_view, 5> list_fields = {"List-Post", "List-Unsubscribe", "List-Help", "List-Subscribe",
                                                         "List-Archive"};

bool is_listed(const base::Domain& domain, const std::vector<base::Domain>& listed) {
  return std::any_of(listed.begin(), listed.end(), [&](const base::Domain& d) { return domain.is_or_is_below(d); });
}

bool came_through_forwarder(const Authenticated& authenticated, const ForwarderRules& rules) {
  const auto contains = [&](const base::IpNetwork& network) { return network.contains(*authenticated.client); };
  if (authenticated.client && std::any_of(rules.networks.begin(), rules.networks.end(), contains)) return true;
  if (authenticated.spf_domain && is_listed(*authenticated.spf_domain, rules.domains)) return true;
  const auto& signers = authenticated.signing_domains;
  return std::any_of(signers.begin(), signers.end(), [&](const base::Domain& d) { return is_listed(d, rules.domains); });
}

/// The identifier of the one List-Id field as a domain: what stands between the last '<' and the '>' that ends the
/// value. RFC 2919 §3.
std::optional<base::Domain> list_domain(const message::HeaderBlock& header) {
  const auto fields = header.find_all("List-Id");
  if (fields.size() != 1) return std::nullopt;
  const std::string_view value = base::trim(header[fields.front()].value);
  const std::size_t open = value.rfind('<');
  if (open == std::string_view::npos || !value.ends_with('>')) return std::nullopt;
  const auto domain = base::Domain::parse(base::trim(value.substr(open + 1, value.size() - open - 2)));
  if (!domain || domain->label_count() < 2) return std::nullopt;
  return *domain;
}

bool came_through_list(const Authenticated& authenticated, const message::HeaderBlock& header) {
  const auto list = list_domain(header);
  if (!list) return false;
  const bool has_other =
      std::any_of(list_fields.begin(), list_fields.end(), [&](std::string_view f) { return header.count(f) != 0; });
  if (!has_other) return false;
  const auto& signers = authenticated.signing_domains;
  return std::any_of(signers.begin(), signers.end(),
                     [&](const base::Domain& d) { return d.label_count() >= 2 && list->is_or_is_below(d); });
}

}  // namespace

std::optional<Indirect> find_indirect(const Authenticated& authenticated, const message::HeaderBlock& header,
                                      const ForwarderRules& rules) {
  if (came_through_forwarder(authenticated, rules)) return Indirect::trusted_forwarder;
  if (came_through_list(authenticated, header)) return Indirect::mailing_list;
  return std::nullopt;
}

}  // namespace auth
