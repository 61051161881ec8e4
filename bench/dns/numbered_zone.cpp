#include "bench/dns/numbered_zone.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace bench {
namespace {

constexpr std::string_view numbered_label = "n0000000";
constexpr std::uint32_t negative_ttl = 300;

bool is_numbered(std::string_view label) {
  return label.size() == numbered_label.size() && label.front() == 'n' &&
         std::all_of(label.begin() + 1, label.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// The first such label of the name; empty: there is none.
std::string find_number(std::string_view name) {
  for (const std::string_view label : base::split(name, '.'))
    if (is_numbered(label)) return std::string(label);
  return {};
}

/// As both labels are equally long, this is right on the wire, too.
void replace_all(std::string& octets, std::string_view from, std::string_view to) {
  for (std::size_t at = octets.find(from); at != std::string::npos; at = octets.find(from, at + to.size()))
    octets.replace(at, from.size(), to);
}

}  // namespace

test::DnsServer::Handler answer_numbered(dns::Zone zone) {
  return [answer = test::DnsServer::from_zone(std::move(zone))](const test::DnsServer::Request& request) {
    test::DnsServer::Request general = request;
    const std::string number = find_number(request.question.name);
    if (!number.empty()) replace_all(general.question.name, number, numbered_label);
    test::DnsReply reply = answer(general);
    reply.message.has_edns = request.has_edns;
    for (auto& record : reply.message.answers) {
      if (number.empty()) break;
      replace_all(record.name, numbered_label, number);
      replace_all(record.data, numbered_label, number);
    }
    if (reply.message.answers.empty()) reply.message.authority = {test::soa_record("example", negative_ttl, negative_ttl)};
    return reply;
  };
}

}  // namespace bench
