#include "dkim/header_hash.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "dkim/signature.hpp"

namespace dkim {

namespace {

bool is_less(std::string_view a, std::string_view b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [](char x, char y) { return base::to_lower(x) < base::to_lower(y); });
}

/// FNV-1a of the name in lower case.
std::uint32_t hash_of(std::string_view name) {
  std::uint32_t hash = 2166136261U;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(base::to_lower(c))) * 16777619U;
  return hash;
}

}  // namespace

FieldIndex::FieldIndex(const message::HeaderBlock& header) : header_(header) {
  by_name_.reserve(header.size());
  for (std::uint32_t field = 0; field < header.size(); ++field) by_name_.push_back({hash_of(header[field].name), field});
  std::sort(by_name_.begin(), by_name_.end(), [this](const Place& a, const Place& b) { return comes_before(a, b); });
}

bool FieldIndex::comes_before(const Place& place, const Place& other) const {
  if (place.name_hash != other.name_hash) return place.name_hash < other.name_hash;
  const std::string_view name = name_of(place), other_name = name_of(other);
  return is_less(name, other_name) || (!is_less(other_name, name) && place.field < other.field);
}

FieldIndex::Instances FieldIndex::find(std::string_view name) const {
  const std::uint32_t hash = hash_of(name);
  const auto begin = std::lower_bound(by_name_.begin(), by_name_.end(), name, [&](const Place& place, std::string_view n) {
    return place.name_hash < hash || (place.name_hash == hash && is_less(name_of(place), n));
  });
  const auto end = std::upper_bound(begin, by_name_.end(), name, [&](std::string_view n, const Place& place) {
    return hash < place.name_hash || (hash == place.name_hash && is_less(n, name_of(place)));
  });
  return {begin, end};
}

std::string FieldIndex::canonical_fields(std::span<const std::string> names, Canonicalization c,
                                         std::optional<std::size_t> own) const {
  std::string out;
  std::vector<std::uint32_t> taken(by_name_.size());  // of each name, counted where its first instance stands
  for (const std::string& name : names) {
    const Instances found = find(name);
    if (found.empty()) continue;
    std::uint32_t& count = taken[static_cast<std::size_t>(found.data() - by_name_.data())];
    if (count != found.size() && found[found.size() - 1 - count].field == own) ++count;
    if (count != found.size()) append_canonical_field(out, header_[found[found.size() - ++count].field], c);
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
