#include "tests/support/dns_wire.hpp"

#include "base/ip_address.hpp"
#include "base/text.hpp"

namespace test {
namespace {

constexpr std::uint16_t type_soa = 6, type_opt = 41;
constexpr std::uint16_t edns_udp_octets = 1232;
constexpr std::size_t header_octets = 12;

std::string octets32(std::uint32_t number) { return octets16(number >> 16U) + octets16(number & 0xffffU); }

void append_record(std::string& out, const DnsRecord& record) {
  out += encode_name(record.name) + octets16(record.type) + octets16(record.record_class) + octets32(record.ttl);
  out += octets16(static_cast<unsigned>(record.data.size())) + record.data;
}

unsigned number_at(std::span<const std::uint8_t> octets, std::size_t at) {
  return static_cast<unsigned>(octets[at] << 8U | octets[at + 1]);
}

}  // namespace

std::string octets16(unsigned number) { return {static_cast<char>(number >> 8U & 0xffU), static_cast<char>(number & 0xffU)}; }

std::string encode_name(std::string_view name) {
  std::string out;
  if (name.empty()) return std::string(1, '\0');
  for (const std::string_view label : base::split(name, '.')) {
    out += static_cast<char>(label.size());
    out += label;
  }
  return out + '\0';
}

DnsRecord address_record(std::string name, std::string_view address, std::uint32_t ttl) {
  const auto parsed = base::IpAddress::parse(address).value();
  const auto type = parsed.is_v4() ? dns::Type::a : dns::Type::aaaa;
  return {std::move(name), static_cast<std::uint16_t>(type), ttl, {parsed.octets().begin(), parsed.octets().end()}};
}

DnsRecord txt_record(std::string name, const std::vector<std::string>& strings, std::uint32_t ttl) {
  DnsRecord record{std::move(name), static_cast<std::uint16_t>(dns::Type::txt), ttl, ""};
  for (const auto& string : strings) record.data += static_cast<char>(string.size()) + string;
  return record;
}

DnsRecord mx_record(std::string name, unsigned preference, std::string_view exchange, std::uint32_t ttl) {
  return {std::move(name), static_cast<std::uint16_t>(dns::Type::mx), ttl, octets16(preference) + encode_name(exchange)};
}

DnsRecord name_record(std::string name, dns::Type type, std::string_view target, std::uint32_t ttl) {
  return {std::move(name), static_cast<std::uint16_t>(type), ttl, encode_name(target)};
}

DnsRecord soa_record(std::string name, std::uint32_t ttl, std::uint32_t minimum) {
  std::string data = encode_name("ns." + name) + encode_name("admin." + name);
  for (const std::uint32_t number : {1U, 3600U, 600U, 86400U}) data += octets32(number);
  return {std::move(name), type_soa, ttl, data + octets32(minimum)};
}

std::string encode_response(const dns::Question& question, const DnsMessage& message) {
  const unsigned flags = 0x8180U | (message.is_truncated ? 0x0200U : 0U) | message.code;  // QR RD RA
  std::string out = octets16(message.id) + octets16(flags) + octets16(1);
  out += octets16(static_cast<unsigned>(message.answers.size())) + octets16(static_cast<unsigned>(message.authority.size()));
  out += octets16(message.has_edns ? 1 : 0) + encode_name(question.name) + octets16(static_cast<unsigned>(question.type)) +
         octets16(1);
  for (const auto& record : message.answers) append_record(out, record);
  for (const auto& record : message.authority) append_record(out, record);
  if (message.has_edns) append_record(out, {"", type_opt, 0, "", edns_udp_octets});
  return out;
}

std::optional<DnsQuery> decode_query(std::span<const std::uint8_t> octets) {
  if (octets.size() < header_octets || number_at(octets, 4) != 1) return std::nullopt;
  std::string name;
  std::size_t at = header_octets;
  for (; at < octets.size() && octets[at] != 0; at += 1U + octets[at]) {
    if (octets.size() - at <= octets[at]) return std::nullopt;
    if (!name.empty()) name += '.';
    for (std::size_t i = 1; i <= octets[at]; ++i) name += static_cast<char>(octets[at + i]);
  }
  if (octets.size() < at + 5) return std::nullopt;
  const std::size_t end = at + 5;  // of the question; an OPT record follows with the root's name
  const bool has_edns = octets.size() >= end + 3 && octets[end] == 0 && number_at(octets, end + 1) == type_opt;
  return DnsQuery{static_cast<std::uint16_t>(number_at(octets, 0)),
                  dns::ask_for(name, static_cast<dns::Type>(number_at(octets, at + 1))), has_edns};
}

}  // namespace test
