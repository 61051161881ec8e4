#include "dkim/key_record.hpp"

#include <algorithm>

#include "base/base64.hpp"
#include "base/tag_list.hpp"
#include "base/text.hpp"

namespace dkim {
namespace {

using base::Tag;
using Fault = std::string_view;
constexpr Fault no_fault;

bool lists(std::string_view value, std::string_view wanted) {
  const auto parts = base::split(value, ':');
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return base::iequals(base::trim(part), wanted); });
}

Fault read_type(KeyRecord& record, std::string_view value) {
  if (base::iequals(value, "rsa"))
    record.type = KeyType::rsa;
  else if (base::iequals(value, "ed25519"))
    record.type = KeyType::ed25519;
  else
    return "unknown key type";
  return no_fault;
}

Fault read_key(KeyRecord& record, std::string_view value) {
  auto octets = base::decode_base64(value);
  if (!octets) return "key is not base64";
  record.public_key = std::move(*octets);
  return no_fault;
}

Fault read(KeyRecord& record, const Tag& tag) {
  if (tag.name == "k") return read_type(record, tag.value);
  if (tag.name == "p") return read_key(record, tag.value);
  if (tag.name == "h") record.allows_sha256 = lists(tag.value, "sha256");
  if (tag.name == "s") record.allows_email = lists(tag.value, "*") || lists(tag.value, "email");
  if (tag.name == "n") record.notes = tag.value;
  if (tag.name == "t") {
    record.testing = lists(tag.value, "y");
    record.exact_domain = lists(tag.value, "s");
  }
  return no_fault;
}

}  // namespace

base::Result<KeyRecord, base::ParseError> parse_key_record(std::string_view txt) {
  if (txt.size() > max_key_record_octets) return base::parse_error(max_key_record_octets, "key record too long");
  const auto list = base::TagList::parse(txt);
  if (!list) return tl::unexpected<base::ParseError>(list.error());
  KeyRecord record;
  for (const Tag& tag : list->tags()) {
    // If there, v= is the first tag and exactly this (RFC 6376 §3.6.1).
    if (tag.name == "v" && (&tag != &list->tags().front() || tag.value != "DKIM1"))
      return base::parse_error(tag.offset, "v= is not DKIM1 or not first");
    if (const Fault fault = read(record, tag); !fault.empty()) return base::parse_error(tag.offset, fault);
  }
  if (!list->find("p")) return base::parse_error(txt.size(), "key record without p=");
  return record;
}

}  // namespace dkim
