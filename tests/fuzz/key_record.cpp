// Key records and the keys in them: bounded, the same in any order of tags, and a key that decodes is published as a
// record that gives the same key. RFC 6376 §3.6.1, RFC 8463 §4.
#include <algorithm>
#include <string>
#include <tuple>

#include "base/base64.hpp"
#include "base/tag_list.hpp"
#include "base/text.hpp"
#include "dkim/key_record.hpp"
#include "tests/fuzz/property.hpp"

namespace {

using dkim::KeyRecord;
using fuzz::require;

auto parts(const KeyRecord& r) {
  return std::tie(r.type, r.public_key, r.allows_sha256, r.allows_email, r.testing, r.exact_domain, r.notes);
}

/// The same tags backwards, but for v=, which is first.
std::string reversed(const base::TagList& list) {
  std::string out;
  for (auto tag = list.tags().rbegin(); tag != list.tags().rend(); ++tag) {
    std::string text = std::string(tag->name) + " = " + std::string(tag->value) + " ;";
    if (tag->name == "v")
      out.insert(0, text);
    else
      out += text;
  }
  return out;
}

void check_again(const KeyRecord& record, std::string_view txt) {
  const std::string again = reversed(base::TagList::parse(txt).value());
  if (again.size() > dkim::max_key_record_octets) return;
  const auto parsed = dkim::parse_key_record(again);
  require(parsed && parts(*parsed) == parts(record), "the order of the tags means nothing");
}

void check_key(const KeyRecord& record) {
  const auto key = dkim::PublicKey::decode(record.type, record.public_key);
  if (!key) return;
  require(!record.public_key.empty(), "a revoked key is no key");
  require(key->type() == record.type, "a key is of the type that the record says");
  require(key->bits() <= dkim::PublicKey::max_rsa_bits, "a key has no more bits than we work with");
  const dkim::Digest digest = dkim::sha256("nobody signed this");
  for (const std::size_t octets : {std::size_t{0}, std::size_t{64}, std::size_t{key->bits()} / 8})
    require(!key->verify(digest, dkim::Octets(octets, 1)), "a made-up signature does not verify");
  const auto octets = base::decode_base64(key->record_value());
  require(octets.has_value(), "a key is published as base64");
  const auto again = dkim::PublicKey::decode(record.type, *octets);
  require(again && again->record_value() == key->record_value(), "a published key is the same key");
}

void check(std::string_view txt) {
  const auto record = dkim::parse_key_record(txt);
  if (!record) {
    require(record.error().offset <= txt.size() && !record.error().text.empty(), "an error points into the record");
    return;
  }
  require(txt.size() <= dkim::max_key_record_octets, "a record beyond the limit is none");
  require(txt.find("p") != std::string_view::npos, "a record without p= is none");
  check_again(*record, txt);
  check_key(*record);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  check(fuzz::as_text(octets, size));
  return 0;
}
