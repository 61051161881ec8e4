#include "message/author.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

#include "message/address_list.hpp"

namespace message {
namespace {

Author refused(AuthorStatus status, std::string fault) {
  Author author;
  author.status = status;
  author.fault = std::move(fault);
  return author;
}

/// The different domains in order of appearance; at most one more than allowed.
std::vector<base::Domain> different_domains(const std::vector<Address>& addresses) {
  std::vector<base::Domain> domains;
  for (const Address& address : addresses) {
    if (std::find(domains.begin(), domains.end(), address.domain) != domains.end()) continue;
    domains.push_back(address.domain);
    if (domains.size() > Author::max_domains) break;
  }
  return domains;
}

}  // namespace

Author parse_author(std::string_view from_value) {
  auto addresses = parse_address_list(from_value);
  if (!addresses)
    return refused(AuthorStatus::unparsable,
                   fmt::format("{} at octet {} of the From field", addresses.error().text, addresses.error().offset));
  if (addresses->empty()) return refused(AuthorStatus::no_address, "no address in the From field");
  if (addresses->size() > Author::max_addresses)
    return refused(AuthorStatus::too_many, fmt::format("more than {} addresses", Author::max_addresses));
  Author author;
  author.domains = different_domains(*addresses);
  if (author.domains.size() > Author::max_domains)
    return refused(AuthorStatus::too_many, fmt::format("more than {} author domains", Author::max_domains));
  author.status = AuthorStatus::ok;
  author.addresses = std::move(*addresses);
  return author;
}

Author find_author(const HeaderBlock& header) {
  const auto fields = header.find_all("From");
  if (fields.size() > 1) return refused(AuthorStatus::several_fields, fmt::format("{} From fields", fields.size()));
  // A second From field may be among those that did not fit, and a reader may show that one.
  if (header.is_truncated()) return refused(AuthorStatus::unparsable, "header too large to know its From field");
  if (fields.empty()) return refused(AuthorStatus::missing, "no From field");
  return parse_author(header[fields.front()].value);
}

std::string_view to_text(AuthorStatus status) {
  switch (status) {
    case AuthorStatus::ok:
      return "ok";
    case AuthorStatus::missing:
      return "missing";
    case AuthorStatus::several_fields:
      return "several fields";
    case AuthorStatus::no_address:
      return "no address";
    case AuthorStatus::unparsable:
      return "unparsable";
    case AuthorStatus::too_many:
      return "too many";
  }
  return "unknown";
}

}  // namespace message
