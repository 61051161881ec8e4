// DKIM-Signature: the order of tags and the folding of the list mean nothing, a signature without faults covers From
// and speaks for its own domain only, and b= is taken out exactly. RFC 6376 §3.5, §3.7, §5.4.
#include <algorithm>
#include <string>
#include <tuple>

#include "base/base64.hpp"
#include "base/tag_list.hpp"
#include "base/text.hpp"
#include "dkim/signature.hpp"
#include "tests/fuzz/property.hpp"

namespace {

using dkim::Signature;
using fuzz::require;

auto parts(const Signature& s) {
  return std::tie(s.domain, s.selector, s.identity, s.identity_domain, s.algorithm, s.signature, s.body_hash,
                  s.header_canonicalization, s.body_canonicalization, s.signed_fields, s.length, s.timestamp, s.expiration);
}

/// The same tags, those from `first` on before the others, folded.
std::string rotated(const base::TagList& list, std::size_t first) {
  std::string out;
  for (std::size_t i = 0; i < list.tags().size(); ++i) {
    const base::Tag& tag = list.tags()[(first + i) % list.tags().size()];
    out.append("\r\n\t").append(tag.name).append(" =").append(tag.value).append(";");
  }
  return out;
}

void check_order(const Signature& signature, std::string_view value) {
  const auto list = base::TagList::parse(value);
  require(list.has_value(), "a signature is a tag list");
  for (std::size_t first = 0; first < std::min<std::size_t>(list->tags().size(), 4); ++first) {
    const auto again = dkim::parse_signature(rotated(*list, first));
    require(again && parts(*again) == parts(signature), "the order of the tags means nothing");
  }
}

void check_values(const Signature& signature) {
  require(signature.domain.label_count() >= 2, "d= is not a top-level domain");
  require(signature.identity_domain.has_value() && signature.identity.find('@') != std::string::npos,
          "there is an identity, if only that of the domain");
  require(!signature.signature.empty() && !signature.body_hash.empty(), "b= and bh= are not empty");
  require(!signature.signed_fields.empty() && signature.signed_fields.size() <= Signature::max_signed_fields,
          "h= has 1 to max_signed_fields names");
  require(!signature.timestamp || !signature.expiration || *signature.timestamp < *signature.expiration, "x= is after t=");
  if (!dkim::find_fault(signature).empty()) return;
  const auto& names = signature.signed_fields;
  require(std::count(names.begin(), names.end(), "from") != 0, "a signature without a fault covers From");
  require(signature.identity_domain->is_or_is_below(signature.domain), "a signature without a fault speaks for its domain");
  require(signature.body_hash.size() == 32, "a signature without a fault has a SHA-256 in bh=");
  require(signature.algorithm == dkim::Algorithm::rsa_sha256 || signature.algorithm == dkim::Algorithm::ed25519_sha256,
          "a signature without a fault uses no SHA-1");
}

/// Where a tag list has one b=, cutting its value out by hand gives the same.
void check_cut(std::string_view value) {
  const std::string cut = dkim::without_signature_value(value);
  require(cut.size() <= value.size(), "taking b= out makes nothing longer");
  require(dkim::without_signature_value(cut) == cut, "taking b= out twice is taking it out once");
  const auto list = base::TagList::parse(value);
  if (!list) return;
  std::string expected(value);
  for (const base::Tag& tag : list->tags()) {
    if (tag.name != "b") continue;
    const std::size_t start = value.rfind('=', tag.offset - (tag.value.empty() ? 0 : 1)) + 1;
    expected.erase(start, std::min(value.find(';', start), value.size()) - start);
  }
  require(cut == expected, "taking b= out leaves every other octet as it was");
}

void check(std::string_view value) {
  check_cut(value);
  const auto signature = dkim::parse_signature(value);
  if (!signature) {
    require(signature.error().offset <= value.size() && !signature.error().text.empty(), "an error points into the value");
    return;
  }
  check_values(*signature);
  check_order(*signature, value);
  const auto list = base::TagList::parse(value);
  require(base::decode_base64(*list->find("b")) == signature->signature, "b= is the text of its tag");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  check(fuzz::as_text(octets, size));
  return 0;
}
