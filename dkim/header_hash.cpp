#include "dkim/header_hash.hpp"

#include <algorithm>
#include <map>
#include <numeric>

#include "base/text.hpp"
#include "dkim/signature.hpp"

namespace dkim {

namespace {

bool is_less(std::string_view a, std::string_view b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [](char x, char y) { return base::to_lower(x) < base::to_lower(y); });
}

}  // namespace

FieldIndex::FieldIndex(const message::HeaderBlock& header) : header_(header), by_name_(header.size()) {
  std::iota(by_name_.begin(), by_name_.end(), 0U);
  std::sort(by_name_.begin(), by_name_.end(), [&](std::uint32_t a, std::uint32_t b) {
    const std::string_view first = header[a].name, second = header[b].name;
    return is_less(first, second) || (!is_less(second, first) && a < b);
  });
}

FieldIndex::Instances FieldIndex::find(std::string_view name) const {
  const auto begin = std::lower_bound(by_name_.begin(), by_name_.end(), name,
                                      [this](std::uint32_t i, std::string_view n) { return is_less(header_[i].name, n); });
  const auto end = std::upper_bound(begin, by_name_.end(), name,
                                    [this](std::string_view n, std::uint32_t i) { return is_less(n, header_[i].name); });
  return {begin, end};
}

std::string FieldIndex::canonical_fields(std::span<const std::string> names, Canonicalization c,
                                         std::optional<std::size_t> own) const {
  std::string out;
  std::map<std::string_view, std::size_t> left;  // instances above the last one taken
  for (const std::string& name : names) {
    const Instances found = find(name);
    std::size_t& above = left.try_emplace(name, found.size()).first->second;
    if (above != 0 && found[above - 1] == own) --above;
    if (above != 0) append_canonical_field(out, header_[found[--above]], c);
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
