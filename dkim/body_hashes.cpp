#include "dkim/body_hashes.hpp"

#include <algorithm>
#include <limits>

namespace dkim {

struct BodyHashes::Stream {
  explicit Stream(Canonicalization c, BodyCanonicalizer::Sink sink) : canonicalizer(c, std::move(sink)) {}

  BodyCanonicalizer canonicalizer;
  std::uint64_t octets = 0;
};

struct BodyHashes::Entry {
  Canonicalization canonicalization;
  std::optional<std::uint64_t> length;
  std::uint64_t left;  // octets still to hash
  Sha256 hash;
  Digest digest{};
};

BodyHashes::BodyHashes() = default;
BodyHashes::~BodyHashes() = default;

BodyHashes::Id BodyHashes::want(Canonicalization c, std::optional<std::uint64_t> length) {
  const auto known = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& e) { return e.canonicalization == c && e.length == length; });
  if (known != entries_.end()) return static_cast<Id>(known - entries_.begin());
  auto& stream = streams_[static_cast<std::size_t>(c)];
  if (!stream) {
    stream = std::make_unique<Stream>(c, [this, c](std::string_view octets) { accept(c, octets); });
  }
  entries_.push_back(Entry{c, length, length.value_or(std::numeric_limits<std::uint64_t>::max()), Sha256(), Digest{}});
  return entries_.size() - 1;
}

bool BodyHashes::is_empty() const { return entries_.empty(); }

void BodyHashes::accept(Canonicalization c, std::string_view octets) {
  streams_[static_cast<std::size_t>(c)]->octets += octets.size();
  for (Entry& entry : entries_) {
    if (entry.canonicalization != c || entry.left == 0) continue;
    const auto part = octets.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(entry.left, octets.size())));
    entry.hash.update(part);
    entry.left -= part.size();
  }
}

void BodyHashes::update(std::string_view chunk) {
  for (auto& stream : streams_)
    if (stream) stream->canonicalizer.update(chunk);
}

void BodyHashes::finish() {
  for (auto& stream : streams_)
    if (stream) stream->canonicalizer.finish();
  for (Entry& entry : entries_) entry.digest = entry.hash.finish();
}

const Digest& BodyHashes::digest(Id id) const { return entries_.at(id).digest; }

std::uint64_t BodyHashes::canonical_octets(Id id) const {
  return streams_[static_cast<std::size_t>(entries_.at(id).canonicalization)]->octets;
}

}  // namespace dkim
