#pragma once
// DMARC policy records: the TXT value at _dmarc.<domain>. RFC 9989 §4.7 and §4.8; RFC 7489 §6.3 for comparison.
// Pure text to value.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dmarc {

enum class Policy { none, quarantine, reject };  // in rising order
enum class AlignmentMode { relaxed, strict };
enum class PublicSuffix { undefined, yes, no };  // psd=u y n

[[nodiscard]] std::string_view to_text(Policy policy);

/// Whose tags are read: RFC 7489 has pct, rf and ri where RFC 9989 has np, psd and t. What is not read is an unknown tag.
enum class Standard { rfc9989, rfc7489 };

struct Record {
  std::optional<Policy> p, sp, np;  // as written; a bad value is not here, see is_policy_faulty
  AlignmentMode adkim = AlignmentMode::relaxed;
  AlignmentMode aspf = AlignmentMode::relaxed;
  PublicSuffix psd = PublicSuffix::undefined;
  bool testing = false;               // t=y
  std::vector<std::string> rua, ruf;  // syntactically valid URIs of any scheme, without any "!size"
  std::string fo = "0";               // only with ruf; lower case, each option once, in the order written
  std::uint32_t pct = 100;            // percentage of messages that the policy is meant for; RFC 7489 only, as the next two
  std::uint32_t ri = 86400;           // seconds between reports
  std::string rf = "afrf";            // lower case, in the order written, between colons
  bool is_policy_faulty = false;      // no valid p, or an sp or np that is none of the three

  friend bool operator==(const Record&, const Record&) = default;
};

/// RFC 9989 §4.7 and §4.10.1: what can be done with the text of one record.
enum class RecordStatus {
  ok,         // usable as written
  p_none,     // policy faulty, but there is somewhere to report to: act as p=none
  unusable,   // policy faulty and no valid rua, or a repeated tag: no DMARC processing, but it counts in the tree walk
  not_dmarc,  // does not start with v=DMARC1: as if it were not there
};

struct ParsedRecord {
  RecordStatus status = RecordStatus::not_dmarc;
  Record record;      // when not_dmarc: defaults
  std::string fault;  // what was wrong, one line of ASCII, bounded; empty: nothing
  bool has_repeated_tag = false;

  friend bool operator==(const ParsedRecord&, const ParsedRecord&) = default;
};

/// Of one rua or ruf; those beyond are left out. RFC 9989 §4.7 leaves a bound to us.
inline constexpr std::size_t max_report_uris = 50;
/// Longer than any record in use; what is longer is not_dmarc.
inline constexpr std::size_t max_record_octets = 4096;

/// txt: the whole record, its character-strings joined. What is no tag (`sp` alone, `fo:0`, `;;`) is skipped and a bad
/// value is the tag's default (§4.8), except in p, sp and np. Tag names are read in any case, as the ABNF's "v" is.
/// Of a record with a repeated tag (RFC 6376 §3.2) no tag counts. Linear time; borrows nothing.
[[nodiscard]] ParsedRecord parse_record(std::string_view txt, Standard standard = Standard::rfc9989);

/// The record as text in canonical form: what parses also formats, and parses to the same again by the same standard.
[[nodiscard]] std::string format_record(const Record& record);

}  // namespace dmarc
