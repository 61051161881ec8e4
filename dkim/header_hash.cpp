#include "dkim/header_hash.hpp"

#include "base/text.hpp"
#include "dkim/signature.hpp"

namespace dkim {

FieldIndex::FieldIndex(const message::HeaderBlock& header) : header_(header) {
  for (std::size_t i = 0; i < header.size(); ++i) by_name_[base::to_lower(header[i].name)].push_back(i);
}

std::size_t FieldIndex::count(std::string_view lower_case_name) const {
  const auto found = by_name_.find(lower_case_name);
  return found == by_name_.end() ? 0 : found->second.size();
}

std::string FieldIndex::canonical_fields(std::span<const std::string> names, Canonicalization c,
                                         std::optional<std::size_t> own) const {
  std::string out;
  std::map<std::string_view, std::size_t> left;  // instances above the last one taken
  for (const std::string& name : names) {
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) continue;
    std::size_t& above = left.try_emplace(name, found->second.size()).first->second;
    if (above != 0 && found->second[above - 1] == own) --above;
    if (above != 0) append_canonical_field(out, header_[found->second[--above]], c);
  }
  return out;
}

void append_own_field(std::string& out, const message::Field& field, Canonicalization c) {
  std::string raw(field.raw.substr(0, field.raw.size() - field.value.size()));
  const std::size_t value_begin = raw.size();
  raw += without_signature_value(field.value);
  const std::string_view text = raw;
  append_canonical_field(out, {text, text.substr(0, field.name.size()), text.substr(value_begin)}, c, true);
}

}  // namespace dkim
