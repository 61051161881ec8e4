#include "keys/compare.hpp"

#include <algorithm>

namespace keys {

std::string_view to_text(Finding finding) {
  switch (finding) {
    case Finding::matching:
      return "matching";
    case Finding::not_published:
      return "not-published";
    case Finding::different:
      return "different";
    case Finding::revoked:
      return "revoked";
    case Finding::unusable:
      return "unusable";
    case Finding::no_answer:
      return "no-answer";
  }
  return "?";
}

Comparison compare(const dkim::PublicKey& own, const dkim::KeyLookup& lookup) {
  if (dns::is_void(lookup.status)) return {Finding::not_published, false, {}};
  if (lookup.status != dns::Status::ok) return {Finding::no_answer, false, {}};
  const std::string value = own.record_value();
  const auto& published = lookup.published->keys;
  const auto is_own = [&](const dkim::PublishedKey& k) { return k.key && k.key->record_value() == value; };
  const auto is_revoked = [](const dkim::PublishedKey& k) { return k.record.public_key.empty(); };
  if (const auto found = std::find_if(published.begin(), published.end(), is_own); found != published.end())
    return {Finding::matching, found->record.testing, {}};
  if (published.empty()) return {Finding::unusable, false, std::string(lookup.published->fault)};
  if (std::any_of(published.begin(), published.end(), is_revoked)) return {Finding::revoked, false, {}};
  const auto is_key = [](const dkim::PublishedKey& k) { return k.key.has_value(); };
  if (std::any_of(published.begin(), published.end(), is_key)) return {Finding::different, false, {}};
  return {Finding::unusable, false, std::string(published.front().fault)};
}

}  // namespace keys
