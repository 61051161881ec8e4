#pragma once
// DNS messages written by hand, for tests of what reads them: RFC 1035 §4.1. Nothing here checks anything, so
// that wrong messages can be written too.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dns/question.hpp"

namespace test {

struct DnsRecord {
  std::string name;  // labels joined by '.'
  std::uint16_t type = 1;
  std::uint32_t ttl = 300;
  std::string data;  // as on the wire, names uncompressed
  std::uint16_t record_class = 1;
};

[[nodiscard]] std::string octets16(unsigned number);
/// "mail.example.com" as labels with their lengths and the root's 0 at the end.
[[nodiscard]] std::string encode_name(std::string_view name);

[[nodiscard]] DnsRecord address_record(std::string name, std::string_view address, std::uint32_t ttl = 300);
/// TXT; each of `strings` becomes one character-string.
[[nodiscard]] DnsRecord txt_record(std::string name, const std::vector<std::string>& strings, std::uint32_t ttl = 300);
[[nodiscard]] DnsRecord mx_record(std::string name, unsigned preference, std::string_view exchange, std::uint32_t ttl = 300);
/// CNAME, PTR or NS.
[[nodiscard]] DnsRecord name_record(std::string name, dns::Type type, std::string_view target, std::uint32_t ttl = 300);
[[nodiscard]] DnsRecord soa_record(std::string name, std::uint32_t ttl, std::uint32_t minimum);

/// What a response says, beside the question it repeats.
struct DnsMessage {
  std::vector<DnsRecord> answers;
  std::vector<DnsRecord> authority;
  unsigned code = 0;  // RCODE
  bool is_truncated = false;
  bool has_edns = false;  // with an OPT record of no options (RFC 6891)
  std::uint16_t id = 0;
};

[[nodiscard]] std::string encode_response(const dns::Question& question, const DnsMessage& message);

/// A query's question and id, and whether it speaks EDNS; nothing if the octets are no query with one question.
struct DnsQuery {
  std::uint16_t id = 0;
  dns::Question question;
  bool has_edns = false;
};
[[nodiscard]] std::optional<DnsQuery> decode_query(std::span<const std::uint8_t> octets);

[[nodiscard]] inline std::span<const std::uint8_t> as_octets(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace test
