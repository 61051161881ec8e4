#include "auth/old_results.hpp"

#include <algorithm>

#include "base/tag_list.hpp"
#include "base/text.hpp"
#include "message/authentication_results.hpp"

namespace auth {
namespace {

constexpr std::size_t max_fields_on_top = 50;  // of an old chain; it writes five or so
constexpr std::size_t max_signatures_on_top = 10;
constexpr std::string_view results_field = "Authentication-Results";

bool is_of(std::string_view value, const std::vector<std::string>& ids) {
  return std::any_of(ids.begin(), ids.end(), [&](const auto& id) { return message::claims_authserv_id(value, id); });
}

std::string property(const message::MethodResult& result, std::string_view ptype, std::string_view name) {
  for (const auto& p : result.properties)
    if (base::iequals(p.ptype, ptype) && base::iequals(p.property, name)) return base::to_lower(p.value);
  return {};
}

/// What one field says of each method; what is known already stays.
void take_results(OldResults& old, const message::AuthenticationResults& field) {
  std::vector<OldSignature> signatures;
  bool is_spf_new = !old.spf;
  for (const auto& result : field.results) {
    const std::string verdict = base::to_lower(result.result);
    const std::string method = base::to_lower(result.method);
    if (method == "dkim") signatures.push_back({verdict, property(result, "header", "d")});
    if (method == "dmarc" && !old.dmarc) old.dmarc = verdict;
    if (method != "spf" || !is_spf_new) continue;
    const bool is_of_helo = property(result, "smtp", "mailfrom").empty() && !property(result, "smtp", "helo").empty();
    if (old.spf && is_of_helo) continue;
    old.spf = verdict;
    old.is_spf_of_helo = is_of_helo;
    is_spf_new = is_of_helo;  // the result of MAIL FROM may come yet
  }
  if (!old.dkim && !signatures.empty()) old.dkim = std::move(signatures);
}

/// "Pass (comment) identity=mailfrom; client-ip=…"
void take_received_spf(OldResults& old, std::string_view value) {
  value = base::trim(value);
  const std::string word = base::to_lower(value.substr(0, value.find_first_of(" \t\r\n(;")));
  if (word.empty()) return;
  const bool is_of_helo = base::to_lower(value).find("identity=helo") != std::string::npos;
  if (old.spf && !(old.is_spf_of_helo && !is_of_helo)) return;
  old.spf = word;
  old.is_spf_of_helo = is_of_helo;
}

void take_signature(OldResults& old, std::string_view value) {
  const auto tags = base::TagList::parse(value);
  if (!tags || old.signatures.size() == max_signatures_on_top) return;
  old.signatures.push_back({base::to_lower(tags->find("d").value_or("")), base::to_lower(tags->find("s").value_or(""))});
}

}  // namespace

OldResults read_old_results(const message::HeaderBlock& header, const std::vector<std::string>& authserv_ids) {
  OldResults old, by_received_spf;
  std::size_t at = 0;
  for (; at < std::min(header.size(), max_fields_on_top); ++at) {
    const message::Field field = header[at];
    if (field.is("Received") || field.is("From")) break;
    if (field.is("DKIM-Signature")) take_signature(old, field.value);
    if (field.is("Received-SPF")) take_received_spf(by_received_spf, field.value);
    if (!field.is(results_field) || !is_of(field.value, authserv_ids)) continue;
    if (const auto results = message::parse_authentication_results(field.value)) take_results(old, *results);
  }
  if (!old.spf) {
    old.spf = by_received_spf.spf;
    old.is_spf_of_helo = by_received_spf.is_spf_of_helo;
  }
  for (; at < header.size() && !old.is_claimed_below; ++at)
    old.is_claimed_below = header[at].is(results_field) && is_of(header[at].value, authserv_ids);
  return old;
}

}  // namespace auth
